/*
 * changed_relations.cpp -- asks the server what a command was about, and records what of it
 * matters.
 *
 * A server has much to do with definitions that no binding reads: temporary tables, loaders that
 * drop and make tables, other extensions' views.  What was read under a binding must outlast these.
 */
#include "tracking/changed_relations.hpp"

#include "store_sql.hpp"
#include "tracking/change_log.hpp"

SIM_SERVER_BEGIN
#include <catalog/namespace.h>
#include <nodes/parsenodes.h>
#include <tcop/cmdtag.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Of triggers, policies and rules the relation that they belong to.  A function or operator counts
 * where a view may use it, by itself or through others; a temporary table where it has a parent, of
 * which this session reads its rows as well. */
SqlQuery list_objects = {
    "SELECT DISTINCT"
    " COALESCE("
    "CASE WHEN c.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " THEN c.objid END,"
    " (SELECT t.tgrelid FROM pg_catalog.pg_trigger AS t"
    " WHERE c.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_trigger'::pg_catalog.regclass"
    " AND t.oid OPERATOR(pg_catalog.=) c.objid),"
    " (SELECT p.polrelid FROM pg_catalog.pg_policy AS p"
    " WHERE c.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_policy'::pg_catalog.regclass"
    " AND p.oid OPERATOR(pg_catalog.=) c.objid),"
    " (SELECT r.ev_class FROM pg_catalog.pg_rewrite AS r"
    " WHERE c.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " AND r.oid OPERATOR(pg_catalog.=) c.objid),"
    " 0::pg_catalog.oid),"
    " c.objid IS NOT NULL AND ("
    "COALESCE(c.schema_name OPERATOR(pg_catalog.=) 'pg_temp', false) AND NOT EXISTS ("
    "SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid OPERATOR(pg_catalog.=) c.objid)"
    " OR c.classid OPERATOR(pg_catalog.=) ANY ('{pg_catalog.pg_proc,pg_catalog.pg_operator,"
    "pg_catalog.pg_cast}'::pg_catalog.regclass[]) AND NOT EXISTS ("
    "SELECT FROM pg_catalog.pg_depend AS d"
    " WHERE d.refclassid OPERATOR(pg_catalog.=) c.classid"
    " AND d.refobjid OPERATOR(pg_catalog.=) c.objid"
    " AND d.classid OPERATOR(pg_catalog.<>) ALL ('{pg_catalog.pg_trigger,pg_catalog.pg_attrdef,"
    "pg_catalog.pg_constraint,pg_catalog.pg_event_trigger}'::pg_catalog.regclass[])))"
    " FROM pg_catalog.pg_event_trigger_ddl_commands() AS c",
    false,
    0,
    {}};

/* Every table that a tracked binding reads has change triggers; views and materialized views count
 * where views read them.  What is done to a parent may be done to its children, and brings a
 * child's rows into its parents. */
SqlQuery list_followed = {
    "WITH RECURSIVE above AS ("
    " SELECT pg_catalog.unnest($1) AS relation"
    " UNION SELECT i.inhparent FROM above AS a"
    " JOIN pg_catalog.pg_inherits AS i ON i.inhrelid OPERATOR(pg_catalog.=) a.relation),"
    " below AS ("
    " SELECT pg_catalog.unnest($1) AS relation"
    " UNION SELECT i.inhrelid FROM below AS b"
    " JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) b.relation)"
    " SELECT c.oid FROM (SELECT a.relation FROM above AS a UNION SELECT b.relation FROM below AS b)"
    " AS f"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) f.relation"
    " WHERE EXISTS ("
    "SELECT FROM pg_catalog.pg_trigger AS t"
    " WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid"
    " AND t.tgfoid OPERATOR(pg_catalog.=) 'sim.record_change'::pg_catalog.regproc)"
    " OR c.relkind OPERATOR(pg_catalog.=) ANY ('{v,m}') AND ("
    "c.relnamespace OPERATOR(pg_catalog.=) 'sim_bindings'::pg_catalog.regnamespace"
    " OR EXISTS ("
    "SELECT FROM pg_catalog.pg_depend AS d"
    " JOIN pg_catalog.pg_rewrite AS r ON r.oid OPERATOR(pg_catalog.=) d.objid"
    " WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.refobjid OPERATOR(pg_catalog.=) c.oid"
    " AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " AND r.ev_class OPERATOR(pg_catalog.<>) c.oid))",
    false,
    1,
    {OIDARRAYOID}};

/* Tables that had change triggers, or that have lost them, and views of bindings: with any other
 * relation that a binding reads the binding's view is dropped. */
SqlQuery list_dropped = {
    "SELECT DISTINCT COALESCE("
    "(SELECT t.objid FROM pg_catalog.pg_event_trigger_dropped_objects() AS t"
    " WHERE t.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND t.objsubid OPERATOR(pg_catalog.=) 0"
    " AND t.address_names OPERATOR(pg_catalog.=) o.address_names[1:2]),"
    " pg_catalog.to_regclass(pg_catalog.format('%I.%I', o.address_names[1], o.address_names[2]))"
    "::pg_catalog.oid)"
    " FROM pg_catalog.pg_event_trigger_dropped_objects() AS o"
    " WHERE o.object_type OPERATOR(pg_catalog.=) 'trigger'"
    " AND o.address_names[3] OPERATOR(pg_catalog.~~) 'sim\\_change\\_%'"
    " UNION SELECT v.objid FROM pg_catalog.pg_event_trigger_dropped_objects() AS v"
    " WHERE v.object_type OPERATOR(pg_catalog.=) 'view'"
    " AND v.schema_name OPERATOR(pg_catalog.=) 'sim_bindings'",
    false,
    0,
    {}};

/* Of more the log tells no more than that definitions have changed. */
constexpr int kMostRecorded = 256;

struct Changed {
  bool unknown;  // not all of it can be told
  List* relations;
};

/* The oids that the query gives, valid ones. */
List* read_oids(SqlQuery& query, const Datum* arguments) {
  MemoryContext caller = open_sql();
  const uint64 count = run_sql(query, arguments);
  List* oids = NIL;
  for (uint64 i = 0; i < count; i++) {
    bool is_null;
    const Oid oid = DatumGetObjectId(sql_value(i, 1, &is_null));
    MemoryContext before = MemoryContextSwitchTo(caller);
    oids = is_null ? oids : lappend_oid(oids, oid);
    MemoryContextSwitchTo(before);
  }
  close_sql();
  return oids;
}

/* False when the server tells nothing. */
bool read_objects(Changed* changed) {
  MemoryContext caller = open_sql();
  const uint64 count = run_sql(list_objects, nullptr);
  for (uint64 i = 0; i < count; i++) {
    const Oid relation = sql_oid(i, 1);
    const bool matters = !sql_boolean(i, 2);
    MemoryContext before = MemoryContextSwitchTo(caller);
    changed->relations = matters && OidIsValid(relation) ? lappend_oid(changed->relations, relation)
                                                         : changed->relations;
    MemoryContextSwitchTo(before);
    changed->unknown = changed->unknown || (matters && !OidIsValid(relation));
  }
  close_sql();
  return count > 0;
}

void add_named(const RangeVar* name, Changed* changed) {
  const Oid relation = RangeVarGetRelid(name, NoLock, true);
  changed->unknown = changed->unknown || !OidIsValid(relation);
  changed->relations = lappend_oid(changed->relations, relation);
}

/* REFRESH MATERIALIZED VIEW CONCURRENTLY alters a temporary table, of which the server tells
 * nothing. */
Changed read_altered(const Node* command) {
  Changed changed = {false, NIL};
  if (read_objects(&changed)) {
    return changed;
  }
  if (IsA(command, AlterTableStmt)) {
    add_named(reinterpret_cast<const AlterTableStmt*>(command)->relation, &changed);
  } else {
    changed.unknown = true;
  }
  return changed;
}

/* The server does not tell what rights were given for. */
Changed read_granted(const GrantStmt* grant) {
  Changed changed = {grant->targtype != ACL_TARGET_OBJECT || grant->objtype != OBJECT_TABLE, NIL};
  ListCell* cell;
  foreach (cell, changed.unknown ? NIL : grant->objects) {
    add_named(lfirst_node(RangeVar, cell), &changed);
  }
  return changed;
}

List* followed_by_bindings(List* relations) {
  const int count = list_length(relations);
  Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; i++) {
    values[i] = ObjectIdGetDatum(list_nth_oid(relations, i));
  }
  const Datum arguments[] = {
      PointerGetDatum(construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT))};
  return count == 0 ? NIL : read_oids(list_followed, arguments);
}

void record(const Changed& changed, CommandTag tag) {
  const char* command = GetCommandTagName(tag);
  if (changed.unknown || list_length(changed.relations) > kMostRecorded) {
    record_change(kDefinitions, command);
    return;
  }
  ListCell* cell;
  foreach (cell, changed.relations) {
    record_change(lfirst_oid(cell), command);
  }
}

}  // namespace

void record_altered(const EventTriggerData* data) {
  Changed changed = IsA(data->parsetree, GrantStmt)
                        ? read_granted(reinterpret_cast<const GrantStmt*>(data->parsetree))
                        : read_altered(data->parsetree);
  changed.relations = followed_by_bindings(changed.relations);
  record(changed, data->tag);
}

void record_dropped(const EventTriggerData* data) {
  record({data->tag == CMDTAG_DROP_OWNED, read_oids(list_dropped, nullptr)}, data->tag);
}

}  // namespace simpg
