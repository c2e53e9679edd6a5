/*
 * shared_entries.hpp -- payloads in pages, found by their keys and listed by use.
 *
 * An entry is the number of its first page: its head lies there, the payload follows.  Lives in
 * memory that all processes share, and does no locking; all but making it requires that map_pages()
 * said true.
 */
#pragma once

#include "cache/page_pool.hpp"
#include "cache/shared_memory.hpp"

SIM_SERVER_BEGIN
#include <utils/timestamp.h>
SIM_SERVER_END

namespace simpg {

struct EntryHead {
  SharedKey key;
  uint32 size;         // of the payload with its length word
  TimestampTz put_at;  // set by insert_entry
  TimestampTz used_at;
  uint32 newer;  // neighbours in the list by use
  uint32 older;
  uint32 next_in_bucket;
};

struct SharedEntries {
  PagePool pool;
  int64 count;
  uint32 newest;
  uint32 oldest;
  uint32 bucket_count;
  uint32 bucket_mask;  // 2^k - 1, at least bucket_count - 1 and less than twice of it
};

void make_entries(SharedEntries* entries);

/* How many pages an entry with such a payload takes. */
uint32 pages_of_entry(const bytea* payload);

/* kNoPage where there is none. */
uint32 find_entry(const SharedEntries* entries, const SharedKey& key);

EntryHead* head_of_entry(uint32 entry);

/* In the current memory context. */
bytea* payload_of_entry(uint32 entry);

/* Requires: there is none with this key, and enough pages are free. */
void insert_entry(SharedEntries* entries, const SharedKey& key, const bytea* payload,
                  TimestampTz time);

/* Makes it the newest. */
void use_entry(SharedEntries* entries, uint32 entry, TimestampTz time);

void remove_entry(SharedEntries* entries, uint32 entry);

/* Removes all and gives their memory back. */
void remove_all_entries(SharedEntries* entries);

}  // namespace simpg
