/*
 * table_cache.cpp -- reads and writes the tables of the cache below SQL.
 *
 * A payload is believed because of the key it stands under, so nobody may write one who has not
 * computed it, and nobody may read one who does not know all that the key was made of.  Both hold
 * for the library alone: no role has privileges on the tables, and this file, which uses them with
 * the server's own access methods, asks for none.
 *
 * It waits for nobody.  Locks on a table are taken at once or not at all.  The index is not
 * unique, for a unique one would make two writers of one key wait for each other's transaction;
 * two rows with one key have the same content.  Rows are seen by whether their transaction has
 * committed, not by the caller's snapshot: the content of a key never changes, and a serializable
 * transaction reads nothing that it would have to answer for.
 */
#include "cache/table_cache.hpp"

#include <algorithm>

#include "cache/cache_settings.hpp"
#include "cache/cache_tables.hpp"
#include "cache/sealed_payload.hpp"
#include "cache/shared_memory.hpp"
#include "store_relation.hpp"

SIM_SERVER_BEGIN
#include <access/detoast.h>
#include <access/genam.h>
#include <access/heapam.h>
#include <access/parallel.h>
#include <access/tableam.h>
#include <access/xlog.h>
#include <catalog/indexing.h>
#include <utils/acl.h>
#include <utils/fmgroids.h>
#include <utils/snapmgr.h>
#include <utils/timestamp.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr int kKeyColumn = 1;
constexpr int kPayloadColumn = 2;
constexpr int kTimeColumn = 3;
constexpr int kColumns = 3;
constexpr int64 kSecond = 1000000;
/* What a row takes beside its payload, with its place in the index, about. */
constexpr Size kRowCost = 160;
/* So many times the size is looked at while the level is written once over. */
constexpr double kLooks = 64;

struct Row {
  Relation table;
  ItemPointerData place;
  TimestampTz put_at;
  Size size;
};

struct Rows {
  Row* rows;
  int64 count;
  int64 room;
};

/* Those of the tables that can be had at once. */
struct Tables {
  Relation tables[lengthof(kCacheTables)];
  int count;
};

Tables open_tables(LOCKMODE mode) {
  Tables opened = {};
  for (const CachePersistence persistence : kCacheTables) {
    Relation table = open_cache_table(persistence, mode);
    if (table != nullptr) {
      opened.tables[opened.count++] = table;
    }
  }
  return opened;
}

void close_tables(const Tables& opened, LOCKMODE mode) {
  for (int i = 0; i < opened.count; i++) {
    relation_close(opened.tables[i], mode);
  }
}

Datum column_of(Relation table, HeapTuple row, int column) {
  bool is_null;
  return heap_getattr(row, column, RelationGetDescr(table), &is_null);
}

bool is_expired(TimestampTz put_at, TimestampTz time) {
  return time - put_at > table_cache_ttl() * kSecond;
}

/* The payload of the row, in the context; null where it is not to be used. */
bytea* read_row(Relation table, HeapTuple row, const CacheKey& key) {
  const Datum put_at = column_of(table, row, kTimeColumn);
  if (is_expired(DatumGetTimestampTz(put_at), GetCurrentTimestamp())) {
    return nullptr;
  }
  bytea* sealed = DatumGetByteaPP(column_of(table, row, kPayloadColumn));
  return unseal(key, sealed);
}

bytea* key_value(const CacheKey& key) {
  auto* value = static_cast<bytea*>(palloc(VARHDRSZ + sizeof key.bytes));
  SET_VARSIZE(value, VARHDRSZ + sizeof key.bytes);
  memcpy(VARDATA(value), key.bytes, sizeof key.bytes);
  return value;
}

/* Requires: the index is locked. */
bytea* scan_index(Relation table, Oid index, const CacheKey& key) {
  ScanKeyData wanted;
  ScanKeyInit(&wanted, kKeyColumn, BTEqualStrategyNumber, F_BYTEAEQ,
              PointerGetDatum(key_value(key)));
  SysScanDesc scan = systable_beginscan(table, index, true, SnapshotSelf, 1, &wanted);
  bytea* payload = nullptr;
  HeapTuple row;
  while (payload == nullptr && HeapTupleIsValid(row = systable_getnext(scan))) {
    payload = read_row(table, row, key);
  }
  systable_endscan(scan);
  return payload;
}

bytea* find_in(Relation table, CachePersistence persistence, const CacheKey& key) {
  const Oid index = lock_cache_index(persistence, AccessShareLock);
  if (!OidIsValid(index)) {
    return nullptr;
  }
  bytea* payload = scan_index(table, index, key);
  UnlockRelationOid(index, AccessShareLock);
  return payload;
}

bool may_write() { return !XactReadOnly && !RecoveryInProgress() && !IsInParallelMode(); }

void insert(Relation table, const CacheKey& key, const bytea* payload) {
  Datum values[kColumns];
  bool nulls[kColumns] = {};
  values[kKeyColumn - 1] = PointerGetDatum(key_value(key));
  values[kPayloadColumn - 1] = PointerGetDatum(seal(key, payload));
  values[kTimeColumn - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
  HeapTuple row = heap_form_tuple(RelationGetDescr(table), values, nulls);
  CatalogTupleInsert(table, row);
  heap_freetuple(row);
  count_one(&table_counters()->puts);
}

void add_row(Rows& rows, const Row& row) {
  if (rows.count == rows.room) {
    rows.room *= 2;
    rows.rows = static_cast<Row*>(repalloc_huge(rows.rows, sizeof(Row) * rows.room));
  }
  rows.rows[rows.count++] = row;
}

/* Payloads lie beside the rows, so this reads little. */
void add_rows_of(Relation table, Rows& rows) {
  TableScanDesc scan = table_beginscan(table, SnapshotSelf, 0, nullptr);
  while (HeapTuple row = heap_getnext(scan, ForwardScanDirection)) {
    CHECK_FOR_INTERRUPTS();
    const Datum put_at = column_of(table, row, kTimeColumn);
    const Size size = toast_raw_datum_size(column_of(table, row, kPayloadColumn)) + kRowCost;
    add_row(rows, {table, row->t_self, DatumGetTimestampTz(put_at), size});
  }
  table_endscan(scan);
}

Rows list_rows(const Tables& opened) {
  Rows rows = {static_cast<Row*>(palloc(sizeof(Row) * 64)), 0, 64};
  for (int i = 0; i < opened.count; i++) {
    add_rows_of(opened.tables[i], rows);
  }
  return rows;
}

Size total_size(const Rows& rows) {
  Size total = 0;
  for (int64 i = 0; i < rows.count; i++) {
    total += rows.rows[i].size;
  }
  return total;
}

/* What another transaction is deleting is left to it. */
bool delete_row(Row& row) {
  TM_FailureData failure;
  return heap_delete(row.table, &row.place, GetCurrentCommandId(true), InvalidSnapshot, false,
                     &failure, false) == TM_Ok;
}

int64 prune(const Tables& opened, Size limit) {
  Rows rows = list_rows(opened);
  std::sort(rows.rows, rows.rows + rows.count,
            [](const Row& a, const Row& b) { return a.put_at > b.put_at; });
  // The transaction's own rows can be deleted by a later command only.
  CommandCounterIncrement();
  const TimestampTz time = GetCurrentTimestamp();
  Size kept = 0;
  int64 deleted = 0;
  for (int64 i = 0; i < rows.count; i++) {
    CHECK_FOR_INTERRUPTS();
    kept += rows.rows[i].size;
    if (is_expired(rows.rows[i].put_at, time) || kept > limit) {
      deleted += delete_row(rows.rows[i]);
    }
  }
  pfree(rows.rows);
  return deleted;
}

void count_evictions(int64 count) { pg_atomic_fetch_add_u64(&table_counters()->evictions, count); }

/*
 * Looks at the size each time so much was written, on average and over all sessions, without
 * counting it: keys are hashes, so whether one is small is chance.
 */
bool is_time_to_prune(const CacheKey& key, Size size) {
  uint64 number;
  memcpy(&number, key.bytes, sizeof number);
  const double chance = static_cast<double>(number) / 18446744073709551616.0;  // 2^64
  return chance < kLooks * static_cast<double>(size) / static_cast<double>(table_cache_size());
}

/* Leaves room, so that it is not needed again at once. */
void prune_if_full() {
  const Tables opened = open_tables(RowExclusiveLock);
  const Rows rows = list_rows(opened);
  const Size total = total_size(rows);
  pfree(rows.rows);
  const Size limit = table_cache_size();
  count_evictions(prune(opened, total > limit ? limit - limit / 8 : limit));
  close_tables(opened, NoLock);
}

int64 prune_to(Size limit) {
  if (!may_write()) {
    return 0;
  }
  const Tables opened = open_tables(RowExclusiveLock);
  const int64 deleted = prune(opened, limit);
  close_tables(opened, NoLock);
  return deleted;
}

int64 files_of(const Tables& opened) {
  int64 size = 0;
  for (int i = 0; i < opened.count; i++) {
    size += cache_table_files(opened.tables[i]);
  }
  return size;
}

/* Whether every table that this server has could be had. */
bool are_all(const Tables& opened) {
  int wanted = 0;
  for (const CachePersistence persistence : kCacheTables) {
    wanted += has_cache_table(persistence);
  }
  return opened.count == wanted;
}

}  // namespace

bytea* table_cache_find(const CacheKey& key) {
  const CachePersistence used = used_cache_table();
  Relation table = open_cache_table(used, AccessShareLock);
  if (table == nullptr) {
    return nullptr;
  }
  bytea* payload = find_in(table, used, key);
  relation_close(table, AccessShareLock);
  count_one(payload == nullptr ? &table_counters()->misses : &table_counters()->hits);
  return payload;
}

void table_cache_put(const CacheKey& key, const bytea* payload) {
  const Size size = VARSIZE(payload) + kRowCost;
  if (!may_write() || size > table_cache_size() / 4) {
    return;
  }
  const CachePersistence used = used_cache_table();
  Relation table = open_cache_table(used, RowExclusiveLock);
  if (table == nullptr) {
    return;
  }
  if (find_in(table, used, key) == nullptr) {
    insert(table, key, payload);
    if (is_time_to_prune(key, size)) {
      prune_if_full();
    }
  }
  relation_close(table, NoLock);
}

int64 table_cache_prune() {
  const int64 deleted = prune_to(table_cache_size());
  count_evictions(deleted);
  return deleted;
}

void table_cache_clear() { prune_to(0); }

LevelCounts table_cache_counts() {
  LevelCounts counts = read_counters(table_counters());
  const Tables opened = open_tables(AccessShareLock);
  if (are_all(opened)) {
    const Rows rows = list_rows(opened);
    counts.entries = rows.count;
    counts.bytes = static_cast<int64>(total_size(rows));
    counts.held = files_of(opened);
    pfree(rows.rows);
  } else {
    counts.entries = counts.bytes = counts.held = -1;
  }
  close_tables(opened, AccessShareLock);
  return counts;
}

bool may_remove_shared_results() {
  const Oid table = own_relation("stored_cache", true);
  return OidIsValid(table) && pg_class_aclcheck(table, GetUserId(), ACL_DELETE) == ACLCHECK_OK;
}

}  // namespace simpg
