/*
 * cache_tables.hpp -- the two tables of the cache, logged and unlogged, and locks on them that
 * nobody waits for.
 */
#pragma once

#include "cache/cache_settings.hpp"

SIM_SERVER_BEGIN
#include <storage/lmgr.h>
#include <utils/rel.h>
SIM_SERVER_END

namespace simpg {

inline constexpr CachePersistence kCacheTables[] = {CachePersistence::logged,
                                                    CachePersistence::unlogged};

/* The one that is read and written: what `sim.cache_table_persistence` says, and on a standby,
 * which has no unlogged tables, the logged one. */
CachePersistence used_cache_table();

/* Whether this server has it at all. */
bool has_cache_table(CachePersistence persistence);

/* Null where it cannot be had at once. Closing it is the caller's. */
Relation open_cache_table(CachePersistence persistence, LOCKMODE mode);

/* The index by key, locked; InvalidOid where it cannot be had at once. */
Oid lock_cache_index(CachePersistence persistence, LOCKMODE mode);

/* Bytes of the files of an open table: of its rows, payloads and indexes, as far as those can be
 * had at once. */
int64 cache_table_files(Relation table);

}  // namespace simpg
