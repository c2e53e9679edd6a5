/*
 * cache_settings.hpp -- the settings of the cache.
 */
#pragma once

#include "cache/cache.hpp"

namespace simpg {

/* Of the table that results are kept in. */
enum class CachePersistence { logged, unlogged };

/* Defines them; once, when the module is loaded. */
void define_cache_settings();

CacheLevel farthest_level();                 // sim.cache: the levels up to this one are used
Size session_cache_size();                   // sim.cache_session_size, in bytes
Size shared_cache_size();                    // sim.cache_shared_size, in bytes
int64 shared_cache_ttl();                    // sim.cache_shared_ttl, in seconds
Size table_cache_size();                     // sim.cache_table_size, in bytes
int64 table_cache_ttl();                     // sim.cache_table_ttl, in seconds
CachePersistence table_cache_persistence();  // sim.cache_table_persistence
int cache_wait();                            // sim.cache_wait, in milliseconds

}  // namespace simpg
