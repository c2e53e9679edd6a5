/*
 * order_statistics.cpp -- selects wanted rows of the sorted values without sorting.
 *
 * Many values are first narrowed by a sample.  Those left are counted in buckets of their ordered
 * keys, one for eight values and at most 65,536 between the extremes.  Only values of the
 * buckets that hold a wanted row are kept, and the search goes on among them, until there are few
 * or the buckets no longer help; then nth_element ends it.  One round nearly always does.  A bucket
 * with many values is often one value many times (0 for a plan that failed, true and false); that
 * is seen by its extremes, and nothing of it is kept.
 */
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/instruction_set.hpp"
#include "summary/ordered_key.hpp"
#include "summary/percentile.hpp"
#include "summary/selection.hpp"

namespace sim {
namespace {

constexpr std::size_t kMostBuckets = 65536;
/* Below, nth_element is as fast, for a few rows. */
constexpr std::size_t kFewValues = 128;
constexpr std::size_t kMostCounted = std::numeric_limits<std::uint32_t>::max();
/* Values for each bucket: counts then stay in the first-level cache, and adding them up takes
 * little beside counting. */
constexpr std::size_t kInBucket = 8;
/* From here on a sample pays. */
constexpr std::size_t kManyValues = 131072;
/* A bucket with more than this part of the values is heavy. */
constexpr std::size_t kHeavyPart = 16;

struct Extremes {
  double min;
  double max;
};

/* In sixteen lanes each, which are whole registers and need not wait for each other. */
struct FindExtremes {
  SIM_INLINE static void run(const double* values, std::size_t n, Extremes* found) {
    constexpr std::size_t kLanes = 16;
    double low[kLanes];
    double high[kLanes];
    std::fill(low, low + kLanes, values[0]);
    std::fill(high, high + kLanes, values[0]);
    const auto take = [&](const double* from, std::size_t lane) {
      low[lane] = from[lane] < low[lane] ? from[lane] : low[lane];
      high[lane] = from[lane] > high[lane] ? from[lane] : high[lane];
    };
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
#pragma omp simd
      for (std::size_t lane = 0; lane < kLanes; ++lane) take(values + i, lane);
    }
    for (std::size_t lane = 0; lane < n - i; ++lane) take(values + i, lane);
    *found = {*std::min_element(low, low + kLanes), *std::max_element(high, high + kLanes)};
  }
};

Extremes find_extremes(std::span<const double> values) {
  Extremes found;
  dispatch<FindExtremes>(values.data(), values.size(), &found);
  return found;
}

/* Which bucket a value is in. */
struct Buckets {
  std::uint64_t low;
  int shift = 0;

  Buckets(const Extremes& extremes, std::size_t most) : low(ordered_key(extremes.min)) {
    const std::uint64_t range = ordered_key(extremes.max) - low;
    while ((range >> shift) >= most) ++shift;
  }

  std::size_t of(double value) const { return (ordered_key(value) - low) >> shift; }
};

/* A bucket with so large a part of the values that it is worth a look whether they are all equal.
 */
struct Heavy {
  std::size_t bucket;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
};

/* Calls visit(wanted, bucket) for each wanted row, in order. */
template <typename Visit>
void for_each_wanted(std::span<const std::uint32_t> counts, std::span<WantedRow> wanted,
                     const Visit& visit) {
  std::size_t bucket = 0;
  std::size_t end = counts[0];
  for (WantedRow& want : wanted) {
    while (want.row >= end) end += counts[++bucket];
    visit(want, bucket);
  }
}

/* The heavy buckets that hold a wanted row, with their extremes. */
std::vector<Heavy> find_heavy(std::span<const double> values, const Buckets& buckets,
                              std::span<const std::uint32_t> counts, std::span<WantedRow> wanted) {
  std::vector<Heavy> heavy;
  for_each_wanted(counts, wanted, [&](const WantedRow&, std::size_t bucket) {
    const bool seen = !heavy.empty() && heavy.back().bucket == bucket;
    if (!seen && counts[bucket] > values.size() / kHeavyPart) heavy.push_back({bucket});
  });
  if (heavy.empty()) return heavy;
  std::vector<std::uint8_t> place(counts.size(), static_cast<std::uint8_t>(heavy.size()));
  for (std::size_t i = 0; i < heavy.size(); ++i) {
    place[heavy[i].bucket] = static_cast<std::uint8_t>(i);
  }
  heavy.push_back({counts.size()});  // all others
  for (const double value : values) {
    Heavy& mine = heavy[place[buckets.of(value)]];
    if (value < mine.min) mine.min = value;
    if (value > mine.max) mine.max = value;
  }
  heavy.pop_back();
  return heavy;
}

/* Takes the wanted rows that lie in a bucket of equal values out of `wanted`, and sets their
 * values. */
void take_atoms(std::span<const double> values, const Buckets& buckets,
                std::span<const std::uint32_t> counts, std::vector<WantedRow>& wanted) {
  const std::vector<Heavy> heavy = find_heavy(values, buckets, counts, wanted);
  if (heavy.empty()) return;
  std::vector<WantedRow> left;
  for_each_wanted(counts, wanted, [&](const WantedRow& want, std::size_t bucket) {
    const auto same = [&](const Heavy& other) { return other.bucket == bucket; };
    const auto found = std::find_if(heavy.begin(), heavy.end(), same);
    if (found != heavy.end() && found->min == found->max) {
      *want.value = found->min;
    } else {
      left.push_back(want);
    }
  });
  wanted = std::move(left);
}

/*
 * Marks the buckets that hold a wanted row, and makes the rows count among the values of marked
 * buckets alone.
 */
std::vector<std::uint8_t> mark_buckets(std::span<const std::uint32_t> counts,
                                       std::span<WantedRow> wanted) {
  std::vector<std::uint8_t> marked(counts.size(), 0);
  for_each_wanted(counts, wanted,
                  [&](const WantedRow&, std::size_t bucket) { marked[bucket] = 1; });
  std::size_t bucket = 0;
  std::size_t before = 0;   // values in the buckets before this one
  std::size_t dropped = 0;  // of these, in buckets that are not marked
  for (WantedRow& want : wanted) {
    for (; before + counts[bucket] <= want.row; ++bucket) {
      before += counts[bucket];
      if (marked[bucket] == 0) dropped += counts[bucket];
    }
    want.row -= dropped;
  }
  return marked;
}

/* Moves the values of marked buckets to the front and returns them. */
std::span<double> keep_marked(std::span<double> values, const Buckets& buckets,
                              std::span<const std::uint8_t> marked) {
  std::size_t kept = 0;
  for (const double value : values) {
    values[kept] = value;
    kept += marked[buckets.of(value)];
  }
  return values.first(kept);
}

/* Requires: wanted strictly ascending by row. */
void select(std::span<double> values, std::vector<WantedRow> wanted) {
  std::optional<std::vector<double>> near;
  if (values.size() >= kManyValues) near = narrow_by_sample(values, wanted);
  if (near.has_value()) values = *near;
  if (wanted.empty()) return;
  while (values.size() > kFewValues && values.size() <= kMostCounted) {
    const std::size_t most = std::min(std::bit_ceil(values.size() / kInBucket), kMostBuckets);
    const Buckets buckets(find_extremes(values), most);
    std::vector<std::uint32_t> counts(most, 0);
    for (const double value : values) ++counts[buckets.of(value)];
    take_atoms(values, buckets, counts, wanted);
    if (wanted.empty()) return;
    const auto marked = mark_buckets(counts, wanted);
    const std::size_t before = values.size();
    values = keep_marked(values, buckets, marked);
    if (values.size() > before / 2) break;
  }
  select_few(values, wanted);
}

}  // namespace

std::vector<double> order_statistics(std::span<double> values, std::span<const std::int64_t> rows) {
  std::vector<std::int64_t> sorted(rows.begin(), rows.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<double> found(sorted.size());
  std::vector<WantedRow> wanted;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    wanted.push_back({static_cast<std::size_t>(sorted[i]), &found[i]});
  }
  if (!wanted.empty()) select(values, std::move(wanted));

  std::vector<double> results;
  results.reserve(rows.size());
  for (const std::int64_t row : rows) {
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), row) - sorted.begin();
    results.push_back(found[static_cast<std::size_t>(place)] + 0.0);  // a zero is positive
  }
  return results;
}

}  // namespace sim
