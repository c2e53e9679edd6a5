/*
 * sample_blocks.hpp -- the samples of an experiment in blocks that are stored: pure C++, to be
 * called inside guarded().
 *
 * A block is the values of one reported number in up to kBlockValues consecutive trials: with them
 * a row fills one page of a table, next to its header, and needs no storage beside it.  Some leaves
 * are simulated at a time; what does not fill a block waits for the next ones, so memory does not
 * grow with the number of trials.
 */
#pragma once

#include "scan/compiled.hpp"

#include <vector>

namespace simpg {

inline constexpr std::int64_t kBlockValues = 1000;

struct SampleBlock {
  std::uint32_t place;       // scenario * slots + slot
  std::int64_t first_trial;  // counted from 0
  std::span<const double> values;
};

class SampleBlocks {
 public:
  /* Throws what compile() throws. */
  SampleBlocks(std::span<const std::uint8_t> experiment, const Knobs& knobs);

  /* The next block, by scenario, trials and slot; no values after the last. Valid until the next
   * call. Throws Error(cancelled). */
  SampleBlock next(sim::Control& control);

 private:
  void simulate(sim::Control& control);
  void drop_stored();

  SharedExperiment experiment_;
  std::vector<std::uint32_t> wanted_;  // all slots
  std::int64_t window_;                // trials that are simulated at a time
  std::vector<double> simulated_;
  std::vector<double> waiting_;  // kBlockValues + window_ a slot
  std::uint32_t scenario_ = 0;
  std::int64_t simulated_trials_ = 0;  // of the scenario
  std::int64_t first_waiting_ = 0;     // trial at the left of waiting_
  std::int64_t block_ = 0;             // left end of the next block within waiting_
  std::uint32_t slot_ = 0;             // of the next block
};

}  // namespace simpg
