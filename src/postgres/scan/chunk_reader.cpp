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

void ChunkReader::compute(int64 number, sim::Control& control) {
  const sim::Partial partial = summarize(number, control);
  const std::uint32_t scenario = simulation().chunk(number).scenario;
  failed_ = 0;
  for (std::uint32_t slot = 0; slot < partial.slots(); slot++) {
    failed_ = std::max<int64>(failed_, partial.total(scenario, slot).failed);
  }
  partial_ = partial.serialize();
}

}  // namespace simpg
