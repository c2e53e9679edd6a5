/*
 * change_log.cpp -- adds rows to sim.stored_changes and looks for new ones.
 */
#include "tracking/change_log.hpp"

#include <algorithm>

#include "store_relation.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/table.h>
#include <access/transam.h>
#include <catalog/indexing.h>
#include <utils/fmgroids.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
#include <utils/timestamp.h>
#include <utils/xid8.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr int kRelationColumn = 1;
constexpr int kTransactionColumn = 2;
constexpr int kColumns = 5;

/* What this transaction has recorded.  More relations than fit are recorded at every statement. */
constexpr int kMostRemembered = 64;

struct Recorded {
  Oid relation;
  SubTransactionId subtransaction;  // one that is running: it goes when this is rolled back
};

struct {
  LocalTransactionId transaction;
  int count;
  Recorded rows[kMostRemembered];
} recorded = {};

/* What a subtransaction has recorded is its parent's when it ends well, and else is gone. */
void end_subtransaction(SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
                        void*) {
  if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB) {
    return;
  }
  int kept = 0;
  for (int i = 0; i < recorded.count; i++) {
    Recorded row = recorded.rows[i];
    const bool of_ended = row.subtransaction == ended;
    if (of_ended && event == SUBXACT_EVENT_ABORT_SUB) {
      continue;
    }
    row.subtransaction = of_ended ? parent : row.subtransaction;
    recorded.rows[kept++] = row;
  }
  recorded.count = kept;
}

void follow_subtransactions() {
  static bool following = false;
  if (!following) {
    RegisterSubXactCallback(end_subtransaction, nullptr);
    following = true;
  }
}

/* What is remembered is of running subtransactions, and so commits whenever the current one does.
 */
bool is_recorded(Oid relation) {
  follow_subtransactions();
  if (recorded.transaction != local_transaction()) {
    recorded.transaction = local_transaction();
    recorded.count = 0;
  }
  return std::any_of(recorded.rows, recorded.rows + recorded.count,
                     [relation](const Recorded& row) { return row.relation == relation; });
}

void remember(Oid relation) {
  if (recorded.count < kMostRemembered) {
    recorded.rows[recorded.count++] = {relation, GetCurrentSubTransactionId()};
  }
}

Relation open_log(LOCKMODE lock) { return table_open(own_relation("stored_changes"), lock); }

void add_row(Oid relation, const char* command) {
  Relation log = open_log(RowExclusiveLock);
  Datum values[kColumns] = {ObjectIdGetDatum(relation),
                            FullTransactionIdGetDatum(GetTopFullTransactionId()),
                            TimestampTzGetDatum(GetCurrentTimestamp()),
                            ObjectIdGetDatum(GetSessionUserId()), CStringGetTextDatum(command)};
  bool nulls[kColumns] = {};
  HeapTuple row = heap_form_tuple(RelationGetDescr(log), values, nulls);
  CatalogTupleInsert(log, row);
  heap_freetuple(row);
  table_close(log, NoLock);
}

bool relation_has_changed(Relation log, Oid index, const SeenTransactions& then, Oid relation) {
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], kRelationColumn, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  ScanKeyInit(&keys[1], kTransactionColumn, BTGreaterEqualStrategyNumber, F_XID8GE,
              UInt64GetDatum(then.xmin));
  SysScanDesc scan = systable_beginscan(log, index, true, GetActiveSnapshot(), 2, keys);
  bool changed = false;
  HeapTuple row;
  while (!changed && HeapTupleIsValid(row = systable_getnext(scan))) {
    bool is_null;
    const Datum transaction =
        heap_getattr(row, kTransactionColumn, RelationGetDescr(log), &is_null);
    changed = !has_seen(then, DatumGetUInt64(transaction));
  }
  systable_endscan(scan);
  return changed;
}

}  // namespace

void record_change(Oid relation, const char* command) {
  if (!is_recorded(relation)) {
    add_row(relation, command);
    remember(relation);
  }
}

bool has_changed(const SeenTransactions& then, const Oid* relations, int count) {
  Relation log = open_log(AccessShareLock);
  const Oid index = own_relation("stored_changes_by_relation");
  bool changed = relation_has_changed(log, index, then, kDefinitions);
  for (int i = 0; i < count && !changed; i++) {
    changed = relation_has_changed(log, index, then, relations[i]);
  }
  table_close(log, AccessShareLock);
  return changed;
}

}  // namespace simpg
