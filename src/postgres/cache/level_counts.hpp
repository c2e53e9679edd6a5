/*
 * level_counts.hpp -- what sim.cache_stats says of one level, and the counters behind it.
 */
#pragma once

#include "postgres.hpp"

SIM_SERVER_BEGIN
#include <port/atomics.h>
SIM_SERVER_END

namespace simpg {

struct LevelCounts {
  int64 hits;
  int64 misses;
  int64 puts;
  int64 evictions;
  int64 entries;  // negative: not known
  int64 bytes;    // that the entries take
  int64 held;     // that the level has for them, free places included
};

/* Counters that several sessions may add to at once. */
struct LevelCounters {
  pg_atomic_uint64 hits;
  pg_atomic_uint64 misses;
  pg_atomic_uint64 puts;
  pg_atomic_uint64 evictions;
};

inline void reset_counters(LevelCounters* counters) {
  pg_atomic_init_u64(&counters->hits, 0);
  pg_atomic_init_u64(&counters->misses, 0);
  pg_atomic_init_u64(&counters->puts, 0);
  pg_atomic_init_u64(&counters->evictions, 0);
}

inline void count_one(pg_atomic_uint64* counter) { pg_atomic_fetch_add_u64(counter, 1); }

/* Without entries, bytes and what is held. */
inline LevelCounts read_counters(LevelCounters* counters) {
  LevelCounts counts = {};
  counts.hits = static_cast<int64>(pg_atomic_read_u64(&counters->hits));
  counts.misses = static_cast<int64>(pg_atomic_read_u64(&counters->misses));
  counts.puts = static_cast<int64>(pg_atomic_read_u64(&counters->puts));
  counts.evictions = static_cast<int64>(pg_atomic_read_u64(&counters->evictions));
  return counts;
}

}  // namespace simpg
