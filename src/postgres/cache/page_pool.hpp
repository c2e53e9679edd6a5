/*
 * page_pool.hpp -- memory of a fixed size, handed out as chains of small pages.
 *
 * So a content of any length fits wherever enough pages are free: nothing is lost to gaps, and
 * making room needs no luck.  It lives where its maker puts it, holds no pointers, and does no
 * locking.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

inline constexpr Size kPageSize = 256;
/* What a page costs with its place in the chain. */
inline constexpr Size kPageCost = kPageSize + sizeof(uint32);

struct PagePool {
  uint32 count;
  uint32 free_count;
  uint32 first_free;
  /* Here follow the next page of each page, and the pages. */
};

/* The memory of a pool of so many pages. */
Size page_pool_memory(uint32 count);

/* Makes a pool, all free, in so much memory. */
void make_page_pool(PagePool* pool, uint32 count);

/* How many pages so many bytes take. */
uint32 pages_for(Size size);

/* Stores the bytes and returns their first page. Requires: pages_for(size) are free. */
uint32 store_in_pages(PagePool* pool, const char* bytes, Size size);

/* Copies the bytes of the chain. */
void load_from_pages(const PagePool* pool, uint32 first, char* bytes, Size size);

/* Frees the chain of so many bytes. */
void free_pages(PagePool* pool, uint32 first, Size size);

}  // namespace simpg
