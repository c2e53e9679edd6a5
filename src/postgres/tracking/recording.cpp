/*
 * recording.cpp -- reads what the triggers of a table record, and finds what is missing.
 */
#include "tracking/recording.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/table.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_trigger.h>
#include <commands/trigger.h>
#include <nodes/value.h>
#include <parser/parse_func.h>
#include <storage/lmgr.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/reltrigger.h>
SIM_SERVER_END

namespace simpg {

namespace {

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

}  // namespace

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

List* parent_tables(Oid table) {
  List* parents = NIL;
  add_parents(table, &parents);
  for (int i = 0; i < list_length(parents); i++) {
    add_parents(list_nth_oid(parents, i), &parents);
  }
  return parents;
}

List* related_tables(Oid table) {
  LockRelationOid(table, AccessShareLock);
  List* parents = parent_tables(table);
  return list_concat(find_all_inheritors(table, AccessShareLock, nullptr), parents);
}

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

Updates want(const SourceTable& source, List* tables) {
  Updates wanted = {source.whole || source.placed || get_rel_relispartition(source.relation),
                    source.columns};
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

}  // namespace simpg
