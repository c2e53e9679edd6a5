/*
 * chunk_summary.cpp -- reduces the values of a chunk block by block, as they come.
 *
 * Each slot keeps the finished subtrees of its part of the tree, as a binary counter keeps its
 * ones: a new block merges with its left sibling as long as there is one.
 */
#include <algorithm>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "summary/partial.hpp"

namespace sim {

ChunkSummary::ChunkSummary(std::uint32_t scenarios, std::uint32_t slots, std::uint32_t scenario,
                           std::int64_t first_trial, const KeepPlan& plan)
    : partial_(scenarios, slots),
      scenario_(scenario),
      first_block_(static_cast<std::uint64_t>(first_trial / kBlockTrials)),
      slots_(slots) {
  partial_.mode_ = plan.mode;
  if (plan.mode == KeepMode::moments) return;
  if (plan.mode == KeepMode::samples) {
    kept_.resize(slots);
    return;
  }
  kept_.reserve(slots);
  const std::size_t first = static_cast<std::size_t>(scenario) * slots;
  for (std::size_t slot = 0; slot < slots; ++slot) kept_.emplace_back(plan.brackets[first + slot]);
}

void ChunkSummary::add(std::uint32_t slot, const double* values, std::size_t n) {
  SlotSummary& summary = slots_[slot];
  constexpr std::size_t kBlock = kBlockTrials;
  std::int64_t failed = 0;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const Moments block = block_moments(values + i, std::min(kBlock, n - i));
    failed += block.failed;
    add_block(summary, block);
  }
  if (!kept_.empty()) kept_[slot].add(values, n, static_cast<std::size_t>(failed));
}

void ChunkSummary::add_block(SlotSummary& slot, const Moments& block) {
  if (slot.closed) {
    throw Error(ErrorKind::corrupt_state, "values of a chunk out of place",
                "Only the last piece may end inside a block of " + std::to_string(kBlockTrials) +
                    " trials.");
  }
  const std::int64_t trials = block.count + block.failed;
  const auto blocks_before = static_cast<std::uint64_t>(slot.trials / kBlockTrials);
  slot.closed = trials < kBlockTrials;
  slot.trials += trials;

  Finished tree{0, first_block_ + blocks_before, block};
  while (!slot.finished.empty() && tree.index % 2 == 1 &&
         slot.finished.back().level == tree.level) {
    tree.moments = sim::merge(slot.finished.back().moments, tree.moments);
    slot.finished.pop_back();
    ++tree.level;
    tree.index /= 2;
  }
  slot.finished.push_back(tree);
}

Partial ChunkSummary::finish() {
  const auto same_trials = [&](const SlotSummary& slot) { return slot.trials == slots_[0].trials; };
  if (!std::all_of(slots_.begin(), slots_.end(), same_trials)) {
    throw Error(ErrorKind::corrupt_state, "values of a chunk are missing",
                "One output got more trials than another.");
  }
  partial_.chunks_ = 1;
  if (slots_.empty() || slots_[0].trials == 0) return std::move(partial_);
  for (std::size_t i = 0; i < slots_[0].finished.size(); ++i) {
    std::vector<Moments> moments;
    moments.reserve(slots_.size());
    for (const SlotSummary& slot : slots_) moments.push_back(slot.finished[i].moments);
    const Finished& tree = slots_[0].finished[i];
    partial_.insert({scenario_, tree.level, tree.index}, std::move(moments));
  }
  partial_.states_[scenario_].kept = std::move(kept_);
  return std::move(partial_);
}

}  // namespace sim
