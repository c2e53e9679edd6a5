/*
 * chunk_reader.cpp -- reduces chunks to partials.
 */
#include "scan/chunk_reader.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "experiment/pass.hpp"

namespace simpg {

ChunkReader::ChunkReader(std::span<const std::uint8_t> experiment,
                         std::span<const std::uint8_t> keep, const Knobs& knobs)
    : experiment_(compile(experiment, knobs)) {
  if (!keep.empty()) {
    keep_ = read_keep(keep, simulation().scenarios(),
                      static_cast<std::uint32_t>(simulation().slots().size()));
  }
}

void ChunkReader::put_samples_into(std::span<double> memory) {
  const std::size_t cells = simulation().slots().size() * simulation().scenarios();
  if (memory.size() != cells * static_cast<std::size_t>(simulation().trials())) {
    throw sim::Error(sim::ErrorKind::corrupt_state, "the samples are those of another experiment");
  }
  samples_ = simulation().sample_area(memory.data());
}

sim::Partial ChunkReader::summarize(const sim::Simulation& simulation, int64 number,
                                    sim::Control& control) const {
  const sim::Chunk chunk = simulation.chunk(number);
  if (keep_.differences) {
    return simulation.summarize_differences(chunk, keep_.influences, control);
  }
  return samples_.values != nullptr ? simulation.summarize_into(chunk, samples_, control)
                                    : simulation.summarize(chunk, keep_.plan, control);
}

void ChunkReader::sift_samples_onto(void* board) { sifter_.emplace(sim::NearBoard(board)); }

bool ChunkReader::finish_sifting() { return !sifter_.has_value() || sifter_->finish(); }

sim::Partial ChunkReader::summarize(int64 number, sim::Control& control) {
  if (sifter_.has_value()) {
    const sim::Chunk chunk = simulation().chunk(number);
    const auto trials = static_cast<std::size_t>(chunk.trials);
    chunk_values_.resize(simulation().slots().size() * trials);
    sim::Partial partial = simulation().summarize_beside(chunk, chunk_values_.data(), control);
    sifter_->take(chunk.scenario, chunk_values_, trials);
    return partial;
  }
  return summarize(simulation(), number, control);
}

sim::Partial ChunkReader::summarize_all(int threads, sim::Control& control) const {
  return sim::run_pass(
      simulation(), threads,
      [this](const sim::Simulation& own, std::int64_t chunk, sim::Control& asked) {
        return summarize(own, chunk, asked);
      },
      control);
}

int64 failed_trials(const sim::Partial& partial, std::uint32_t scenario) {
  int64 failed = 0;
  for (std::uint32_t slot = 0; slot < partial.slots(); slot++) {
    failed = std::max<int64>(failed, partial.total(scenario, slot).failed);
  }
  return failed;
}

}  // namespace simpg
