/*
 * session_cache.hpp -- the level of the cache that a session has for itself: bounded, the latest
 * used kept.
 */
#pragma once

#include "cache/cache.hpp"
#include "cache/level_counts.hpp"

namespace simpg {

/* The payload where it lies, valid until the next call that puts or clears; null for a miss. */
const bytea* session_cache_find(const CacheKey& key);

/* What takes more than a quarter of the level is not kept. */
void session_cache_put(const CacheKey& key, const bytea* payload);

void session_cache_clear();

LevelCounts session_cache_counts();

}  // namespace simpg
