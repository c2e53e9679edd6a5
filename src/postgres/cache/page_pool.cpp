/*
 * page_pool.cpp -- chains of pages; the free ones are a chain as well.
 */
#include "cache/page_pool.hpp"

#include <algorithm>

namespace simpg {

namespace {

uint32 last_of_chain(uint32 first, uint32 count) {
  uint32 last = first;
  for (uint32 i = 1; i < count; i++) {
    last = links_of(last)->next;
  }
  return last;
}

/* Calls copy(place in the chain, bytes before it, how many bytes) piece by piece. */
template <class Copy>
void walk_chain(uint32 page, Size skip, Size size, Copy copy) {
  Size done = 0;
  while (done < size) {
    const Size piece = std::min(kPageSize - skip, size - done);
    copy(page_at(page) + skip, done, piece);
    done += piece;
    skip = 0;
    page = links_of(page)->next;
  }
}

}  // namespace

void make_page_pool(PagePool* pool) {
  make_page_directory(&pool->directory);
  pool->free_count = 0;
  pool->first_free = kNoPage;
}

void add_pages(PagePool* pool, dsm_segment* segment) {
  const uint32 first = pool->directory.page_count;
  add_segment(&pool->directory, segment);
  const uint32 end = pool->directory.page_count;
  for (uint32 page = first; page < end; page++) {
    *links_of(page) = {page + 1 < end ? page + 1 : pool->first_free, kNoPage};
  }
  pool->first_free = first;
  pool->free_count += end - first;
}

void empty_page_pool(PagePool* pool) {
  remove_segments(&pool->directory);
  pool->free_count = 0;
  pool->first_free = kNoPage;
}

uint32 pages_for(Size size) { return static_cast<uint32>((size + kPageSize - 1) / kPageSize); }

uint32 take_pages(PagePool* pool, uint32 count) {
  const uint32 first = pool->first_free;
  pool->first_free = links_of(last_of_chain(first, count))->next;
  pool->free_count -= count;
  return first;
}

void free_pages(PagePool* pool, uint32 first, uint32 count) {
  links_of(last_of_chain(first, count))->next = pool->first_free;
  pool->first_free = first;
  pool->free_count += count;
}

void write_to_pages(uint32 first, Size skip, const char* bytes, Size size) {
  walk_chain(first, skip, size,
             [bytes](char* place, Size done, Size piece) { memcpy(place, bytes + done, piece); });
}

void read_from_pages(uint32 first, Size skip, char* bytes, Size size) {
  walk_chain(first, skip, size,
             [bytes](char* place, Size done, Size piece) { memcpy(bytes + done, place, piece); });
}

}  // namespace simpg
