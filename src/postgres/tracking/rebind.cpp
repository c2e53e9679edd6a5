/*
 * rebind.cpp -- makes bindings again whose tables are back, or are others of the name.
 *
 * Whoever makes a table need not see the bindings that read it, so their rows are read and changed
 * here without asking for rights.  A view is made as the owner of the binding, in a
 * security-restricted operation: nothing of its query gets the rights of who made the table.
 * Whoever owns a view, or the policies of a table, lets code of his run when it is read: so a table
 * of the name counts only when it belongs to the owner of the one before, or to somebody whom the
 * binding's owner trusts anyway: a superuser trusts not everybody because he may do everything.
 */
#include "tracking/rebind.hpp"

#include <cstring>

#include "as_owner.hpp"
#include "fn_binding_view.hpp"
#include "results/refresh_queue.hpp"
#include "store_binding.hpp"
#include "store_relation.hpp"
#include "subtransaction.hpp"
#include "tracking/binding_state.hpp"
#include "tracking/change_log.hpp"
#include "tracking/change_triggers.hpp"
#include "tracking/held_relations.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/heapam.h>
#include <access/table.h>
#include <access/tableam.h>
#include <catalog/indexing.h>
#include <utils/acl.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* A row of sim.stored_bindings that is to be made again. */
struct StoredRow {
  HeapTuple tuple;
  const char* name;
  const char* query;  // qualified
  Oid view;
  Oid owner;
  ArrayType* sources;
  ArrayType* source_owners;
};

Datum column_of(Relation table, HeapTuple row, const char* column) {
  bool is_null;
  return heap_getattr(row, get_attnum(RelationGetRelid(table), column), RelationGetDescr(table),
                      &is_null);
}

StoredRow* read_row(Relation table, HeapTuple tuple) {
  auto* row = static_cast<StoredRow*>(palloc(sizeof(StoredRow)));
  row->tuple = heap_copytuple(tuple);
  row->name = TextDatumGetCString(column_of(table, row->tuple, "name"));
  row->query = TextDatumGetCString(column_of(table, row->tuple, "qualified_query"));
  row->view = DatumGetObjectId(column_of(table, row->tuple, "view"));
  row->owner = DatumGetObjectId(column_of(table, row->tuple, "owner"));
  row->sources = DatumGetArrayTypePCopy(column_of(table, row->tuple, "sources"));
  row->source_owners = DatumGetArrayTypePCopy(column_of(table, row->tuple, "source_owners"));
  return row;
}

List* read_rows(Relation table) {
  List* rows = NIL;
  TupleTableSlot* slot = table_slot_create(table, nullptr);
  Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  TableScanDesc scan = table_beginscan(table, snapshot, 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    bool should_free;
    rows = lappend(rows, read_row(table, ExecFetchSlotHeapTuple(slot, false, &should_free)));
  }
  table_endscan(scan);
  UnregisterSnapshot(snapshot);
  ExecDropSingleTupleTableSlot(slot);
  return rows;
}

/* What the query of a binding names, now. */
struct Names {
  bool listed;          // one of them is among those asked for
  bool complete;        // all are there
  const char* foreign;  // one that belongs to a role that is not trusted; null: none
};

bool is_listed(const char* name, List* listed) {
  ListCell* cell;
  foreach (cell, listed) {
    if (strcmp(static_cast<const char*>(lfirst(cell)), name) == 0) {
      return true;
    }
  }
  return listed == NIL;
}

Names look_at_names(const StoredRow& row, List* listed) {
  Datum* names;
  Datum* owners;
  int count;
  int owner_count;
  deconstruct_array(row.sources, TEXTOID, -1, false, TYPALIGN_INT, &names, nullptr, &count);
  deconstruct_array(row.source_owners, REGROLEOID, sizeof(Oid), true, TYPALIGN_INT, &owners,
                    nullptr, &owner_count);
  Names found = {false, count == owner_count, nullptr};
  for (int i = 0; i < count && found.complete; i++) {
    const char* name = TextDatumGetCString(names[i]);
    const Oid relation = find_relation(name);
    found.listed = found.listed || is_listed(name, listed);
    found.complete = OidIsValid(relation);
    if (found.complete &&
        !is_trusted(row.owner, owner_of_relation(relation), DatumGetObjectId(owners[i]))) {
      found.foreign = name;
    }
  }
  return found;
}

/* Whether its query names one of them: whatever it reads may be another table now. */
bool is_named(const StoredRow& row, List* names) {
  Datum* sources;
  int count;
  deconstruct_array(row.sources, TEXTOID, -1, false, TYPALIGN_INT, &sources, nullptr, &count);
  bool named = false;
  for (int i = 0; i < count && names != NIL; i++) {
    named = named || is_listed(TextDatumGetCString(sources[i]), names);
  }
  return named;
}

/* Whether to make it; warns where only an owner stands in the way. */
bool is_candidate(const StoredRow& row, List* names) {
  const Names found = look_at_names(row, names);
  if (!found.listed || !found.complete ||
      report_state(row.view, row.sources).state != BindingState::broken) {
    return false;
  }
  if (found.foreign != nullptr) {
    ereport(WARNING, (errmsg("the binding of \"%s\" stays broken", row.name),
                      errdetail("%s belongs to another role than before.", found.foreign),
                      errhint("Who trusts this role binds to it with sim.rebind.")));
  }
  return found.foreign == nullptr;
}

const char* model_name(int32 model) {
  Relation table = table_open(own_relation("stored_models"), AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, get_attnum(RelationGetRelid(table), "model_id"), BTEqualStrategyNumber,
              F_INT4EQ, Int32GetDatum(model));
  SysScanDesc scan = systable_beginscan(table, own_relation("stored_models_pkey"), true,
                                        GetActiveSnapshot(), 1, &key);
  HeapTuple row = systable_getnext(scan);
  const char* name =
      HeapTupleIsValid(row) ? TextDatumGetCString(column_of(table, row, "name")) : "";
  systable_endscan(scan);
  table_close(table, AccessShareLock);
  return name;
}

/* Its view, made again. */
struct Rebinding {
  Relation table;
  const StoredRow* row;
  Oid view;
};

void make_view(void* argument) {
  auto* work = static_cast<Rebinding*>(argument);
  const StoredRow& row = *work->row;
  const int32 model = DatumGetInt32(column_of(work->table, row.tuple, "model_id"));
  work->view = make_binding_view(model_name(model), row.name, row.query).view;
}

void replace_view(void* argument) {
  const auto* work = static_cast<Rebinding*>(argument);
  replace_binding_view(work->view, work->row->name, work->row->query);
}

void run_as(Oid owner, void (*function)(void*), void* argument) {
  const OwnerOperation operation = begin_as_owner(owner);
  function(argument);
  end_as_owner(operation);
}

void replace_as_owner(void* argument) {
  run_as(static_cast<Rebinding*>(argument)->row->owner, replace_view, argument);
}

void store_view(Relation table, const StoredRow& row, Oid view) {
  const int columns = RelationGetDescr(table)->natts;
  Datum* values = static_cast<Datum*>(palloc0(sizeof(Datum) * columns));
  bool* nulls = static_cast<bool*>(palloc0(sizeof(bool) * columns));
  bool* replaced = static_cast<bool*>(palloc0(sizeof(bool) * columns));
  const int place = get_attnum(RelationGetRelid(table), "view") - 1;
  values[place] = ObjectIdGetDatum(view);
  replaced[place] = true;
  HeapTuple changed =
      heap_modify_tuple(row.tuple, RelationGetDescr(table), values, nulls, replaced);
  CatalogTupleUpdate(table, &row.tuple->t_self, changed);
  CommandCounterIncrement();
}

/* A view that stays the same to its readers is better than another one. */
void rebind(void* argument) {
  auto* work = static_cast<Rebinding*>(argument);
  const StoredRow& row = *work->row;
  List* tables = binding_tables(row.view);
  work->view = row.view;
  if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(row.view)) ||
      run_contained({replace_as_owner, work}) != nullptr) {
    drop_binding_view(row.view);
    CommandCounterIncrement();
    run_as(row.owner, make_view, work);
    store_view(work->table, row, work->view);
  }
  record_change(work->view, "CREATE VIEW");
  place_source_triggers(find_sources(work->view));
  release_tables(tables);
  queue_refreshes(own_relation("stored_models"),
                  DatumGetInt32(column_of(work->table, row.tuple, "model_id")));
}

HeapTuple find_row(Relation table, int32 model_id, const char* name, Snapshot snapshot) {
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], get_attnum(RelationGetRelid(table), "model_id"), BTEqualStrategyNumber,
              F_INT4EQ, Int32GetDatum(model_id));
  ScanKeyInit(&keys[1], get_attnum(RelationGetRelid(table), "name"), BTEqualStrategyNumber,
              F_TEXTEQ, CStringGetTextDatum(name));
  SysScanDesc scan =
      systable_beginscan(table, own_relation("stored_bindings_pkey"), true, snapshot, 2, keys);
  HeapTuple found = systable_getnext(scan);
  HeapTuple row = HeapTupleIsValid(found) ? heap_copytuple(found) : nullptr;
  systable_endscan(scan);
  return row;
}

/* Its view by the latest row, where that is of the same binding and not of a later one. */
Oid view_now(int32 model_id, const BindingRow& binding) {
  Relation table = table_open(own_relation("stored_bindings"), AccessShareLock);
  HeapTuple then = find_row(table, model_id, binding.name, GetActiveSnapshot());
  HeapTuple now = find_row(table, model_id, binding.name, nullptr);
  const bool same = then != nullptr && now != nullptr &&
                    column_of(table, then, "created_at") == column_of(table, now, "created_at");
  const Oid view = same ? DatumGetObjectId(column_of(table, now, "view")) : binding.view;
  table_close(table, AccessShareLock);
  return view;
}

/* While a lock is waited for, the name may come to be another table's. */
void hold_name(const char* name) {
  Oid relation;
  Oid held = InvalidOid;
  while (OidIsValid(relation = find_relation(name)) && relation != held) {
    hold_relations(&relation, 1);
    held = relation;
  }
}

void hold_names(ArrayType* names) {
  Datum* values;
  int count;
  deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &values, nullptr, &count);
  for (int i = 0; i < count; i++) {
    hold_name(TextDatumGetCString(values[i]));
  }
}

}  // namespace

void follow_binding(int32 model_id, BindingRow* binding) {
  Oid view = binding->view;
  do {
    binding->view = view;
    // Tables before the view: so does DROP TABLE ... CASCADE lock them.
    hold_names(binding->sources);
    hold_relations(&view, 1);
    if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(view))) {
      view = view_now(model_id, *binding);
    }
  } while (view != binding->view);
}

bool attempt(const char* what, void (*work)(void*), void* argument) {
  const char* problem = run_contained({work, argument});
  if (problem != nullptr) {
    ereport(WARNING, (errmsg("%s", what), errdetail("%s", problem),
                      errhint("View sim.bindings tells the state of bindings.")));
  }
  return problem == nullptr;
}

void rebind_broken(List* names) {
  Relation table = table_open(own_relation("stored_bindings"), RowExclusiveLock);
  ListCell* cell;
  foreach (cell, read_rows(table)) {
    const auto* row = static_cast<StoredRow*>(lfirst(cell));
    if (is_named(*row, names)) {
      record_change(row->view, "CREATE VIEW");
    }
    if (is_candidate(*row, names)) {
      Rebinding work = {table, row, InvalidOid};
      attempt(psprintf("the binding of \"%s\" stays broken", row->name), rebind, &work);
    }
  }
  table_close(table, NoLock);
}

}  // namespace simpg
