/*
 * page_segments.cpp -- the directory of segments, and where this process has them.
 *
 * A segment begins with its pages; their links follow.  Segments grow with what is there, so the
 * last ones have most pages and the search for a page begins with them.
 */
#include "cache/page_segments.hpp"

namespace simpg {

namespace {

struct Mapping {
  dsm_segment* segment;
  char* pages;
  PageLinks* links;
  uint32 first;
};

Mapping mappings[kMostSegments];
uint32 mapped = 0;
uint32 mapped_generation = 0;

void remember(const PageSegment& entry, dsm_segment* segment) {
  auto* pages = static_cast<char*>(dsm_segment_address(segment));
  auto* links = reinterpret_cast<PageLinks*>(pages + kPageSize * entry.count);
  mappings[mapped++] = {segment, pages, links, entry.first};
}

void unmap_all() {
  while (mapped > 0) {
    dsm_detach(mappings[--mapped].segment);
  }
}

const Mapping& mapping_of(uint32 page) {
  uint32 i = mapped - 1;
  while (mappings[i].first > page) {
    i--;
  }
  return mappings[i];
}

}  // namespace

void make_page_directory(PageDirectory* directory) { *directory = PageDirectory{}; }

bool map_pages(const PageDirectory* directory) {
  if (mapped_generation != directory->generation) {
    unmap_all();
    mapped_generation = directory->generation;
  }
  while (mapped < directory->segment_count) {
    const PageSegment& entry = directory->segments[mapped];
    OwnedSegment owned = try_to_attach_segment(entry.handle);
    if (owned.segment == nullptr) {
      return false;
    }
    remember(entry, keep_segment(&owned));
  }
  return true;
}

char* page_at(uint32 page) {
  const Mapping& mapping = mapping_of(page);
  return mapping.pages + kPageSize * (page - mapping.first);
}

PageLinks* links_of(uint32 page) {
  const Mapping& mapping = mapping_of(page);
  return &mapping.links[page - mapping.first];
}

void add_segment(PageDirectory* directory, dsm_segment* segment) {
  const Size size = dsm_segment_map_length(segment);
  const auto count = static_cast<uint32>(size / kPageCost);
  const PageSegment entry = {dsm_segment_handle(segment), directory->page_count, count};
  directory->segments[directory->segment_count++] = entry;
  directory->page_count += count;
  directory->size += size;
  remember(entry, segment);
}

void remove_segments(PageDirectory* directory) {
  const PageDirectory old = *directory;
  make_page_directory(directory);
  directory->generation = old.generation + 1;
  for (uint32 i = 0; i < old.segment_count; i++) {
    dsm_unpin_segment(old.segments[i].handle);
  }
  map_pages(directory);
}

}  // namespace simpg
