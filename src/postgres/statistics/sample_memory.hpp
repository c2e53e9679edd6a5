/*
 * sample_memory.hpp -- memory for all samples of a pass: of this process, or shared with workers.
 */
#pragma once

#include "postgres.hpp"

#include "dynamic_memory.hpp"
#include "scan/sample_target.hpp"

namespace simpg {

struct SampleMemory {
  SampleTarget target;
  OwnedSegment shared;
};

/* Of this process, in the current memory context. No values for a count of 0. */
SampleMemory make_own_samples(std::size_t count);

/* For workers, too; no values for a count of 0, and where there is not so much shared memory. */
SampleMemory make_shared_samples(std::size_t count);

/* An error before gives the memory back as well. */
void free_samples(SampleMemory* memory);

}  // namespace simpg
