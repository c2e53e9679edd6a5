/*
 * table_cache.hpp -- the level of the cache that outlives the server: the table sim.stored_cache.
 *
 * It is read wherever tables can be read, and written only where a transaction may write.
 */
#pragma once

#include "cache/cache.hpp"
#include "cache/level_counts.hpp"

namespace simpg {

/* The payload, in the current memory context; null for a miss. */
bytea* table_cache_find(const CacheKey& key);

/* Nothing where it is there, where the transaction may not write, and where the table is locked.
 * What takes more than a quarter of the level is not kept. */
void table_cache_put(const CacheKey& key, const bytea* payload);

/* Deletes what is older than `sim.cache_table_ttl`, and the oldest of the rest until it fits
 * `sim.cache_table_size`; returns how many entries that were. */
int64 table_cache_prune();

void table_cache_clear();

/* Counters of all sessions where memory is shared, else of this one. */
LevelCounts table_cache_counts();

/* Whether the current user may remove results that others use: who has DELETE on the table. */
bool may_remove_shared_results();

}  // namespace simpg
