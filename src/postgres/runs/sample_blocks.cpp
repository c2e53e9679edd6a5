/*
 * sample_blocks.cpp -- simulates some leaves ahead and cuts them into blocks.
 */
#include "runs/sample_blocks.hpp"

#include <algorithm>
#include <numeric>

namespace simpg {

namespace {

/* Values simulated at a time where one leaf has no more: 2 MB, some milliseconds. */
constexpr std::int64_t kWindowValues = 262144;
constexpr std::int64_t kMostLeaves = 64;

std::int64_t window_of(std::int64_t slots) {
  const std::int64_t leaves = kWindowValues / (std::max<std::int64_t>(slots, 1) * sim::kLeafTrials);
  return std::clamp<std::int64_t>(leaves, 1, kMostLeaves) * sim::kLeafTrials;
}

}  // namespace

SampleBlocks::SampleBlocks(std::span<const std::uint8_t> experiment, const Knobs& knobs)
    : experiment_(compile(experiment, knobs)),
      wanted_(experiment_->simulation.slots().size()),
      window_(window_of(static_cast<std::int64_t>(wanted_.size()))),
      simulated_(wanted_.size() * static_cast<std::size_t>(window_)),
      waiting_(wanted_.size() * static_cast<std::size_t>(kBlockValues + window_)) {
  std::iota(wanted_.begin(), wanted_.end(), 0U);
}

SampleBlock SampleBlocks::next(sim::Control& control) {
  const sim::Simulation& simulation = experiment_->simulation;
  for (; scenario_ < simulation.scenarios() && !wanted_.empty(); scenario_++) {
    while (first_waiting_ + block_ < simulation.trials()) {
      const std::int64_t begin = first_waiting_ + block_;
      const std::int64_t count = std::min(kBlockValues, simulation.trials() - begin);
      if (begin + count > simulated_trials_) {
        drop_stored();
        simulate(control);
        continue;
      }
      const std::int64_t row = static_cast<std::int64_t>(slot_) * (kBlockValues + window_);
      const SampleBlock block = {
          scenario_ * static_cast<std::uint32_t>(wanted_.size()) + slot_, begin,
          std::span<const double>(waiting_).subspan(static_cast<std::size_t>(row + block_),
                                                    static_cast<std::size_t>(count))};
      if (++slot_ == wanted_.size()) {
        slot_ = 0;
        block_ += count;
      }
      return block;
    }
    simulated_trials_ = first_waiting_ = block_ = 0;
  }
  return {};
}

/* Moves what has not been in a block to the left. */
void SampleBlocks::drop_stored() {
  const std::int64_t left = simulated_trials_ - first_waiting_ - block_;
  for (std::size_t slot = 0; slot < wanted_.size(); slot++) {
    const auto row =
        waiting_.begin() + static_cast<std::ptrdiff_t>(slot) * (kBlockValues + window_);
    std::copy_n(row + block_, left, row);
  }
  first_waiting_ += block_;
  block_ = 0;
}

void SampleBlocks::simulate(sim::Control& control) {
  const sim::Simulation& simulation = experiment_->simulation;
  const std::int64_t count = std::min(window_, simulation.trials() - simulated_trials_);
  simulation.sample({scenario_, simulated_trials_, count}, wanted_, simulated_.data(), control);
  const std::int64_t waiting = simulated_trials_ - first_waiting_;
  for (std::size_t slot = 0; slot < wanted_.size(); slot++) {
    const auto row = static_cast<std::ptrdiff_t>(slot);
    std::copy_n(simulated_.begin() + row * count, count,
                waiting_.begin() + row * (kBlockValues + window_) + waiting);
  }
  simulated_trials_ += count;
}

}  // namespace simpg
