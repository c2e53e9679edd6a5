/*
 * session_cache.cpp -- a hash table whose entries stand in a list, the latest used first.
 *
 * All of it lives in one memory context, which goes when the level is cleared.
 */
#include "cache/session_cache.hpp"

#include "cache/cache_settings.hpp"

SIM_SERVER_BEGIN
#include <lib/ilist.h>
#include <utils/hsearch.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct Entry {
  CacheKey key;  // first: the hash table finds by it
  dlist_node place;
  bytea* payload;
  Size size;
};

MemoryContext context = nullptr;
HTAB* entries = nullptr;  // null: empty
dlist_head by_use = DLIST_STATIC_INIT(by_use);
LevelCounts counts = {};
/* What an empty level takes, at most. */
constexpr Size kStartSize = 64 * 1024;

Entry* entry_at(dlist_node* place) {
  return reinterpret_cast<Entry*>(reinterpret_cast<char*>(place) - offsetof(Entry, place));
}

/* Also after it has failed for want of memory. */
void open() {
  session_cache_clear();
  context = AllocSetContextCreate(TopMemoryContext, "sim cache", ALLOCSET_DEFAULT_SIZES);
  HASHCTL control = {};
  control.keysize = sizeof(CacheKey);
  control.entrysize = sizeof(Entry);
  control.hcxt = context;
  entries = hash_create("sim cache", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
  dlist_init(&by_use);
}

Entry* find_entry(const CacheKey& key) {
  return entries == nullptr ? nullptr
                            : static_cast<Entry*>(hash_search(entries, &key, HASH_FIND, nullptr));
}

void evict_to(Size limit) {
  while (counts.bytes > static_cast<int64>(limit)) {
    Entry* entry = entry_at(dlist_tail_node(&by_use));
    counts.bytes -= static_cast<int64>(entry->size);
    counts.entries--;
    counts.evictions++;
    dlist_delete(&entry->place);
    pfree(entry->payload);
    hash_search(entries, &entry->key, HASH_REMOVE, nullptr);
  }
}

/* Whether as much memory as the level may have lies unused, in pieces of sizes that nobody asks for
 * any more. */
bool is_in_pieces() {
  return MemoryContextMemAllocated(context, true) > 2 * session_cache_size() + kStartSize;
}

bytea* copy_payload(const bytea* payload) {
  auto* copy = static_cast<bytea*>(MemoryContextAllocHuge(context, VARSIZE(payload)));
  memcpy(copy, payload, VARSIZE(payload));
  return copy;
}

void insert(const CacheKey& key, bytea* payload) {
  bool found;
  auto* entry = static_cast<Entry*>(hash_search(entries, &key, HASH_ENTER, &found));
  entry->payload = payload;
  entry->size = GetMemoryChunkSpace(payload) + sizeof(Entry);
  dlist_push_head(&by_use, &entry->place);
  counts.bytes += static_cast<int64>(entry->size);
  counts.entries++;
}

void trim() {
  evict_to(session_cache_size());
  if (is_in_pieces()) {
    counts.evictions += counts.entries;
    session_cache_clear();
  }
}

}  // namespace

const bytea* session_cache_find(const CacheKey& key) {
  Entry* entry = find_entry(key);
  if (entry == nullptr) {
    counts.misses++;
    return nullptr;
  }
  counts.hits++;
  dlist_move_head(&by_use, &entry->place);
  return entry->payload;
}

void session_cache_put(const CacheKey& key, const bytea* payload) {
  if (VARSIZE(payload) <= session_cache_size() / 4 && find_entry(key) == nullptr) {
    if (entries == nullptr) {
      open();
    }
    insert(key, copy_payload(payload));
    counts.puts++;
  }
  if (context != nullptr) {
    trim();
  }
}

void session_cache_clear() {
  if (context == nullptr) {
    return;
  }
  MemoryContextDelete(context);
  context = nullptr;
  entries = nullptr;
  counts.entries = 0;
  counts.bytes = 0;
}

LevelCounts session_cache_counts() {
  LevelCounts known = counts;
  known.held =
      context == nullptr ? 0 : static_cast<int64>(MemoryContextMemAllocated(context, true));
  return known;
}

}  // namespace simpg
