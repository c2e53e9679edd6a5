/*
 * sampled_selection.cpp -- narrows values to those near the wanted rows, by a sample of them.
 *
 * Order statistics of a sample lie around the wanted row (Floyd & Rivest, "Expected time bounds for
 * selection", Comm. ACM 18 (1975), 165-172, there for one row).  One pass copies what lies in an
 * interval around a wanted row, a few per cent, and counts what lies below each: the counts tell
 * whether the rows are there.  The sample decides how long it takes, never what is found.
 */
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/instruction_set.hpp"
#include "summary/selection.hpp"

namespace sim {
namespace {

/* One value of so many is in the sample. */
constexpr std::size_t kSampleEvery = 64;
constexpr std::size_t kMostSampled = 65536;
/* One of 16,000 intervals misses. */
constexpr double kDeviations = 4;
/* Values that lie side by side in registers, and so many of these fill a word of marks each. */
constexpr std::size_t kLanes = 16;
constexpr std::size_t kRows = 16;
constexpr std::size_t kBlock = kLanes * kRows;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/* An interval by rows of the sample. */
struct SampleRows {
  std::int64_t first;
  std::int64_t last;
};

/*
 * Counts the values of a whole block below each interval, and marks those inside one: value
 * `row * kLanes + lane` by bit `kRows - 1 - row` of word `lane`.
 *
 * No value lies in two of the intervals, so that the parity of all comparisons says whether it lies
 * in one; and their counts fit registers, as do so few words.
 */
template <std::size_t count>
struct MarkBlock {
  SIM_INLINE static void run(const double* values, const RowBounds* intervals, std::int64_t* below,
                             std::int64_t* marks) {
    std::int64_t before[count][kLanes];
#pragma omp simd
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      std::int64_t own[count] = {};
      std::int64_t marked = 0;
#pragma GCC unroll 16
      for (std::size_t row = 0; row < kRows; ++row) {
        const double value = values[row * kLanes + lane];
        std::int64_t inside = 0;
#pragma GCC unroll 8
        for (std::size_t k = 0; k < count; ++k) {
          const std::int64_t is_below = value < intervals[k].low ? -1 : 0;
          const std::int64_t is_up_to = value <= intervals[k].high ? -1 : 0;
          own[k] -= is_below;
          inside ^= is_below ^ is_up_to;
        }
        marked += marked - inside;
      }
      for (std::size_t k = 0; k < count; ++k) before[k][lane] = own[k];
      marks[lane] ^= marked;
    }
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) below[k] += before[k][lane];
    }
  }
};

/* How many of the values are below the interval, and how many not above it. */
struct CountValues {
  SIM_INLINE static void run(const double* values, std::size_t n, RowBounds* interval) {
    const double low = interval->low;
    const double high = interval->high;
    std::int64_t below = 0;
    std::int64_t up_to = 0;
    for (std::size_t i = 0; i < n; ++i) {
      below += values[i] < low ? 1 : 0;
      up_to += values[i] <= high ? 1 : 0;
    }
    interval->below += below;
    interval->up_to += up_to;
  }
};

/* For so many intervals at once there are registers. */
constexpr std::size_t kMostAtOnce = 5;

/* Requires: 1 <= count <= kMostAtOnce. */
void mark_block(const double* values, const RowBounds* intervals, std::size_t count,
                std::int64_t* below, std::int64_t* marks) {
  switch (count) {
    case 1:
      return dispatch<MarkBlock<1>>(values, intervals, below, marks);
    case 2:
      return dispatch<MarkBlock<2>>(values, intervals, below, marks);
    case 3:
      return dispatch<MarkBlock<3>>(values, intervals, below, marks);
    case 4:
      return dispatch<MarkBlock<4>>(values, intervals, below, marks);
    default:
      return dispatch<MarkBlock<kMostAtOnce>>(values, intervals, below, marks);
  }
}

/* Intervals that are more than a point; these do not overlap. */
std::vector<RowBounds> without_points(std::span<const RowBounds> bounds) {
  std::vector<RowBounds> wide;
  for (const RowBounds& each : bounds) {
    if (!each.is_point()) wide.push_back({each.low, each.high});
  }
  return wide;
}

/* Copies what lies in one of the wide intervals, and counts what lies below each. */
class Sieve {
 public:
  Sieve(std::span<const RowBounds> wide, std::vector<double>& copied)
      : wide_(wide), below_(wide.size(), 0), copied_(copied), count_(copied.size()) {}

  std::size_t count() const { return count_; }
  std::span<const std::int64_t> below() const { return below_; }

  /* The last block may be shorter than kBlock. */
  void take(std::span<const double> block) {
    if (block.size() == kBlock) {
      take_whole(block.data());
      return;
    }
    double whole[kBlock];
    std::fill(std::copy(block.begin(), block.end(), whole), whole + kBlock,
              std::numeric_limits<double>::quiet_NaN());  // in no interval, and below none
    take_whole(whole);
  }
  void finish() { copied_.resize(count_); }

 private:
  void take_whole(const double* values) {
    std::int64_t marks[kLanes] = {};
    for (std::size_t k = 0; k < wide_.size(); k += kMostAtOnce) {
      mark_block(values, wide_.data() + k, std::min(kMostAtOnce, wide_.size() - k),
                 below_.data() + k, marks);
    }
    if (copied_.size() < count_ + kBlock) copied_.resize(count_ + kBlock + count_ / 2);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (auto left = static_cast<std::uint64_t>(marks[lane]); left != 0; left &= left - 1) {
        const auto row = kRows - 1 - static_cast<std::size_t>(std::countr_zero(left));
        copied_[count_++] = values[row * kLanes + lane];
      }
    }
  }

  std::span<const RowBounds> wide_;
  std::vector<std::int64_t> below_;
  std::vector<double>& copied_;
  std::size_t count_;
};

std::vector<double> take_sample(std::span<const double> values) {
  const std::size_t every =
      std::max(kSampleEvery, (values.size() + kMostSampled - 1) / kMostSampled);
  std::vector<double> sample;
  sample.reserve(values.size() / every + 1);
  for (std::size_t i = 0; i < values.size(); i += every) sample.push_back(values[i]);
  return sample;
}

/* Rows of the sample around each wanted row; those that touch are one. */
std::vector<SampleRows> rows_around(std::span<const std::size_t> wanted, std::size_t values,
                                    std::size_t sampled, double deviations) {
  const double m = static_cast<double>(sampled);
  std::vector<SampleRows> intervals;
  for (const std::size_t row : wanted) {
    const double place = static_cast<double>(row) / static_cast<double>(values) * m;
    const double reach = deviations * std::sqrt(place * (m - place) / m) + 2;
    const SampleRows rows{static_cast<std::int64_t>(std::floor(place - reach)),
                          static_cast<std::int64_t>(std::ceil(place + reach))};
    if (intervals.empty() || rows.first > intervals.back().last) {
      intervals.push_back(rows);
    } else {
      intervals.back().last = std::max(intervals.back().last, rows.last);
    }
  }
  return intervals;
}

/* Intervals that share a value, where rows end inside a run of equal values, become one. */
std::vector<RowBounds> join_touching(const std::vector<RowBounds>& intervals) {
  std::vector<RowBounds> joined;
  for (const RowBounds& interval : intervals) {
    const bool touches = !joined.empty() && interval.low <= joined.back().high;
    if (touches && !interval.is_point() && !joined.back().is_point()) {
      joined.back().high = interval.high;
    } else {
      joined.push_back(interval);
    }
  }
  return joined;
}

std::size_t count_inside(std::span<const double> sample, const std::vector<RowBounds>& intervals) {
  std::size_t count = 0;
  for (const RowBounds& interval : intervals) {
    if (interval.is_point()) continue;
    for (const double value : sample)
      count += value >= interval.low && value <= interval.high ? 1 : 0;
  }
  return count;
}

/* The interval that holds each wanted row; none where one row is in no interval. */
std::vector<const RowBounds*> find_intervals(const std::vector<RowBounds>& intervals,
                                             std::span<const WantedRow> wanted) {
  std::vector<const RowBounds*> found;
  for (const WantedRow& want : wanted) {
    const RowBounds* place = find_bounds(intervals, want.row);
    if (place == nullptr) return {};
    found.push_back(place);
  }
  return found;
}

}  // namespace

void select_few(std::span<double> values, std::span<const WantedRow> wanted, std::size_t offset) {
  if (wanted.empty()) return;
  const std::size_t middle = wanted.size() / 2;
  const std::size_t row = wanted[middle].row - offset;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(row), values.end());
  *wanted[middle].value = values[row];
  select_few(values.first(row), wanted.first(middle), offset);
  select_few(values.subspan(row + 1), wanted.subspan(middle + 1), offset + row + 1);
}

std::vector<RowBounds> bounds_around(std::span<double> sample, std::span<const std::size_t> wanted,
                                     std::size_t values, double deviations) {
  const auto m = static_cast<std::int64_t>(sample.size());
  const std::vector<SampleRows> rows = rows_around(wanted, values, sample.size(), deviations);
  std::vector<RowBounds> intervals(rows.size(), {-kInfinity, kInfinity});
  std::vector<WantedRow> ends;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k].first >= 0)
      ends.push_back({static_cast<std::size_t>(rows[k].first), &intervals[k].low});
    if (rows[k].last < m)
      ends.push_back({static_cast<std::size_t>(rows[k].last), &intervals[k].high});
  }
  select_few(sample, ends);
  return join_touching(intervals);
}

double share_between(std::span<const std::size_t> wanted, std::size_t values, std::size_t sampled,
                     double deviations) {
  double rows = 0;
  for (const SampleRows& each : rows_around(wanted, values, sampled, deviations))
    rows += static_cast<double>(each.last - each.first);
  return rows / static_cast<double>(sampled);
}

void copy_between(std::span<const double> values, std::span<RowBounds> bounds,
                  std::vector<double>& copied, std::size_t most) {
  const std::size_t first = copied.size();
  const std::vector<RowBounds> wide = without_points(bounds);
  Sieve sieve(wide, copied);
  for (std::size_t i = 0; i < values.size() && sieve.count() <= most; i += kBlock) {
    sieve.take(values.subspan(i, std::min(kBlock, values.size() - i)));
  }
  sieve.finish();
  const std::int64_t* below = sieve.below().data();
  for (RowBounds& each : bounds) {
    if (each.is_point()) {
      dispatch<CountValues>(values.data(), values.size(), &each);
    } else {
      RowBounds among{each.low, each.high};  // what was copied
      dispatch<CountValues>(copied.data() + first, copied.size() - first, &among);
      each.below += *below;
      each.up_to += *below++ + among.up_to - among.below;
    }
  }
}

const RowBounds* find_bounds(std::span<const RowBounds> bounds, std::size_t row) {
  const auto place = std::find_if(bounds.begin(), bounds.end(),
                                  [&](const RowBounds& own) { return own.holds(row); });
  return place == bounds.end() ? nullptr : &*place;
}

std::size_t row_between(std::size_t row, std::span<const RowBounds> bounds) {
  std::size_t before = 0;
  for (const RowBounds& each : bounds) {
    if (each.is_point()) continue;
    if (each.holds(row)) return row - static_cast<std::size_t>(each.below) + before;
    before += static_cast<std::size_t>(each.up_to - each.below);
  }
  return row;
}

std::optional<std::vector<double>> narrow_by_sample(std::span<const double> values,
                                                    std::vector<WantedRow>& wanted) {
  const std::size_t most = values.size() / 2;
  std::vector<double> sample = take_sample(values);
  std::vector<std::size_t> rows;
  for (const WantedRow& want : wanted) rows.push_back(want.row);
  std::vector<RowBounds> intervals = bounds_around(sample, rows, values.size(), kDeviations);
  const std::size_t expected =
      count_inside(sample, intervals) * (values.size() / sample.size() + 1);
  std::vector<double> inside;
  inside.reserve(expected);
  copy_between(values, intervals, inside, most);
  if (inside.size() > most) return std::nullopt;
  const std::vector<const RowBounds*> found = find_intervals(intervals, wanted);
  if (found.empty()) return std::nullopt;

  std::vector<WantedRow> open;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (found[k]->is_point()) {
      *wanted[k].value = found[k]->low;
    } else {
      open.push_back({row_between(wanted[k].row, intervals), wanted[k].value});
    }
  }
  wanted = std::move(open);
  return inside;
}

}  // namespace sim
