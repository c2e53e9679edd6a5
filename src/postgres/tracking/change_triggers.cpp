/*
 * change_triggers.cpp -- finds, makes, widens and drops the triggers that record changes.
 */
#include "tracking/change_triggers.hpp"

#include "store_sql.hpp"
#include "tracking/change_log.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/relation.h>
#include <access/table.h>
#include <catalog/dependency.h>
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_trigger.h>
#include <commands/trigger.h>
#include <nodes/parsenodes.h>
#include <nodes/value.h>
#include <parser/parse_func.h>
#include <storage/lmgr.h>
#include <utils/acl.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/reltrigger.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Updates of some columns, String nodes, or of all. */
struct Updates {
  bool whole;
  List* columns;
};

/* What is recorded of a table: all its triggers together. */
struct Recording {
  bool needed;       // the table is one that can have triggers
  bool rows_change;  // other triggers may change rows before they are stored
  bool inserts;
  bool deletes;
  bool truncates;
  Updates updates;
  Updates asleep;  // of those that do not fire always
  int found;       // triggers, whether they fire or not
  int disabled;
};

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

Oid record_function() {
  List* name = list_make2(makeString(pstrdup("sim")), makeString(pstrdup("record_change")));
  return LookupFuncName(name, 0, nullptr, false);
}

void add_parents(Oid table, List** parents) {
  Relation catalog = table_open(InheritsRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(table));
  SysScanDesc scan = systable_beginscan(catalog, InheritsRelidSeqnoIndexId, true, nullptr, 1, &key);
  HeapTuple row;
  while (HeapTupleIsValid(row = systable_getnext(scan))) {
    const Oid parent = reinterpret_cast<Form_pg_inherits>(GETSTRUCT(row))->inhparent;
    LockRelationOid(parent, AccessShareLock);
    *parents = list_append_unique_oid(*parents, parent);
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

/* Materialized views change by REFRESH alone. */
bool takes_triggers(Relation table) {
  return table->rd_rel->relkind == RELKIND_RELATION ||
         table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
}

void add_columns(Oid table, const Trigger& trigger, Updates* updates) {
  for (int i = 0; i < trigger.tgnattr; i++) {
    char* name = get_attname(table, trigger.tgattr[i], false);
    updates->columns = list_append_unique(updates->columns, makeString(name));
  }
  updates->whole = updates->whole || trigger.tgnattr == 0;
}

/* One of ours is known by its function; with a condition or for rows it is not one of ours. */
void add_trigger(Oid table, const Trigger& trigger, Oid function, Recording* recording) {
  if (trigger.tgfoid != function || trigger.tgqual != nullptr || TRIGGER_FOR_ROW(trigger.tgtype) ||
      !TRIGGER_FOR_AFTER(trigger.tgtype)) {
    return;
  }
  const bool fires = trigger.tgenabled == TRIGGER_FIRES_ALWAYS;
  recording->found++;
  recording->disabled += trigger.tgenabled == TRIGGER_DISABLED ? 1 : 0;
  if (TRIGGER_FOR_UPDATE(trigger.tgtype)) {
    add_columns(table, trigger, fires ? &recording->updates : &recording->asleep);
  }
  recording->inserts = recording->inserts || (fires && TRIGGER_FOR_INSERT(trigger.tgtype));
  recording->deletes = recording->deletes || (fires && TRIGGER_FOR_DELETE(trigger.tgtype));
  recording->truncates = recording->truncates || (fires && TRIGGER_FOR_TRUNCATE(trigger.tgtype));
}

Recording read_recording(Oid table) {
  Relation relation = table_open(table, NoLock);
  const TriggerDesc* triggers = relation->trigdesc;
  Recording recording = {};
  recording.needed = takes_triggers(relation);
  if (triggers != nullptr) {
    const Oid function = record_function();
    recording.rows_change = triggers->trig_update_before_row;
    for (int i = 0; i < triggers->numtriggers; i++) {
      add_trigger(table, triggers->triggers[i], function, &recording);
    }
  }
  table_close(relation, NoLock);
  return recording;
}

/* The columns that the table has; a parent may lack those that a child has added. */
List* own_columns(Oid table, List* columns) {
  List* own = NIL;
  ListCell* cell;
  foreach (cell, columns) {
    if (get_attnum(table, strVal(lfirst(cell))) != InvalidAttrNumber) {
      own = lappend(own, lfirst(cell));
    }
  }
  return own;
}

/* An update of any column may move a row to another partition.  A trigger before the row may change
 * columns that the statement does not name, be it a row of a child. */
Updates want(const SourceTable& source, List* tables) {
  Updates wanted = {source.whole || get_rel_relispartition(source.relation), source.columns};
  ListCell* cell;
  foreach (cell, tables) {
    const bool rows_change = read_recording(lfirst_oid(cell)).rows_change;
    wanted.whole = wanted.whole || (rows_change && source.columns != NIL);
  }
  return wanted;
}

bool is_enough(Oid table, const Recording& recording, const Updates& wanted) {
  return !recording.needed ||
         (recording.inserts && recording.deletes && recording.truncates &&
          (recording.updates.whole ||
           (!wanted.whole && list_difference(own_columns(table, wanted.columns),
                                             recording.updates.columns) == NIL)));
}

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
  record_change(table, "CREATE TRIGGER");
  record_change(kDefinitions, "CREATE TRIGGER");
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
    record_change(kDefinitions, "DROP TRIGGER");
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
    record_change(kDefinitions, "CREATE TRIGGER");
  }
}

}  // namespace

List* related_tables(Oid table) {
  LockRelationOid(table, AccessShareLock);
  List* parents = NIL;
  add_parents(table, &parents);
  for (int i = 0; i < list_length(parents); i++) {
    add_parents(list_nth_oid(parents, i), &parents);
  }
  return list_concat(find_all_inheritors(table, AccessShareLock, nullptr), parents);
}

const char* find_missing_trigger(const SourceTable& source) {
  List* tables = related_tables(source.relation);
  const Updates wanted = want(source, tables);
  ListCell* cell;
  foreach (cell, tables) {
    const Oid table = lfirst_oid(cell);
    const Recording recording = read_recording(table);
    if (recording.disabled > 0) {
      return psprintf("change triggers of %s are disabled", get_rel_name(table));
    }
    if (!is_enough(table, recording, wanted)) {
      return psprintf("%s has no change triggers", get_rel_name(table));
    }
  }
  return nullptr;
}

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
  SourceTable all = {changed, false, NIL};
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
