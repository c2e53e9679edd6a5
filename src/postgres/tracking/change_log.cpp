/*
 * change_log.cpp -- adds rows to sim.stored_changes and looks for new ones.
 */
#include "tracking/change_log.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

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
constexpr int kCommandColumn = 5;
constexpr int kColumns = 5;

/* What this transaction has recorded.  More relations than fit are recorded at every statement. */
constexpr int kMostRemembered = 64;

struct Recorded {
  Oid relation;
  bool of_rows;
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

/* What these change is seen or not by a snapshot.  Definitions follow no snapshots: a query takes
 * them as they are when it begins to read. */
bool is_of_rows(const char* command) {
  constexpr const char* kCommands[] = {"INSERT", "UPDATE", "DELETE", "TRUNCATE",
                                       "REFRESH MATERIALIZED VIEW"};
  return std::any_of(std::begin(kCommands), std::end(kCommands),
                     [command](const char* each) { return strcmp(each, command) == 0; });
}

/* What is remembered is of running subtransactions, and so commits whenever the current one does.
 */
bool is_recorded(Oid relation, bool of_rows) {
  if (recorded.transaction != local_transaction()) {
    recorded.transaction = local_transaction();
    recorded.count = 0;
  }
  return std::any_of(recorded.rows, recorded.rows + recorded.count,
                     [relation, of_rows](const Recorded& row) {
                       return row.relation == relation && row.of_rows == of_rows;
                     });
}

void remember(Oid relation, bool of_rows) {
  if (recorded.count < kMostRemembered) {
    recorded.rows[recorded.count++] = {relation, of_rows, GetCurrentSubTransactionId()};
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

/* The log as it is now, and who asks what has changed. */
struct Look {
  Relation log;
  Oid index;
  Snapshot latest;
  const SeenTransactions& then;
  const SeenTransactions& now;
};

bool is_change(const Look& look, HeapTuple row) {
  bool is_null;
  const TupleDesc columns = RelationGetDescr(look.log);
  const uint64 transaction =
      DatumGetUInt64(heap_getattr(row, kTransactionColumn, columns, &is_null));
  if (has_seen(look.then, transaction)) {
    return false;
  }
  const char* command = TextDatumGetCString(heap_getattr(row, kCommandColumn, columns, &is_null));
  return has_seen(look.now, transaction) || !is_of_rows(command);
}

bool relation_has_changed(const Look& look, Oid relation) {
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], kRelationColumn, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  ScanKeyInit(&keys[1], kTransactionColumn, BTGreaterEqualStrategyNumber, F_XID8GE,
              UInt64GetDatum(look.then.xmin));
  SysScanDesc scan = systable_beginscan(look.log, look.index, true, look.latest, 2, keys);
  bool changed = false;
  HeapTuple row;
  while (!changed && HeapTupleIsValid(row = systable_getnext(scan))) {
    changed = is_change(look, row);
  }
  systable_endscan(scan);
  return changed;
}

}  // namespace

void register_change_log() { RegisterSubXactCallback(end_subtransaction, nullptr); }

void record_change(Oid relation, const char* command) {
  const bool of_rows = is_of_rows(command);
  if (!is_recorded(relation, of_rows)) {
    add_row(relation, command);
    remember(relation, of_rows);
  }
}

bool changes_definitions(const Oid* relations, int count) {
  return is_recorded(kDefinitions, false) || recorded.count == kMostRemembered ||
         std::any_of(relations, relations + count,
                     [](Oid relation) { return is_recorded(relation, false); });
}

bool has_changed(const SeenTransactions& then, const SeenTransactions& now, const Oid* relations,
                 int count) {
  Relation log = open_log(AccessShareLock);
  Snapshot latest = RegisterSnapshot(GetCatalogSnapshot(RelationGetRelid(log)));
  const Look look = {log, own_relation("stored_changes_by_relation"), latest, then, now};
  const bool changed = relation_has_changed(look, kDefinitions) ||
                       std::any_of(relations, relations + count, [&look](Oid relation) {
                         return relation_has_changed(look, relation);
                       });
  UnregisterSnapshot(latest);
  table_close(log, AccessShareLock);
  return changed;
}

}  // namespace simpg
