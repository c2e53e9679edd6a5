/*
 * shared_cache.cpp -- a hash table in shared memory, a list by use, and pages for the payloads.
 *
 * One lock guards all of it.  Readers share it while they copy a payload; the list is put in order
 * again only for what was not used during the last second, so readers rarely need it alone.  All
 * memory is taken when the server starts: neither a reader nor a writer can run out of it, and a
 * writer makes room by evicting what was used least recently.
 */
#include "cache/shared_cache.hpp"

#include "cache/cache_settings.hpp"
#include "cache/page_pool.hpp"
#include "cache/shared_memory.hpp"

SIM_SERVER_BEGIN
#include <lib/ilist.h>
#include <storage/shmem.h>
#include <utils/hsearch.h>
#include <utils/timestamp.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct Entry {
  SharedKey key;  // first: the hash table finds by it
  uint32 first_page;
  uint32 size;  // of the payload with its length word
  TimestampTz put_at;
  TimestampTz moved_at;  // to the head of the list
  dlist_node place;
};

struct State {
  dlist_head by_use;
  int64 entries;
  int64 bytes;
  LevelCounters counters;
};

constexpr int64 kSecond = 1000000;
/* An entry for each so many pages at most: a result without time takes one, others many. */
constexpr Size kPagesOfEntry = 2;
/* What the hash table adds to an entry, about. */
constexpr Size kEntryCost = sizeof(Entry) + 32;

State* state = nullptr;
HTAB* entries = nullptr;
PagePool* pool = nullptr;

uint32 page_count() {
  return static_cast<uint32>(shared_cache_size() / (kPageCost + kEntryCost / kPagesOfEntry));
}

int64 most_entries() { return static_cast<int64>(page_count() / kPagesOfEntry); }

Entry* entry_at(dlist_node* place) {
  return reinterpret_cast<Entry*>(reinterpret_cast<char*>(place) - offsetof(Entry, place));
}

Entry* find_entry(const SharedKey& key) {
  return static_cast<Entry*>(hash_search(entries, &key, HASH_FIND, nullptr));
}

Entry* find_valid(const SharedKey& key, TimestampTz time) {
  Entry* entry = find_entry(key);
  const bool valid = entry != nullptr && time - entry->put_at <= shared_cache_ttl() * kSecond;
  return valid ? entry : nullptr;
}

bytea* copy_payload(const Entry* entry) {
  auto* payload = static_cast<bytea*>(palloc(entry->size));
  load_from_pages(pool, entry->first_page, reinterpret_cast<char*>(payload), entry->size);
  return payload;
}

void move_to_head(const SharedKey& key, TimestampTz time) {
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  Entry* entry = find_entry(key);
  if (entry != nullptr) {
    dlist_move_head(&state->by_use, &entry->place);
    entry->moved_at = time;
  }
  LWLockRelease(shared_cache_lock());
}

void remove(Entry* entry) {
  state->entries--;
  state->bytes -= entry->size;
  free_pages(pool, entry->first_page, entry->size);
  dlist_delete(&entry->place);
  hash_search(entries, &entry->key, HASH_REMOVE, nullptr);
}

void evict(Entry* entry) {
  remove(entry);
  count_one(&state->counters.evictions);
}

void make_room(Size size) {
  while (pool->free_count < pages_for(size) || state->entries >= most_entries()) {
    evict(entry_at(dlist_tail_node(&state->by_use)));
  }
}

void insert(const SharedKey& key, const bytea* payload, TimestampTz time) {
  bool found;
  auto* entry = static_cast<Entry*>(hash_search(entries, &key, HASH_ENTER_NULL, &found));
  if (entry == nullptr) {
    return;
  }
  entry->size = VARSIZE(payload);
  entry->first_page = store_in_pages(pool, reinterpret_cast<const char*>(payload), entry->size);
  entry->put_at = time;
  entry->moved_at = time;
  dlist_push_head(&state->by_use, &entry->place);
  state->entries++;
  state->bytes += entry->size;
  count_one(&state->counters.puts);
}

}  // namespace

bytea* shared_cache_find(const CacheKey& key) {
  if (!has_shared_cache()) {
    return nullptr;
  }
  const SharedKey shared = shared_key(key);
  const TimestampTz time = GetCurrentTimestamp();
  LWLockAcquire(shared_cache_lock(), LW_SHARED);
  const Entry* entry = find_valid(shared, time);
  bytea* payload = entry == nullptr ? nullptr : copy_payload(entry);
  const bool late = entry != nullptr && time - entry->moved_at > kSecond;
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
  const bool found = find_valid(shared_key(key), GetCurrentTimestamp()) != nullptr;
  LWLockRelease(shared_cache_lock());
  return found;
}

void shared_cache_put(const CacheKey& key, const bytea* payload) {
  if (!has_shared_cache() || pages_for(VARSIZE(payload)) > page_count() / 4) {
    return;
  }
  const SharedKey shared = shared_key(key);
  const TimestampTz time = GetCurrentTimestamp();
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  if (find_valid(shared, time) == nullptr) {
    Entry* expired = find_entry(shared);
    if (expired != nullptr) {
      evict(expired);
    }
    make_room(VARSIZE(payload));
    insert(shared, payload, time);
  }
  LWLockRelease(shared_cache_lock());
}

void shared_cache_clear() {
  if (!has_shared_cache()) {
    return;
  }
  LWLockAcquire(shared_cache_lock(), LW_EXCLUSIVE);
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, entries);
  while (auto* entry = static_cast<Entry*>(hash_seq_search(&scan))) {
    if (entry->key.database == MyDatabaseId) {
      remove(entry);
    }
  }
  LWLockRelease(shared_cache_lock());
}

bool has_shared_cache() { return has_shared_memory() && most_entries() > 0; }

LevelCounts shared_cache_counts() {
  LevelCounts counts = read_counters(&state->counters);
  LWLockAcquire(shared_cache_lock(), LW_SHARED);
  counts.entries = state->entries;
  counts.bytes = state->bytes;
  LWLockRelease(shared_cache_lock());
  return counts;
}

Size shared_cache_memory() {
  return MAXALIGN(sizeof(State)) + MAXALIGN(page_pool_memory(page_count())) +
         hash_estimate_size(most_entries(), sizeof(Entry));
}

void start_shared_cache() {
  bool found;
  state = static_cast<State*>(ShmemInitStruct("pg_simulate cache", sizeof(State), &found));
  bool pool_found;
  pool = static_cast<PagePool*>(
      ShmemInitStruct("pg_simulate cache pages", page_pool_memory(page_count()), &pool_found));
  HASHCTL control = {};
  control.keysize = sizeof(SharedKey);
  control.entrysize = sizeof(Entry);
  entries = ShmemInitHash("pg_simulate cache entries", most_entries(), most_entries(), &control,
                          HASH_ELEM | HASH_BLOBS);
  if (!found) {
    dlist_init(&state->by_use);
    state->entries = 0;
    state->bytes = 0;
    reset_counters(&state->counters);
    make_page_pool(pool, page_count());
  }
}

}  // namespace simpg
