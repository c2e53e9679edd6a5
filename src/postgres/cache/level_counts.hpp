/*
 * level_counts.hpp -- what sim.cache_stats says of one level.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

struct LevelCounts {
  int64 hits;
  int64 misses;
  int64 puts;
  int64 evictions;
  int64 entries;
  int64 bytes;
};

}  // namespace simpg
