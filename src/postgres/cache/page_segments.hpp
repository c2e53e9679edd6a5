/*
 * page_segments.hpp -- pages in segments of dynamic shared memory, numbered through, as many as
 * were asked for so far.
 *
 * What all processes share is the directory, which lives in memory that they all have at one
 * address.  The segments lie elsewhere in each process: a page is known by its number, and each
 * process maps the segments once.  Does no locking.
 */
#pragma once

#include "postgres.hpp"

#include "dynamic_memory.hpp"

namespace simpg {

inline constexpr Size kPageSize = 256;
inline constexpr uint32 kNoPage = PG_UINT32_MAX;
inline constexpr uint32 kMostSegments = 64;

/* Beside each page, for those who use the pages. */
struct PageLinks {
  uint32 next;    // of its chain
  uint32 bucket;  // first page of the bucket with the page's number
};

/* What a page costs with its links. */
inline constexpr Size kPageCost = kPageSize + sizeof(PageLinks);

struct PageSegment {
  dsm_handle handle;
  uint32 first;  // page
  uint32 count;
};

struct PageDirectory {
  uint32 generation;  // another one after all memory was given back
  uint32 segment_count;
  uint32 page_count;
  Size size;  // of all segments
  PageSegment segments[kMostSegments];
};

void make_page_directory(PageDirectory* directory);

/*
 * Makes this process have what the directory names, and nothing else; false where it cannot.  To be
 * called under the lock that guards the directory, before any page is touched.
 */
bool map_pages(const PageDirectory* directory);

/* Both require: map_pages() said true under this lock. */
char* page_at(uint32 page);
PageLinks* links_of(uint32 page);

/* Takes the segment, which this process has made, into the directory; its links are kNoPage.
 * Requires: segment_count < kMostSegments. */
void add_segment(PageDirectory* directory, dsm_segment* segment);

/* Gives all memory back, which other processes hold until they call map_pages() or end. */
void remove_segments(PageDirectory* directory);

}  // namespace simpg
