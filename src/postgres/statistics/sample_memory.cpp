/*
 * sample_memory.cpp -- makes and frees the memory of samples.
 */
#include "statistics/sample_memory.hpp"

SIM_SERVER_BEGIN
#include <utils/memutils.h>
SIM_SERVER_END

namespace simpg {

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
  memory.shared = try_to_create_segment(count * sizeof(double));
  if (memory.shared.segment == nullptr) {
    return memory;
  }
  memory.target.values = static_cast<double*>(dsm_segment_address(memory.shared.segment));
  memory.target.count = count;
  memory.target.segment = dsm_segment_handle(memory.shared.segment);
  return memory;
}

void free_samples(SampleMemory* memory) {
  if (memory->shared.segment != nullptr) {
    release_segment(&memory->shared);
  } else if (memory->target.values != nullptr) {
    pfree(memory->target.values);
  }
  *memory = SampleMemory{};
}

}  // namespace simpg
