/*
 * chunk_reader.cpp -- reduces chunks to partials.
 */
#include "scan/chunk_reader.hpp"

#include <algorithm>

namespace simpg {

ChunkReader::ChunkReader(std::span<const std::uint8_t> experiment,
                         std::span<const std::uint8_t> keep, const Knobs& knobs)
    : experiment_(compile(experiment, knobs)) {
  if (!keep.empty()) {
    keep_ = read_keep(keep, simulation().scenarios(),
                      static_cast<std::uint32_t>(simulation().slots().size()));
  }
}

sim::Partial ChunkReader::summarize(int64 number, sim::Control& control) const {
  const sim::Chunk chunk = simulation().chunk(number);
  return keep_.differences ? simulation().summarize_differences(chunk, keep_.influences, control)
                           : simulation().summarize(chunk, keep_.plan, control);
}

int64 failed_trials(const sim::Partial& partial, std::uint32_t scenario) {
  int64 failed = 0;
  for (std::uint32_t slot = 0; slot < partial.slots(); slot++) {
    failed = std::max<int64>(failed, partial.total(scenario, slot).failed);
  }
  return failed;
}

}  // namespace simpg
