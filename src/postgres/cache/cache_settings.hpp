/*
 * cache_settings.hpp -- the settings of the cache.
 */
#pragma once

#include "cache/cache.hpp"

namespace simpg {

/* Defines them; once, when the module is loaded. */
void define_cache_settings();

CacheLevel farthest_level();  // sim.cache: the levels up to this one are used
Size session_cache_size();    // sim.cache_session_size, in bytes
}  // namespace simpg
