/*
 * dynamic_memory.cpp -- makes, maps and releases segments.
 *
 * Each belongs to a resource owner of its own below the caller's: what is left of one that could
 * not be made or mapped is then released at once.
 */
#include "dynamic_memory.hpp"

#include <sys/statvfs.h>

#include <cstdint>

namespace simpg {

namespace {

/* Where Linux has the memory of shm_open. */
constexpr const char* kPosixMemory = "/dev/shm";

/* Whether the error at hand says that there is no room; /dev/shm is often small in containers. */
bool is_out_of_room() {
  const int code = geterrcode();
  return code == ERRCODE_OUT_OF_MEMORY || code == ERRCODE_DISK_FULL ||
         code == ERRCODE_INSUFFICIENT_RESOURCES;
}

/* What the function returns; null where it fails for want of room. */
template <class Make>
dsm_segment* segment_or_null(Make make) {
  MemoryContext caller = CurrentMemoryContext;
  // An error sets it to 0, but whoever holds locks goes on to hold them.
  const uint32 holdoff = InterruptHoldoffCount;
  dsm_segment* volatile segment = nullptr;
  PG_TRY();
  { segment = make(); }
  PG_CATCH();
  {
    MemoryContextSwitchTo(caller);
    if (!is_out_of_room()) {
      PG_RE_THROW();
    }
    FlushErrorState();
    InterruptHoldoffCount = holdoff;
  }
  PG_END_TRY();
  return segment;
}

/* The same, with an owner of its own. */
template <class Make>
OwnedSegment owned_segment(Make make) {
  ResourceOwner caller = CurrentResourceOwner;
  OwnedSegment owned;
  owned.owner = ResourceOwnerCreate(caller, "sim memory");
  CurrentResourceOwner = owned.owner;
  owned.segment = segment_or_null(make);
  CurrentResourceOwner = caller;  // whoever catches an error sets it as well
  if (owned.segment == nullptr) {
    release_segment(&owned);
  }
  return owned;
}

}  // namespace

OwnedSegment try_to_create_segment(Size size) {
  return owned_segment([size] { return dsm_create(size, DSM_CREATE_NULL_IF_MAXSEGMENTS); });
}

OwnedSegment try_to_attach_segment(dsm_handle handle) {
  return owned_segment([handle] { return dsm_attach(handle); });
}

void release_segment(OwnedSegment* owned) {
  ResourceOwnerRelease(owned->owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
  ResourceOwnerRelease(owned->owner, RESOURCE_RELEASE_LOCKS, false, false);
  ResourceOwnerRelease(owned->owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
  ResourceOwnerDelete(owned->owner);
  *owned = OwnedSegment{};
}

dsm_segment* keep_segment(OwnedSegment* owned) {
  dsm_segment* segment = owned->segment;
  dsm_pin_mapping(segment);
  release_segment(owned);
  return segment;
}

Size spare_dynamic_memory() {
  struct statvfs place;
  if (dynamic_shared_memory_type != DSM_IMPL_POSIX || statvfs(kPosixMemory, &place) != 0 ||
      place.f_blocks == 0) {
    return SIZE_MAX;
  }
  const Size free_blocks = place.f_bavail;
  const Size left_blocks = place.f_blocks / 2;
  return free_blocks > left_blocks ? (free_blocks - left_blocks) * place.f_frsize : 0;
}

}  // namespace simpg
