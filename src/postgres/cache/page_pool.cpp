/*
 * page_pool.cpp -- chains of pages; the free ones are a chain as well.
 */
#include "cache/page_pool.hpp"

#include <algorithm>

namespace simpg {

namespace {

constexpr Size kHead = MAXALIGN(sizeof(PagePool));

uint32* next_of(PagePool* pool) {
  return reinterpret_cast<uint32*>(reinterpret_cast<char*>(pool) + kHead);
}

const uint32* next_of(const PagePool* pool) { return next_of(const_cast<PagePool*>(pool)); }

char* page_at(PagePool* pool, uint32 page) {
  const Size links = MAXALIGN(sizeof(uint32) * pool->count);
  return reinterpret_cast<char*>(pool) + kHead + links + kPageSize * page;
}

const char* page_at(const PagePool* pool, uint32 page) {
  return page_at(const_cast<PagePool*>(pool), page);
}

}  // namespace

Size page_pool_memory(uint32 count) {
  return kHead + MAXALIGN(sizeof(uint32) * count) + kPageSize * count;
}

void make_page_pool(PagePool* pool, uint32 count) {
  pool->count = count;
  pool->free_count = count;
  pool->first_free = 0;
  for (uint32 page = 0; page < count; page++) {
    next_of(pool)[page] = page + 1;
  }
}

uint32 pages_for(Size size) {
  return static_cast<uint32>(std::max<Size>(1, (size + kPageSize - 1) / kPageSize));
}

uint32 store_in_pages(PagePool* pool, const char* bytes, Size size) {
  const uint32 first = pool->first_free;
  for (Size done = 0; done < size; done += kPageSize) {
    memcpy(page_at(pool, pool->first_free), bytes + done, std::min(kPageSize, size - done));
    pool->first_free = next_of(pool)[pool->first_free];
  }
  pool->free_count -= pages_for(size);
  return first;
}

void load_from_pages(const PagePool* pool, uint32 first, char* bytes, Size size) {
  uint32 page = first;
  for (Size done = 0; done < size; done += kPageSize) {
    memcpy(bytes + done, page_at(pool, page), std::min(kPageSize, size - done));
    page = next_of(pool)[page];
  }
}

void free_pages(PagePool* pool, uint32 first, Size size) {
  const uint32 count = pages_for(size);
  uint32 last = first;
  for (uint32 i = 1; i < count; i++) {
    last = next_of(pool)[last];
  }
  next_of(pool)[last] = pool->first_free;
  pool->first_free = first;
  pool->free_count += count;
}

}  // namespace simpg
