/*
 * narrowed_percentiles.cpp -- brackets around wanted order statistics, and finding these in them.
 */
#include "summary/narrowed_percentiles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/* What lies strictly between the two; of two neighbouring doubles the greater one. */
Bracket open_bracket(double low, double high) {
  const double first = std::nextafter(low, kInfinity);
  return {first, std::max(std::nextafter(high, -kInfinity), first)};
}

}  // namespace

NarrowedPercentiles::NarrowedPercentiles(std::span<const double> probabilities,
                                         const QuantileSketch& sketch, std::int64_t n)
    : count_(n),
      targets_(probabilities, n, false),
      wanted_(find_wanted(targets_, sketch, n)),
      brackets_(find_brackets(wanted_)),
      kept_(brackets_) {}

/* A level's percentile is at most the value in its second row and at least that in its first. */
std::vector<NarrowedPercentiles::Wanted> NarrowedPercentiles::find_wanted(
    const PercentileTargets& targets, const QuantileSketch& sketch, std::int64_t n) {
  std::vector<Wanted> wanted;
  const std::size_t last = sketch.levels.size() - 1;
  for (const std::int64_t row : targets.rows()) {
    std::size_t below = 0;
    while (below < last && percentile_rows(sketch.levels[below + 1], n).second <= row) ++below;
    std::size_t above = last;
    while (above > below && percentile_rows(sketch.levels[above - 1], n).first >= row) --above;
    wanted.push_back({row, sketch.values[below], sketch.values[above]});
  }
  return wanted;
}

/* Neither end of a wanted one decreases with its row. */
std::vector<Bracket> NarrowedPercentiles::find_brackets(std::span<const Wanted> wanted) {
  std::vector<Bracket> brackets;
  for (std::size_t i = 0; i < wanted.size();) {
    double high = wanted[i].high;
    std::size_t end = i + 1;
    for (; end < wanted.size() && wanted[end].low < high; ++end) high = wanted[end].high;
    if (wanted[i].low < high) brackets.push_back(open_bracket(wanted[i].low, high));
    i = end;
  }
  return brackets;
}

void NarrowedPercentiles::add(std::span<const double> values) {
  const auto failed = std::count_if(values.begin(), values.end(),
                                    [](double value) { return !std::isfinite(value); });
  kept_.add(values.data(), values.size(), static_cast<std::size_t>(failed));
}

std::vector<double> NarrowedPercentiles::finish() {
  std::vector<double> values(wanted_.size());
  std::size_t next = 0;
  std::int64_t before = 0;
  for (const Region& region : kept_.regions()) {
    const std::int64_t end = before + static_cast<std::int64_t>(region.bin.count);
    const std::size_t first = next;
    std::vector<std::int64_t> rows;
    for (; next < wanted_.size() && wanted_[next].row < end; ++next) {
      rows.push_back(wanted_[next].row - before);
    }
    if (region.kind == Region::Kind::collected) {
      std::vector<double> collected = kept_.take_samples(region.bracket);
      const std::vector<double> found = order_statistics(collected, rows);
      std::copy(found.begin(), found.end(), values.begin() + static_cast<std::ptrdiff_t>(first));
    } else {
      for (std::size_t i = first; i < next; ++i) {
        values[i] = region.bin.max <= wanted_[i].low ? wanted_[i].low : wanted_[i].high;
      }
    }
    before = end;
  }
  if (before != count_) {
    throw Error(ErrorKind::corrupt_state, "the samples are not those of the sketch");
  }
  std::vector<double> percentiles;
  for (const PercentileEstimate& estimate : targets_.estimate(values)) {
    percentiles.push_back(estimate.value);
  }
  return percentiles;
}

}  // namespace sim
