/*
 * moments.cpp -- reduction of a block and merging of two reductions.
 *
 * Every sum of a block runs in sixteen lanes (value i belongs to lane i mod 16), which are added in
 * one fixed order.  The order of the additions is in the text, so the bits do not depend on the
 * CPU.
 */
#include "summary/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/instruction_set.hpp"

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/* Also false for NaN. */
bool is_finite(double value) { return value - value == 0; }

constexpr std::size_t kLanes = 16;
constexpr std::size_t kRows = kBlockTrials / kLanes;
using Lanes = double[kLanes];

/* Combines all lanes: quarters first, which are vectors, then the lanes of what is left. */
template <typename Combine>
SIM_INLINE double fold(const Lanes& lanes, const Combine& combine) {
  constexpr std::size_t kQuarter = kLanes / 4;
  double left[kQuarter];
  for (std::size_t i = 0; i < kQuarter; ++i) {
    left[i] = combine(combine(lanes[i], lanes[i + 2 * kQuarter]),
                      combine(lanes[i + kQuarter], lanes[i + 3 * kQuarter]));
  }
  return combine(combine(left[0], left[2]), combine(left[1], left[3]));
}

SIM_INLINE double add_lanes(const Lanes& lanes) {
  return fold(lanes, [](double a, double b) { return a + b; });
}

/*
 * What the powers are taken about: the mean of the first sixteen values, where that of all would
 * need a pass of its own.  What it is off by is known from the first power sum, and taking it out
 * (finite_block) costs few digits: by Jensen's inequality its distance from the mean, squared, is
 * at most m2 / 16, and to the fourth power m4 / 16, so that sums of 128 values about it are at most
 * 9 m2 and 72 m4; as a rule they are hardly larger.
 *
 * It lies within the extremes, since rounding is monotonic, and is exact where all values are
 * equal.
 */
SIM_INLINE double find_center(const double* first) {
  Lanes shares;
  for (std::size_t lane = 0; lane < kLanes; ++lane) shares[lane] = first[lane] * (1.0 / kLanes);
  return add_lanes(shares);
}

/* Sums of the first four powers of (x - center), smallest and largest value. */
struct BlockSums {
  double center;
  double s1;
  double s2;
  double s3;
  double s4;
  double min;
  double max;
};

/*
 * Sums of a whole block, `first` the values that give the center.  The inner loop is unrolled and
 * the outer one vectorised, which keeps the sums of a lane in registers.
 */
struct SumBlock {
  SIM_INLINE static void run(const double* values, const double* first, BlockSums* sums) {
    const double center = find_center(first);
    Lanes s1, s2, s3, s4, low, high;
#pragma omp simd
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      double a1 = 0, a2 = 0, a3 = 0, a4 = 0, smallest = values[lane], largest = values[lane];
#pragma GCC unroll 16
      for (std::size_t row = 0; row < kRows; ++row) {
        const double value = values[row * kLanes + lane];
        const double d = value - center;
        const double square = d * d;
        a1 += d;
        a2 += square;
        a3 += square * d;
        a4 += square * square;
        smallest = value < smallest ? value : smallest;
        largest = value > largest ? value : largest;
      }
      s1[lane] = a1;
      s2[lane] = a2;
      s3[lane] = a3;
      s4[lane] = a4;
      low[lane] = smallest;
      high[lane] = largest;
    }
    *sums = {center,
             add_lanes(s1),
             add_lanes(s2),
             add_lanes(s3),
             add_lanes(s4),
             fold(low, [](double a, double b) { return b < a ? b : a; }),
             fold(high, [](double a, double b) { return b > a ? b : a; })};
  }
};

/* A shorter block is filled up with its center, which adds nothing. Requires: n >= 1. */
BlockSums sum_block(const double* values, std::size_t n) {
  BlockSums sums;
  if (n == kBlockTrials) {
    dispatch<SumBlock>(values, values, &sums);
    return sums;
  }
  Lanes first;
  for (std::size_t lane = 0; lane < kLanes; ++lane) first[lane] = values[lane < n ? lane : 0];
  double block[kBlockTrials];
  std::copy_n(values, n, block);
  std::fill(block + n, block + kBlockTrials, find_center(first));
  dispatch<SumBlock>(static_cast<const double*>(block), static_cast<const double*>(first), &sums);
  return sums;
}

/* For values so large that a sum or a difference of them overflows. */
double overflow_safe_mean(const double* values, std::size_t n) {
  const double share = 1.0 / static_cast<double>(n);
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += values[i] * share;
  return mean;
}

/*
 * Requires: 1 <= n <= kBlockTrials, all values finite, `sums` of the same values.
 *
 * The sums are shifted from their center to the mean (Chan, Golub & LeVeque 1983, eq. 1.7, carried
 * to the fourth power).
 */
Moments finite_block(const double* values, std::size_t n, const BlockSums& sums) {
  const double count = static_cast<double>(n);
  Moments moments;
  moments.count = static_cast<std::int64_t>(n);
  moments.min = sums.min;
  moments.max = sums.max;
  moments.mean = is_finite(sums.s1) ? sums.center + sums.s1 / count : overflow_safe_mean(values, n);
  /* An overflowed sum of squares stays infinite: infinity minus infinity would hide it. */
  const double shift = is_finite(sums.s2) ? sums.s1 / count : 0;
  const double m2 = sums.s2 - (shift == 0 ? 0 : sums.s1 * shift);
  moments.m2 = m2 < 0 ? 0 : m2;
  moments.m3 = sums.s3 - shift * (3 * sums.s2 - 2 * sums.s1 * shift);
  moments.m4 = sums.s4 - shift * (4 * sums.s3 - shift * (6 * sums.s2 - 3 * sums.s1 * shift));
  return moments;
}

}  // namespace

Moments block_moments(const double* values, std::size_t n) {
  if (n == 0) return {};
  const BlockSums sums = sum_block(values, n);
  /* A sum never becomes finite again after a value that is not. */
  if (is_finite(sums.s1)) return finite_block(values, n, sums);

  double finite[kBlockTrials];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    finite[kept] = values[i];
    kept += is_finite(values[i]);
  }
  Moments moments;
  if (kept > 0) moments = finite_block(finite, kept, sum_block(finite, kept));
  moments.failed = static_cast<std::int64_t>(n - kept);
  return moments;
}

Moments merge(const Moments& left, const Moments& right) {
  if (left.count == 0 || right.count == 0) {
    Moments only = left.count == 0 ? right : left;
    only.failed = left.failed + right.failed;
    return only;
  }
  Moments all;
  all.count = left.count + right.count;
  all.failed = left.failed + right.failed;
  all.min = right.min < left.min ? right.min : left.min;
  all.max = right.max > left.max ? right.max : left.max;

  const double a = static_cast<double>(left.count);
  const double b = static_cast<double>(right.count);
  const double n = a + b;
  const double delta = right.mean - left.mean;
  const double share = delta / n;
  const double product = a * b * share * delta;  // a b delta^2 / n
  all.mean = is_finite(delta) ? left.mean + b * share : left.mean * (a / n) + right.mean * (b / n);
  all.m2 = left.m2 + right.m2 + product;
  all.m3 =
      left.m3 + right.m3 + product * share * (a - b) + 3 * share * (a * right.m2 - b * left.m2);
  all.m4 = left.m4 + right.m4 + product * share * share * (a * a - a * b + b * b) +
           6 * share * share * (a * a * right.m2 + b * b * left.m2) +
           4 * share * (a * right.m3 - b * left.m3);
  return all;
}

double Moments::variance() const { return count < 2 ? kNaN : m2 / static_cast<double>(count - 1); }

double Moments::stddev() const { return std::sqrt(variance()); }

double Moments::std_error() const { return stddev() / std::sqrt(static_cast<double>(count)); }

double Moments::skewness() const {
  if (count < 3 || !(m2 > 0)) return kNaN;
  const double n = static_cast<double>(count);
  const double population = std::sqrt(n) * (m3 / m2) / std::sqrt(m2);
  return population * std::sqrt(n * (n - 1)) / (n - 2);
}

double Moments::kurtosis() const {
  if (count < 4 || !(m2 > 0)) return kNaN;
  const double n = static_cast<double>(count);
  const double excess = n * (m4 / m2) / m2 - 3;
  return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6);
}

}  // namespace sim
