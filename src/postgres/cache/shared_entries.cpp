/*
 * shared_entries.cpp -- a hash table whose buckets grow one by one, and a list by use.
 *
 * Linear hashing (Litwin, VLDB 1980): an insertion adds a bucket where there are fewer than entries
 * and splits the one bucket that it takes entries from, so no insertion waits for a table to be
 * made anew when memory is added.  The buckets' heads lie beside the pages, as many as there are
 * pages; an entry takes a page or more, so there are always enough.
 */
#include "cache/shared_entries.hpp"

namespace simpg {

namespace {

/* Keys are hashes already. */
uint32 hash_of(const SharedKey& key) {
  uint32 hash;
  memcpy(&hash, key.key.bytes, sizeof hash);
  return hash ^ key.database;
}

bool is_same(const SharedKey& a, const SharedKey& b) {
  return a.database == b.database && memcmp(a.key.bytes, b.key.bytes, sizeof a.key.bytes) == 0;
}

uint32 bucket_of(const SharedEntries* entries, const SharedKey& key) {
  const uint32 bucket = hash_of(key) & entries->bucket_mask;
  return bucket < entries->bucket_count ? bucket : bucket & (entries->bucket_mask >> 1);
}

void add_bucket(SharedEntries* entries) {
  const uint32 added = entries->bucket_count++;
  if (added > entries->bucket_mask) {
    entries->bucket_mask = 2 * entries->bucket_mask + 1;
  }
  if (added == 0) {
    return;
  }
  uint32* place = &links_of(added & (entries->bucket_mask >> 1))->bucket;
  uint32* target = &links_of(added)->bucket;
  while (*place != kNoPage) {
    const uint32 entry = *place;
    EntryHead* head = head_of_entry(entry);
    if (bucket_of(entries, head->key) == added) {
      *place = head->next_in_bucket;
      head->next_in_bucket = *target;
      *target = entry;
    } else {
      place = &head->next_in_bucket;
    }
  }
}

void add_to_bucket(SharedEntries* entries, uint32 entry) {
  EntryHead* head = head_of_entry(entry);
  uint32* first = &links_of(bucket_of(entries, head->key))->bucket;
  head->next_in_bucket = *first;
  *first = entry;
}

void remove_from_bucket(SharedEntries* entries, uint32 entry) {
  const EntryHead* head = head_of_entry(entry);
  uint32* place = &links_of(bucket_of(entries, head->key))->bucket;
  while (*place != entry) {
    place = &head_of_entry(*place)->next_in_bucket;
  }
  *place = head->next_in_bucket;
}

/* The place that names the neighbour of an entry, or of the list's end. */
uint32* newer_than(SharedEntries* entries, uint32 entry) {
  return entry == kNoPage ? &entries->oldest : &head_of_entry(entry)->newer;
}

uint32* older_than(SharedEntries* entries, uint32 entry) {
  return entry == kNoPage ? &entries->newest : &head_of_entry(entry)->older;
}

void add_to_list(SharedEntries* entries, uint32 entry) {
  EntryHead* head = head_of_entry(entry);
  head->newer = kNoPage;
  head->older = entries->newest;
  *newer_than(entries, head->older) = entry;
  entries->newest = entry;
}

void remove_from_list(SharedEntries* entries, uint32 entry) {
  const EntryHead* head = head_of_entry(entry);
  *older_than(entries, head->newer) = head->older;
  *newer_than(entries, head->older) = head->newer;
}

uint32 pages_for_payload(Size size) { return pages_for(sizeof(EntryHead) + size); }

void reset(SharedEntries* entries) {
  entries->count = 0;
  entries->newest = kNoPage;
  entries->oldest = kNoPage;
  entries->bucket_count = 0;
  entries->bucket_mask = 0;
}

}  // namespace

void make_entries(SharedEntries* entries) {
  make_page_pool(&entries->pool);
  reset(entries);
}

uint32 pages_of_entry(const bytea* payload) { return pages_for_payload(VARSIZE(payload)); }

uint32 find_entry(const SharedEntries* entries, const SharedKey& key) {
  if (entries->bucket_count == 0) {
    return kNoPage;
  }
  uint32 entry = links_of(bucket_of(entries, key))->bucket;
  while (entry != kNoPage && !is_same(head_of_entry(entry)->key, key)) {
    entry = head_of_entry(entry)->next_in_bucket;
  }
  return entry;
}

EntryHead* head_of_entry(uint32 entry) { return reinterpret_cast<EntryHead*>(page_at(entry)); }

bytea* payload_of_entry(uint32 entry) {
  const Size size = head_of_entry(entry)->size;
  auto* payload = static_cast<bytea*>(palloc(size));
  read_from_pages(entry, sizeof(EntryHead), reinterpret_cast<char*>(payload), size);
  return payload;
}

void insert_entry(SharedEntries* entries, const SharedKey& key, const bytea* payload,
                  TimestampTz time) {
  if (entries->bucket_count <= entries->count) {
    add_bucket(entries);
  }
  const uint32 entry = take_pages(&entries->pool, pages_of_entry(payload));
  EntryHead* head = head_of_entry(entry);
  head->key = key;
  head->size = VARSIZE(payload);
  head->put_at = time;
  head->used_at = time;
  write_to_pages(entry, sizeof(EntryHead), reinterpret_cast<const char*>(payload), head->size);
  add_to_bucket(entries, entry);
  add_to_list(entries, entry);
  entries->count++;
}

void use_entry(SharedEntries* entries, uint32 entry, TimestampTz time) {
  remove_from_list(entries, entry);
  add_to_list(entries, entry);
  head_of_entry(entry)->used_at = time;
}

void remove_entry(SharedEntries* entries, uint32 entry) {
  remove_from_bucket(entries, entry);
  remove_from_list(entries, entry);
  free_pages(&entries->pool, entry, pages_for_payload(head_of_entry(entry)->size));
  entries->count--;
}

void remove_all_entries(SharedEntries* entries) {
  reset(entries);
  empty_page_pool(&entries->pool);
}

}  // namespace simpg
