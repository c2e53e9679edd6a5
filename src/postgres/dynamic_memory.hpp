/*
 * dynamic_memory.hpp -- segments of dynamic shared memory, for those who can do without: where
 * there is no room for one there is none, and no error.
 */
#pragma once

#include "postgres.hpp"

SIM_SERVER_BEGIN
#include <storage/dsm.h>
#include <utils/resowner.h>
SIM_SERVER_END

namespace simpg {

/* A segment, and the resource owner below the caller's that it belongs to. */
struct OwnedSegment {
  dsm_segment* segment = nullptr;
  ResourceOwner owner = nullptr;
};

/* Nothing where there is no room, or too many segments. The caller may hold locks. */
OwnedSegment try_to_create_segment(Size size);

/* Nothing where it is gone, or this process has no room for it. The caller may hold locks. */
OwnedSegment try_to_attach_segment(dsm_handle handle);

/* Gives the mapping back, and with the last one the memory; an error before does so as well. */
void release_segment(OwnedSegment* owned);

/* Makes the mapping stay until dsm_detach or the end of the process. */
dsm_segment* keep_segment(OwnedSegment* owned);

/*
 * How much of the system's dynamic shared memory may be taken for what can be done without: half of
 * it is left to those who raise an error where there is none, as parallel queries do.
 */
Size spare_dynamic_memory();

}  // namespace simpg
