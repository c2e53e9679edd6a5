/*
 * change_triggers.cpp -- finds, makes, widens and drops the triggers that record changes.
 */
#include "tracking/change_triggers.hpp"

#include "store_sql.hpp"
#include "tracking/change_log.hpp"
#include "tracking/recording.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <access/table.h>
#include <catalog/dependency.h>
#include <catalog/pg_class.h>
#include <catalog/pg_trigger.h>
#include <commands/trigger.h>
#include <nodes/parsenodes.h>
#include <nodes/value.h>
#include <storage/lmgr.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct TriggerKind {
  const char* name;
  int16 event;
};

constexpr TriggerKind kKinds[] = {{"sim_change_insert", TRIGGER_TYPE_INSERT},
                                  {"sim_change_delete", TRIGGER_TYPE_DELETE},
                                  {"sim_change_truncate", TRIGGER_TYPE_TRUNCATE},
                                  {"sim_change_update", TRIGGER_TYPE_UPDATE}};

SqlQuery list_dependents = {
    "WITH RECURSIVE reading AS ("
    " SELECT pg_catalog.unnest($1) AS relation"
    " UNION SELECT r.ev_class FROM reading AS b"
    " JOIN pg_catalog.pg_depend AS d"
    " ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.refobjid OPERATOR(pg_catalog.=) b.relation"
    " AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " JOIN pg_catalog.pg_rewrite AS r ON r.oid OPERATOR(pg_catalog.=) d.objid)"
    " SELECT c.oid FROM reading AS b"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) b.relation"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE n.nspname OPERATOR(pg_catalog.=) 'sim_bindings'"
    " AND c.relkind OPERATOR(pg_catalog.=) 'v' ORDER BY c.oid",
    false,
    1,
    {OIDARRAYOID}};

bool may_place(Oid table) {
  return pg_class_aclcheck(table, GetUserId(), ACL_TRIGGER) == ACLCHECK_OK;
}

void make_trigger(Oid table, const TriggerKind& kind, List* columns) {
  CreateTrigStmt* statement = makeNode(CreateTrigStmt);
  statement->replace = true;
  statement->trigname = pstrdup(kind.name);
  statement->funcname =
      list_make2(makeString(pstrdup("sim")), makeString(pstrdup("record_change")));
  statement->timing = TRIGGER_TYPE_AFTER;
  statement->events = kind.event;
  statement->columns = columns;
  CreateTrigger(statement, nullptr, table, InvalidOid, InvalidOid, InvalidOid, InvalidOid,
                InvalidOid, nullptr, false, false);
  CommandCounterIncrement();
  Relation relation = table_open(table, NoLock);
  enable_trigger_always(relation, kind.name, ShareRowExclusiveLock);
  table_close(relation, NoLock);
  CommandCounterIncrement();
}

/* Who has read a parent knows nothing of a child that came later. */
void record_made(Oid table) {
  record_change(table, "CREATE TRIGGER");
  ListCell* cell;
  foreach (cell, parent_tables(table)) {
    record_change(lfirst_oid(cell), "CREATE TRIGGER");
  }
}

void make_triggers(Oid table, const Recording& recording, const Updates& wanted) {
  List* columns = list_union(own_columns(table, wanted.columns), recording.updates.columns);
  const bool whole = wanted.whole || recording.updates.whole;
  for (const TriggerKind& kind : kKinds) {
    if (kind.event != TRIGGER_TYPE_UPDATE) {
      make_trigger(table, kind, NIL);
    } else if (whole || columns != NIL) {
      make_trigger(table, kind, whole ? NIL : columns);
    }
  }
  record_made(table);
}

/* The lock comes before the look that counts: who else is making triggers of the table is waited
 * for. */
void widen_triggers(Oid table, const Updates& wanted) {
  if (is_enough(table, read_recording(table), wanted) || !may_place(table)) {
    return;
  }
  LockRelationOid(table, ShareRowExclusiveLock);
  const Recording recording = read_recording(table);
  if (!is_enough(table, recording, wanted)) {
    make_triggers(table, recording, wanted);
  }
}

void drop_trigger(Oid table, const TriggerKind& kind) {
  const Oid trigger = get_trigger_oid(table, kind.name, true);
  if (OidIsValid(trigger)) {
    const ObjectAddress address = {TriggerRelationId, trigger, 0};
    performDeletion(&address, DROP_RESTRICT, 0);
    record_change(table, "DROP TRIGGER");
  }
}

void drop_triggers(Oid table) {
  for (const TriggerKind& kind : kKinds) {
    drop_trigger(table, kind);
  }
}

/* Adds what a binding reads of the tables. False when it does not need their triggers. */
bool add_wanted(Oid view, List* tables, Updates* wanted) {
  const ViewSources sources = find_sources(view);
  bool needs = false;
  ListCell* cell;
  foreach (cell, sources.hidden == nullptr ? sources.tables : NIL) {
    const auto* source = static_cast<SourceTable*>(lfirst(cell));
    if (list_member_oid(tables, source->relation)) {
      const Updates updates = want(*source, related_tables(source->relation));
      wanted->whole = wanted->whole || updates.whole;
      wanted->columns = list_union(wanted->columns, updates.columns);
      needs = true;
    }
  }
  return needs;
}

/* Leaves the triggers that the bindings need, which are no more than there are. */
void narrow_triggers(Oid table) {
  List* related = related_tables(table);
  Updates wanted = {false, NIL};
  bool needed = false;
  ListCell* cell;
  foreach (cell, dependent_bindings(related)) {
    needed = add_wanted(lfirst_oid(cell), related, &wanted) || needed;
  }
  const TriggerKind& updating = kKinds[3];
  const Updates made = read_recording(table).updates;
  List* columns = own_columns(table, wanted.columns);
  if (!needed) {
    drop_triggers(table);
  } else if (!wanted.whole && columns == NIL) {
    drop_trigger(table, updating);
  } else if (!wanted.whole && (made.whole || list_difference(made.columns, columns) != NIL)) {
    make_trigger(table, updating, columns);
    record_change(table, "CREATE TRIGGER");
  }
}

}  // namespace

void place_triggers(const SourceTable& source) {
  List* tables = related_tables(source.relation);
  const Updates wanted = want(source, tables);
  ListCell* cell;
  foreach (cell, tables) {
    widen_triggers(lfirst_oid(cell), wanted);
  }
}

void place_source_triggers(const ViewSources& sources) {
  ListCell* cell;
  foreach (cell, sources.hidden == nullptr ? sources.tables : NIL) {
    place_triggers(*static_cast<SourceTable*>(lfirst(cell)));
  }
}

void spread_triggers(Oid changed) {
  int disabled = 0;
  SourceTable all = {changed, false, false, NIL};
  bool found = false;
  ListCell* cell;
  foreach (cell, related_tables(changed)) {
    const Recording recording = read_recording(lfirst_oid(cell));
    found = found || recording.found > 0;
    disabled += recording.disabled;
    all.whole = all.whole || recording.updates.whole || recording.asleep.whole;
    all.columns = list_union(all.columns, recording.updates.columns);
    all.columns = list_union(all.columns, recording.asleep.columns);
  }
  if (found && disabled == 0) {
    place_triggers(all);
  }
}

void widen_updates(Oid changed) {
  bool rows_change = false;
  bool by_columns = false;
  ListCell* cell;
  foreach (cell, related_tables(changed)) {
    const Recording recording = read_recording(lfirst_oid(cell));
    rows_change = rows_change || recording.rows_change;
    by_columns = by_columns || recording.updates.columns != NIL;
  }
  if (rows_change && by_columns) {
    spread_triggers(changed);
  }
}

void remove_idle_triggers(Oid table) {
  ListCell* cell;
  foreach (cell, related_tables(table)) {
    const Oid member = lfirst_oid(cell);
    if (read_recording(member).found > 0 && owns_relation(member)) {
      LockRelationOid(member, AccessExclusiveLock);
      narrow_triggers(member);
    }
  }
}

List* binding_tables(Oid view) {
  Relation relation = try_relation_open(view, AccessShareLock);
  if (relation == nullptr) {
    return NIL;
  }
  const bool is_view = relation->rd_rel->relkind == RELKIND_VIEW;
  relation_close(relation, NoLock);
  List* tables = NIL;
  const ViewSources sources = is_view ? find_sources(view) : ViewSources{};
  ListCell* cell;
  foreach (cell, sources.tables) {
    tables = lappend_oid(tables, static_cast<SourceTable*>(lfirst(cell))->relation);
  }
  return tables;
}

void release_tables(List* tables) {
  CommandCounterIncrement();
  ListCell* cell;
  foreach (cell, tables) {
    remove_idle_triggers(lfirst_oid(cell));
  }
}

List* dependent_bindings(List* tables) {
  const int count = list_length(tables);
  Datum* values = static_cast<Datum*>(palloc(sizeof(Datum) * count));
  for (int i = 0; i < count; i++) {
    values[i] = ObjectIdGetDatum(list_nth_oid(tables, i));
  }
  ArrayType* array = construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT);
  PushActiveSnapshot(GetLatestSnapshot());
  MemoryContext caller = open_sql();
  const Datum arguments[] = {PointerGetDatum(array)};
  const uint64 found = run_sql(list_dependents, arguments);
  List* views = NIL;
  for (uint64 i = 0; i < found; i++) {
    MemoryContext before = MemoryContextSwitchTo(caller);
    views = lappend_oid(views, sql_oid(i, 1));
    MemoryContextSwitchTo(before);
  }
  close_sql();
  PopActiveSnapshot();
  return views;
}

}  // namespace simpg
