/*
 * chunk_reader.hpp -- reduces chunk after chunk to partials: pure C++, to be called inside
 * guarded().
 */
#pragma once

#include "scan/compiled.hpp"

#include <optional>
#include <vector>

#include "scan/keep.hpp"
#include "summary/near_board.hpp"
#include "summary/partial.hpp"

namespace simpg {

class ChunkReader {
 public:
  /* No bytes in `keep`: moments only. Throws what compile() and read_keep() throw. */
  ChunkReader(std::span<const std::uint8_t> experiment, std::span<const std::uint8_t> keep,
              const Knobs& knobs);

  const CompiledExperiment& experiment() const { return *experiment_; }
  const sim::Simulation& simulation() const { return experiment_->simulation; }

  /*
   * From now on samples go to their places in the memory, and partials have moments alone. Throws
   * Error(corrupt_state) where it is not as large as they need.
   */
  void put_samples_into(std::span<double> memory);

  /* From now on samples are sifted onto the board in that memory, and partials have moments alone.
   */
  void sift_samples_onto(void* board);
  /* Whether all are on the board; if not, this is to be called again in a moment. */
  bool finish_sifting();

  /* Pure but for the samples: the chunk's partial, or that of its differences from scenario 0. */
  sim::Partial summarize(int64 number, sim::Control& control);
  /* The merged partials of all chunks, computed by several threads; samples are where they belong
   * then. */
  sim::Partial summarize_all(int threads, sim::Control& control);

 private:
  sim::Partial summarize(const sim::Simulation& simulation, int64 number, sim::Control& control);
  sim::Partial sift(const sim::Simulation& simulation, const sim::Chunk& chunk,
                    sim::Control& control);

  SharedExperiment experiment_;
  Keep keep_;
  sim::SampleArea samples_;
  std::optional<sim::NearSifter> sifter_;
};

/* Trials of a scenario in which some slot has no finite value, or fewer: the most that one slot
 * has. */
int64 failed_trials(const sim::Partial& partial, std::uint32_t scenario);

}  // namespace simpg
