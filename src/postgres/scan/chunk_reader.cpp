/*
 * chunk_reader.cpp -- reduces chunks to partials.
 */
#include "scan/chunk_reader.hpp"

#include <algorithm>
#include <memory>

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
                                    sim::Control& control) {
  const sim::Chunk chunk = simulation.chunk(number);
  if (keep_.differences) {
    return simulation.summarize_differences(chunk, keep_.influences, control);
  }
  if (sifter_.has_value()) {
    return sift(simulation, chunk, control);
  }
  return samples_.values != nullptr ? simulation.summarize_into(chunk, samples_, control)
                                    : simulation.summarize(chunk, keep_.plan, control);
}

sim::Partial ChunkReader::sift(const sim::Simulation& simulation, const sim::Chunk& chunk,
                               sim::Control& control) {
  const auto trials = static_cast<std::size_t>(chunk.trials);
  const std::size_t count = simulation.slots().size() * trials;
  const auto values = std::make_unique_for_overwrite<double[]>(count);
  sim::Partial partial = simulation.summarize_beside(chunk, values.get(), control);
  sifter_->take(chunk.scenario, {values.get(), count}, trials,
                failed_trials(partial, chunk.scenario) == 0);
  return partial;
}

void ChunkReader::sift_samples_onto(void* board) { sifter_.emplace(sim::NearBoard(board)); }

bool ChunkReader::finish_sifting() { return !sifter_.has_value() || sifter_->finish(); }

sim::Partial ChunkReader::summarize(int64 number, sim::Control& control) {
  return summarize(simulation(), number, control);
}

sim::Partial ChunkReader::summarize_all(int threads, sim::Control& control) {
  sim::Partial all = sim::run_pass(
      simulation(), threads,
      [this](const sim::Simulation& own, std::int64_t chunk, sim::Control& asked) {
        return summarize(own, chunk, asked);
      },
      control);
  finish_sifting();
  return all;
}

int64 failed_trials(const sim::Partial& partial, std::uint32_t scenario) {
  int64 failed = 0;
  for (std::uint32_t slot = 0; slot < partial.slots(); slot++) {
    failed = std::max<int64>(failed, partial.total(scenario, slot).failed);
  }
  return failed;
}

}  // namespace simpg
