/*
 * sample_memory.cpp -- makes and frees the memory of samples.
 *
 * A segment belongs to a resource owner of its own below the caller's: what is left of one that
 * could not be made is then released at once, and an error later releases both.
 */
#include "statistics/sample_memory.hpp"

SIM_SERVER_BEGIN
#include <utils/memutils.h>
SIM_SERVER_END

namespace simpg {

namespace {

void drop_owner(ResourceOwner owner) {
  ResourceOwnerRelease(owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
  ResourceOwnerRelease(owner, RESOURCE_RELEASE_LOCKS, false, false);
  ResourceOwnerRelease(owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
  ResourceOwnerDelete(owner);
}

/* Whether the error at hand says that there is no room; /dev/shm is often small in containers. */
bool is_out_of_room() {
  const int code = geterrcode();
  return code == ERRCODE_OUT_OF_MEMORY || code == ERRCODE_DISK_FULL ||
         code == ERRCODE_INSUFFICIENT_RESOURCES;
}

/* Null where there is no room. Belongs to the current resource owner. */
dsm_segment* try_to_create(Size size) {
  MemoryContext caller = CurrentMemoryContext;
  dsm_segment* volatile segment = nullptr;
  PG_TRY();
  { segment = dsm_create(size, DSM_CREATE_NULL_IF_MAXSEGMENTS); }
  PG_CATCH();
  {
    MemoryContextSwitchTo(caller);
    if (!is_out_of_room()) {
      PG_RE_THROW();
    }
    FlushErrorState();
  }
  PG_END_TRY();
  return segment;
}

}  // namespace

SampleMemory make_own_samples(std::size_t count) {
  SampleMemory memory;
  if (count > 0) {
    memory.target.values =
        static_cast<double*>(MemoryContextAllocHuge(CurrentMemoryContext, count * sizeof(double)));
    memory.target.count = count;
  }
  return memory;
}

SampleMemory make_shared_samples(std::size_t count) {
  SampleMemory memory;
  if (count == 0) {
    return memory;
  }
  ResourceOwner caller = CurrentResourceOwner;
  memory.owner = ResourceOwnerCreate(caller, "sim samples");
  CurrentResourceOwner = memory.owner;
  memory.segment = try_to_create(count * sizeof(double));
  CurrentResourceOwner = caller;  // whoever catches an error sets it as well
  if (memory.segment == nullptr) {
    drop_owner(memory.owner);
    return SampleMemory{};
  }
  memory.target.values = static_cast<double*>(dsm_segment_address(memory.segment));
  memory.target.count = count;
  memory.target.segment = dsm_segment_handle(memory.segment);
  return memory;
}

void free_samples(SampleMemory* memory) {
  if (memory->segment != nullptr) {
    drop_owner(memory->owner);
  } else if (memory->target.values != nullptr) {
    pfree(memory->target.values);
  }
  *memory = SampleMemory{};
}

}  // namespace simpg
