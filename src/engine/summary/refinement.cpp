/*
 * refinement.cpp -- plans the passes and reads them.
 */
#include "summary/refinement.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace sim {
namespace {

/* Fewer bins than these are not worth a pass. */
constexpr std::uint32_t kFewestBins = 16;
/* A counted bracket holds, besides its bins, as many values before it turns to bins. */
constexpr std::size_t kBytesPerBin = sizeof(Bin) + sizeof(double);
/* Collected values while their blocks are gathered into one. */
constexpr std::size_t kBytesPerValue = 2 * sizeof(double);
/* After so many cuts into equal lengths, bins hold equally many doubles, and few more cuts follow.
 */
constexpr int kLinearCuts = 2;

std::uint32_t bins_within(std::size_t memory, std::size_t brackets) {
  const std::size_t bins = memory / kBytesPerBin / std::max<std::size_t>(brackets, 1);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(bins, kFewestBins, kHistogramBins));
}

}  // namespace

BracketRefinement::BracketRefinement(std::uint32_t scenarios, std::uint32_t slots,
                                     std::vector<double> probabilities, bool intervals,
                                     std::size_t memory, std::span<const Bracket> pilots)
    : slots_(slots),
      probabilities_(std::move(probabilities)),
      intervals_(intervals),
      memory_(memory),
      cells_(static_cast<std::size_t>(scenarios) * slots) {
  PercentileTargets(probabilities_, 0, false);  // checks the probabilities
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].open.push_back({.bracket = pilots[i]});
  make_plan();
}

void BracketRefinement::take(Partial&& pass) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto scenario = static_cast<std::uint32_t>(i / slots_);
    const auto slot = static_cast<std::uint32_t>(i % slots_);
    if (passes_ == 0) begin_cell(cells_[i], pass.total(scenario, slot));
    take_cell(cells_[i], pass, scenario, slot);
  }
  ++passes_;
  make_plan();
}

void BracketRefinement::begin_cell(Cell& cell, const Moments& total) {
  cell.total = total;
  const PercentileTargets& targets = targets_of(total.count);
  cell.rows.assign(targets.rows().begin(), targets.rows().end());
}

void BracketRefinement::take_cell(Cell& cell, Partial& pass, std::uint32_t scenario,
                                  std::uint32_t slot) {
  const auto count = static_cast<std::uint64_t>(cell.total.count);
  bool same_trials = pass.total(scenario, slot).count == cell.total.count;
  std::vector<std::uint64_t> counted(cell.asked.size(), 0);
  std::uint64_t before = 0;
  for (const Region& region : pass.regions(scenario, slot)) {
    const bool between = region.kind == Region::Kind::between;
    same_trials = same_trials && region.bin.count <= count - before &&
                  (between || region.bracket < counted.size());
    if (!same_trials) break;
    resolve(cell, region, static_cast<std::int64_t>(before), pass, scenario, slot);
    if (!between) counted[region.bracket] += region.bin.count;
    before += region.bin.count;
  }
  for (std::size_t i = 0; i < counted.size() && passes_ > 0; ++i) {
    same_trials = same_trials && counted[i] == cell.asked[i].count;
  }
  cell.asked.clear();
  if (same_trials && before == count) return;
  throw Error(ErrorKind::corrupt_state, "passes over the same trials differ",
              "Output " + std::to_string(slot) + " of scenario " + std::to_string(scenario) +
                  " did not have the values that it had before.");
}

/* Learns what a region tells of the wanted rows in it. */
void BracketRefinement::resolve(Cell& cell, const Region& region, std::int64_t first_row,
                                Partial& pass, std::uint32_t scenario, std::uint32_t slot) {
  const bool between = region.kind == Region::Kind::between;
  if (between && passes_ > 0) return;  // what is wanted there waits in an interval of its own
  const std::int64_t end_row = first_row + static_cast<std::int64_t>(region.bin.count);
  std::vector<std::int64_t> inside;  // wanted rows that the extremes do not tell
  auto row = std::lower_bound(cell.rows.begin(), cell.rows.end(), first_row);
  for (; row != cell.rows.end() && *row < end_row; ++row) {
    if (*row == first_row || region.bin.min == region.bin.max) {
      cell.values[*row] = region.bin.min + 0.0;  // a zero is positive
    } else if (*row == end_row - 1) {
      cell.values[*row] = region.bin.max + 0.0;
    } else if (!cell.values.contains(*row)) {
      inside.push_back(*row - first_row);
    }
  }
  if (inside.empty()) return;
  if (region.kind == Region::Kind::collected) {
    std::vector<double> values = pass.take_samples(scenario, slot, region.bracket);
    const std::vector<double> found = order_statistics(values, inside);
    for (std::size_t i = 0; i < found.size(); ++i) cell.values[first_row + inside[i]] = found[i];
    return;
  }
  const int cuts = between ? 1 : cell.asked[region.bracket].cuts + 1;
  const bool logarithmic = between || cuts >= kLinearCuts;
  cell.open.push_back({{region.bin.min, region.bin.max, 0, logarithmic}, region.bin.count, cuts});
}

/*
 * Collects the smallest intervals as long as they fit three quarters of the memory, and counts the
 * others in what is left.  Where not even a few bins for each fit, some wait for the next pass.
 */
void BracketRefinement::make_plan() {
  std::vector<Open*> waiting;
  for (Cell& cell : cells_) {
    for (Open& open : cell.open) waiting.push_back(&open);
  }
  needs_pass_ = !waiting.empty();
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const Open* a, const Open* b) { return a->count < b->count; });

  std::size_t used = 0;
  std::size_t next = 0;
  for (; next < waiting.size() && waiting[next]->count > 0; ++next) {
    const std::size_t needed = waiting[next]->count * kBytesPerValue;
    if (needed > memory_ / 4 * 3 - used) break;
    used += needed;
    waiting[next]->asked = true;
  }
  const std::size_t left = memory_ - used;
  std::size_t counted = std::min(waiting.size() - next, left / (kBytesPerBin * kFewestBins));
  if (next == 0 && !waiting.empty()) counted = std::max<std::size_t>(counted, 1);
  for (std::size_t i = next; i < next + counted; ++i) {
    waiting[i]->asked = true;
    waiting[i]->bracket.bins = bins_within(left, counted);
  }
  write_plan();
}

/* Moves what is asked from the open intervals of each cell into the plan. */
void BracketRefinement::write_plan() {
  plan_.brackets.assign(cells_.size(), {});
  plan_.mode = KeepMode::histogram;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    Cell& cell = cells_[i];
    std::sort(cell.open.begin(), cell.open.end(),
              [](const Open& a, const Open& b) { return a.bracket.low < b.bracket.low; });
    const auto waits = [](const Open& open) { return !open.asked; };
    const auto asked = std::stable_partition(cell.open.begin(), cell.open.end(), waits);
    cell.asked.assign(asked, cell.open.end());
    cell.open.erase(asked, cell.open.end());
    /* Before the first pass nothing is known of a slot that waits: its values then lie in no
     * bracket at all. */
    if (passes_ == 0) cell.open.clear();
    for (const Open& open : cell.asked) plan_.brackets[i].push_back(open.bracket);
    if (plan_.brackets[i].size() != 1 || plan_.brackets[i][0].bins == 0) {
      plan_.mode = KeepMode::brackets;
    }
  }
}

const PercentileTargets& BracketRefinement::targets_of(std::int64_t n) const {
  const auto found = targets_.find(n);
  if (found != targets_.end()) return found->second;
  return targets_.emplace(n, PercentileTargets(probabilities_, n, intervals_)).first->second;
}

std::vector<PercentileEstimate> BracketRefinement::percentiles(std::uint32_t scenario,
                                                               std::uint32_t slot) const {
  const Cell& cell = cells_[static_cast<std::size_t>(scenario) * slots_ + slot];
  std::vector<double> values;
  values.reserve(cell.rows.size());
  for (const std::int64_t row : cell.rows) values.push_back(cell.values.at(row));
  return targets_of(cell.total.count).estimate(values);
}

const Moments& BracketRefinement::total(std::uint32_t scenario, std::uint32_t slot) const {
  return cells_[static_cast<std::size_t>(scenario) * slots_ + slot].total;
}

}  // namespace sim
