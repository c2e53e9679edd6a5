/*
 * cache_tables.cpp -- finds, locks and opens the tables of the cache.
 */
#include "cache/cache_tables.hpp"

#include "store_relation.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <access/xlog.h>
#include <catalog/pg_class.h>
#include <storage/bufmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

const char* table_name(CachePersistence persistence) {
  return persistence == CachePersistence::logged ? "stored_cache" : "stored_cache_unlogged";
}

const char* index_name(CachePersistence persistence) {
  return persistence == CachePersistence::logged ? "stored_cache_by_key"
                                                 : "stored_cache_unlogged_by_key";
}

bool lock_at_once(Oid relation, LOCKMODE mode) {
  return OidIsValid(relation) && ConditionalLockRelationOid(relation, mode);
}

int64 size_of(Oid id) {
  if (!lock_at_once(id, AccessShareLock)) {
    return 0;
  }
  Relation relation = try_relation_open(id, NoLock);
  if (relation == nullptr) {
    UnlockRelationOid(id, AccessShareLock);
    return 0;
  }
  const auto size = static_cast<int64>(RelationGetNumberOfBlocks(relation)) * BLCKSZ;
  relation_close(relation, AccessShareLock);
  return size;
}

}  // namespace

CachePersistence used_cache_table() {
  return RecoveryInProgress() ? CachePersistence::logged : table_cache_persistence();
}

bool has_cache_table(CachePersistence persistence) {
  return persistence == CachePersistence::logged || !RecoveryInProgress();
}

Relation open_cache_table(CachePersistence persistence, LOCKMODE mode) {
  const Oid id = own_relation(table_name(persistence), true);
  if (!has_cache_table(persistence) || !lock_at_once(id, mode)) {
    return nullptr;
  }
  Relation table = try_relation_open(id, NoLock);
  if (table == nullptr) {
    UnlockRelationOid(id, mode);
    return nullptr;
  }
  // By ALTER TABLE.
  if (RecoveryInProgress() && table->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED) {
    relation_close(table, mode);
    return nullptr;
  }
  return table;
}

Oid lock_cache_index(CachePersistence persistence, LOCKMODE mode) {
  const Oid index = own_relation(index_name(persistence), true);
  return lock_at_once(index, mode) ? index : InvalidOid;
}

int64 cache_table_files(Relation table) {
  int64 size = size_of(RelationGetRelid(table)) + size_of(table->rd_rel->reltoastrelid);
  List* indexes = RelationGetIndexList(table);
  ListCell* cell;
  foreach (cell, indexes) {
    size += size_of(lfirst_oid(cell));
  }
  list_free(indexes);
  return size;
}

}  // namespace simpg
