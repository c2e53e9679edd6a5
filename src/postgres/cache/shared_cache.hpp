/*
 * shared_cache.hpp -- the level of the cache that all sessions of the server share: bounded, the
 * latest used kept, for `sim.cache_shared_ttl` at most.
 *
 * Takes dynamic shared memory as it is needed, up to `sim.cache_shared_size`, and does with less
 * where the system has less.  Without shared memory it is empty and stays so.
 */
#pragma once

#include "cache/cache.hpp"
#include "cache/level_counts.hpp"

namespace simpg {

/* The payload, in the current memory context; null for a miss. */
bytea* shared_cache_find(const CacheKey& key);

/* Whether it is there; counts as no use of it. */
bool shared_cache_has(const CacheKey& key);

/* What takes more than a quarter of the level is not kept. */
void shared_cache_put(const CacheKey& key, const bytea* payload);

/* Removes what belongs to the current database; what is left empty is given back. */
void shared_cache_clear();

/* Whether there is such a level. */
bool has_shared_cache();

/* Of all databases. Requires: has_shared_cache(). */
LevelCounts shared_cache_counts();

/* For the server's start: how much memory it takes, and taking it. */
Size shared_cache_memory();
void start_shared_cache();

}  // namespace simpg
