/*
 * page_pool.hpp -- pages handed out as chains.
 *
 * So a content of any length fits wherever enough pages are free: nothing is lost to gaps, and
 * making room needs no luck.  Lives in memory that all processes share, holds no pointers, and does
 * no locking; all but making it and counting its pages requires that map_pages() said true.
 */
#pragma once

#include "cache/page_segments.hpp"

namespace simpg {

struct PagePool {
  PageDirectory directory;
  uint32 free_count;
  uint32 first_free;
};

/* Makes a pool without pages. */
void make_page_pool(PagePool* pool);

/* Takes the pages of a segment that this process has made. Requires: as add_segment. */
void add_pages(PagePool* pool, dsm_segment* segment);

/* Gives all memory back, whatever lies in it. */
void empty_page_pool(PagePool* pool);

/* How many pages so many bytes take. */
uint32 pages_for(Size size);

/* The first of a chain of so many pages. Requires: count > 0, and they are free. */
uint32 take_pages(PagePool* pool, uint32 count);
void free_pages(PagePool* pool, uint32 first, uint32 count);

/* Copies bytes into the chain or out of it, from so many bytes after its beginning on. Requires:
 * skip < kPageSize. */
void write_to_pages(uint32 first, Size skip, const char* bytes, Size size);
void read_from_pages(uint32 first, Size skip, char* bytes, Size size);

}  // namespace simpg
