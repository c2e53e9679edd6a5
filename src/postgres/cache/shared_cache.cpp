/*
 * shared_cache.cpp -- when shared results are kept, moved and evicted, and where the memory for
 * them comes from.
 *
 * One lock guards all of them.  Readers share it while they copy a payload; the list by use is put
 * in order again only for what was not used during the last second, so readers rarely need it
 * alone.
 *
 * Memory is taken when it is needed, by whoever puts something and finds no free pages: half as
 * much as there is already, under a second lock and without the first, so nobody reads later for
 * it.  Where the system has no more, a writer evicts what was used least recently, and asks again
 * after ten seconds at the earliest.  Locks are taken in the order growth, cache, and then the
 * server's own of its segments.
 */
#include "cache/shared_cache.hpp"

#include <algorithm>

#include "cache/cache_settings.hpp"
#include "cache/shared_entries.hpp"
#include "cache/shared_memory.hpp"

SIM_SERVER_BEGIN
#include <storage/shmem.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct State {
  SharedEntries entries;
  TimestampTz refused_at;  // the last time; 0: never
  bool is_refusal_logged;
  LevelCounters counters;
};

constexpr int64 kSecond = 1000000;
/* The system is asked for memory again after so much time; sooner by who has none, for sessions
 * that have not looked since the level was emptied may hold what it had. */
constexpr int64 kPause = 10 * kSecond;
constexpr int64 kShortPause = kSecond / 10;
constexpr Size kFirstSegment = Size{1024} * 1024;
constexpr Size kLeastSegment = Size{128} * 1024;

State* state = nullptr;

PagePool* pool() { return &state->entries.pool; }

Size size_held() { return pool()->directory.size; }

bool is_valid(uint32 entry, TimestampTz time) {
  return time - head_of_entry(entry)->put_at <= shared_cache_ttl() * kSecond;
}

uint32 find_valid(const SharedKey& key, TimestampTz time) {
  const uint32 entry = find_entry(&state->entries, key);
  return entry != kNoPage && is_valid(entry, time) ? entry : kNoPage;
}

void evict(uint32 entry) {
  remove_entry(&state->entries, entry);
  count_one(&state->counters.evictions);
}

void move_to_head(const SharedKey& key, TimestampTz time) {
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  const uint32 entry = map_pages(&pool()->directory) ? find_entry(&state->entries, key) : kNoPage;
  if (entry != kNoPage) {
    use_entry(&state->entries, entry, time);
  }
  LWLockRelease(shared_cache_lock());
}

/* Whether the system may be asked for more memory. */
bool may_grow(TimestampTz time) {
  const int64 pause = size_held() == 0 ? kShortPause : kPause;
  const bool refused = state->refused_at != 0 && time - state->refused_at < pause;
  return !refused && size_held() + kLeastSegment <= shared_cache_size() &&
         pool()->directory.segment_count < kMostSegments;
}

/* How much memory to ask for, to have room for so many pages more. */
Size size_to_add(uint32 pages) {
  const Size wanted = std::max({kFirstSegment, size_held() / 2, kPageCost * pages});
  return std::min({wanted, shared_cache_size() - size_held(), spare_dynamic_memory()});
}

/* Half of it, or half of that, where there is no room. */
OwnedSegment create_at_most(Size size) {
  OwnedSegment owned;
  while (owned.segment == nullptr && size >= kLeastSegment) {
    owned = try_to_create_segment(size);
    size /= 2;
  }
  return owned;
}

void remember_refusal(TimestampTz time) {
  state->refused_at = time;
  if (!state->is_refusal_logged) {
    state->is_refusal_logged = true;
    ereport(LOG_SERVER_ONLY,
            (errmsg("results that sessions share have %zu kB of dynamic shared memory for now, of "
                    "%zu kB that they may have",
                    size_held() / 1024, shared_cache_size() / 1024),
             errdetail("There is no more, or half of it would not be left to others."),
             errhint("Give the server more of it (on Linux, enlarge /dev/shm), or lower "
                     "sim.cache_shared_size.")));
  }
}

/* Takes the segment into the pool, unless this process cannot map what is there. */
void add_to_pool(OwnedSegment* owned) {
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  if (map_pages(&pool()->directory)) {
    dsm_pin_segment(owned->segment);
    add_pages(pool(), keep_segment(owned));
  } else {
    release_segment(owned);
  }
  LWLockRelease(shared_cache_lock());
}

/* Asks the system for room for so many pages more, unless another session just had it. */
void grow(uint32 pages, TimestampTz time) {
  LWLockAcquire(growth_lock(), LW_EXCLUSIVE);
  LWLockAcquire(shared_cache_lock(), LW_SHARED);
  const bool needed = pool()->free_count < pages && may_grow(time);
  const Size size = needed ? size_to_add(pages) : 0;
  LWLockRelease(shared_cache_lock());
  if (needed) {
    OwnedSegment owned = create_at_most(size);
    if (owned.segment == nullptr) {
      remember_refusal(time);
    } else {
      add_to_pool(&owned);
    }
  }
  LWLockRelease(growth_lock());
}

/* Whether it takes a quarter of the level at most, as large as the level is or can become. */
bool is_small(uint32 pages, TimestampTz time) {
  const Size size = may_grow(time) ? shared_cache_size() : size_held();
  return pages <= size / kPageCost / 4;
}

enum class Attempt { done, full };

void evict_and_insert(const SharedKey& key, const bytea* payload, TimestampTz time) {
  const uint32 pages = pages_of_entry(payload);
  if (pages > pool()->directory.page_count || !is_small(pages, time)) {
    return;
  }
  while (pool()->free_count < pages) {
    evict(state->entries.oldest);
  }
  insert_entry(&state->entries, key, payload, time);
  count_one(&state->counters.puts);
}

/* Evicts what is too old, until so many pages are free. Nobody uses it, so it is the oldest by use.
 */
void evict_expired(uint32 pages, TimestampTz time) {
  while (pool()->free_count < pages && state->entries.oldest != kNoPage &&
         !is_valid(state->entries.oldest, time)) {
    evict(state->entries.oldest);
  }
}

/* Full: there is no room, and memory is to be asked for before anything that is valid goes. */
Attempt put_where_missing(const SharedKey& key, const bytea* payload, TimestampTz time,
                          bool evicts) {
  const uint32 present = find_entry(&state->entries, key);
  if (present != kNoPage && is_valid(present, time)) {
    return Attempt::done;
  }
  if (present != kNoPage) {
    evict(present);
  }
  const uint32 pages = pages_of_entry(payload);
  evict_expired(pages, time);
  if (!evicts && pool()->free_count < pages && is_small(pages, time) && may_grow(time)) {
    return Attempt::full;
  }
  evict_and_insert(key, payload, time);
  return Attempt::done;
}

Attempt try_to_put(const SharedKey& key, const bytea* payload, TimestampTz time, bool evicts) {
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  const Attempt attempt =
      map_pages(&pool()->directory) ? put_where_missing(key, payload, time, evicts) : Attempt::done;
  LWLockRelease(shared_cache_lock());
  return attempt;
}

/* Empties the level where it holds more than it may, for the setting was lowered. */
void give_back_what_is_too_much() {
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  if (size_held() > shared_cache_size()) {
    pg_atomic_fetch_add_u64(&state->counters.evictions, state->entries.count);
    remove_all_entries(&state->entries);
  }
  LWLockRelease(shared_cache_lock());
}

void remove_of_database() {
  uint32 entry = state->entries.newest;
  while (entry != kNoPage) {
    const EntryHead* head = head_of_entry(entry);
    const uint32 older = head->older;
    if (head->key.database == MyDatabaseId) {
      remove_entry(&state->entries, entry);
    }
    entry = older;
  }
}

}  // namespace

bytea* shared_cache_find(const CacheKey& key) {
  if (!has_shared_cache()) {
    return nullptr;
  }
  const SharedKey shared = shared_key(key);
  const TimestampTz time = GetCurrentTimestamp();
  LWLockAcquire(shared_cache_lock(), LW_SHARED);
  const uint32 entry = map_pages(&pool()->directory) ? find_valid(shared, time) : kNoPage;
  bytea* payload = entry == kNoPage ? nullptr : payload_of_entry(entry);
  const bool late = entry != kNoPage && time - head_of_entry(entry)->used_at > kSecond;
  LWLockRelease(shared_cache_lock());
  if (late) {
    move_to_head(shared, time);
  }
  count_one(payload == nullptr ? &state->counters.misses : &state->counters.hits);
  return payload;
}

bool shared_cache_has(const CacheKey& key) {
  if (!has_shared_cache()) {
    return false;
  }
  LWLockAcquire(shared_cache_lock(), LW_SHARED);
  const bool found = map_pages(&pool()->directory) &&
                     find_valid(shared_key(key), GetCurrentTimestamp()) != kNoPage;
  LWLockRelease(shared_cache_lock());
  return found;
}

void shared_cache_put(const CacheKey& key, const bytea* payload) {
  if (!has_shared_memory()) {
    return;
  }
  if (size_held() > shared_cache_size()) {
    give_back_what_is_too_much();
  }
  if (!has_shared_cache()) {
    return;
  }
  const SharedKey shared = shared_key(key);
  const TimestampTz time = GetCurrentTimestamp();
  if (try_to_put(shared, payload, time, false) == Attempt::full) {
    grow(pages_of_entry(payload), time);
    try_to_put(shared, payload, time, true);
  }
}

void shared_cache_clear() {
  if (!has_shared_memory()) {
    return;
  }
  give_back_what_is_too_much();
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  if (map_pages(&pool()->directory)) {
    remove_of_database();
  }
  if (state->entries.count == 0) {
    remove_all_entries(&state->entries);
  }
  LWLockRelease(shared_cache_lock());
}

bool has_shared_cache() { return has_shared_memory() && shared_cache_size() >= kLeastSegment; }

LevelCounts shared_cache_counts() {
  LevelCounts counts = read_counters(&state->counters);
  LWLockAcquire(shared_cache_lock(), LW_SHARED);
  const uint32 used = pool()->directory.page_count - pool()->free_count;
  counts.entries = state->entries.count;
  counts.bytes = static_cast<int64>(kPageCost * used);
  counts.held = static_cast<int64>(size_held());
  LWLockRelease(shared_cache_lock());
  return counts;
}

Size shared_cache_memory() { return MAXALIGN(sizeof(State)); }

void start_shared_cache() {
  bool found;
  state = static_cast<State*>(ShmemInitStruct("pg_simulate cache", sizeof(State), &found));
  if (!found) {
    make_entries(&state->entries);
    state->refused_at = 0;
    state->is_refusal_logged = false;
    reset_counters(&state->counters);
  }
}

}  // namespace simpg
