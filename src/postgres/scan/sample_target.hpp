/*
 * sample_target.hpp -- where the scan of the query that a statistics function runs puts all
 * samples.
 *
 * Handed over inside the backend and, to workers, in the shared memory of the scan; never as a
 * value of SQL, for whoever wrote such a value could have any shared memory written to.
 */
#pragma once

#include "postgres.hpp"

#include <cstddef>

SIM_SERVER_BEGIN
#include <storage/dsm.h>
SIM_SERVER_END

namespace simpg {

struct SampleTarget {
  double* values = nullptr;  // null: samples travel in the partials
  bool near = false;         // the memory is a board for those near the percentiles
  std::size_t count = 0;
  dsm_handle segment = DSM_HANDLE_INVALID;  // for workers; invalid: memory of this process alone
};

/* For the scans of sim.chunks that start until this is called again. */
void expect_samples(const SampleTarget& target);
const SampleTarget& expected_samples();

}  // namespace simpg
