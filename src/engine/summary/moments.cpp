/*
 * moments.cpp -- reduction of a block and merging of two reductions.
 *
 * Every sum of a block runs in four lanes (value i belongs to lane i mod 4), which are added in one
 * fixed order.  The order of the additions is in the text, so the bits do not depend on the CPU.
 */
#include "summary/moments.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/* The widest register of every x86-64 and ARM64 CPU; wider types are slow where they are split. */
using Pair = double __attribute__((vector_size(2 * sizeof(double))));

/* Also false for NaN. */
bool is_finite(double value) { return value - value == 0; }

double add_lanes(const Pair& even, const Pair& odd) {
  return (even[0] + odd[0]) + (even[1] + odd[1]);
}

/*
 * Calls take(first two, last two) for each four values.  The last few values are followed by copies
 * of `filler`, which the callers choose so that it adds nothing.
 */
template <typename Take>
inline void for_each_four(const double* values, std::size_t n, double filler, const Take& take) {
  std::size_t i = 0;
  Pair first;
  Pair second;
  for (; i + 4 <= n; i += 4) {
    std::memcpy(&first, values + i, sizeof first);
    std::memcpy(&second, values + i + 2, sizeof second);
    take(first, second);
  }
  if (i == n) return;
  double rest[4] = {filler, filler, filler, filler};
  for (std::size_t j = 0; i + j < n; ++j) rest[j] = values[i + j];
  take(Pair{rest[0], rest[1]}, Pair{rest[2], rest[3]});
}

/* Sum of (x - first value), smallest and largest value. */
struct FirstPass {
  double sum;
  double min;
  double max;
};

FirstPass first_pass(const double* values, std::size_t n) {
  const Pair origin = {values[0], values[0]};
  Pair sum_a = {};
  Pair sum_b = {};
  Pair low_a = origin;
  Pair low_b = origin;
  Pair high_a = origin;
  Pair high_b = origin;
  for_each_four(values, n, values[0], [&](const Pair& a, const Pair& b) {
    sum_a += a - origin;
    sum_b += b - origin;
    low_a = a < low_a ? a : low_a;
    low_b = b < low_b ? b : low_b;
    high_a = a > high_a ? a : high_a;
    high_b = b > high_b ? b : high_b;
  });
  const Pair low = low_b < low_a ? low_b : low_a;
  const Pair high = high_b > high_a ? high_b : high_a;
  return {add_lanes(sum_a, sum_b), low[1] < low[0] ? low[1] : low[0],
          high[1] > high[0] ? high[1] : high[0]};
}

/* Sums of the first four powers of (x - center). */
struct PowerSums {
  double s1;
  double s2;
  double s3;
  double s4;
};

PowerSums second_pass(const double* values, std::size_t n, double center) {
  const Pair origin = {center, center};
  Pair a1 = {}, a2 = {}, a3 = {}, a4 = {};
  Pair b1 = {}, b2 = {}, b3 = {}, b4 = {};
  for_each_four(values, n, center, [&](const Pair& a, const Pair& b) {
    const Pair da = a - origin;
    const Pair db = b - origin;
    const Pair square_a = da * da;
    const Pair square_b = db * db;
    a1 += da;
    b1 += db;
    a2 += square_a;
    b2 += square_b;
    a3 += square_a * da;
    b3 += square_b * db;
    a4 += square_a * square_a;
    b4 += square_b * square_b;
  });
  return {add_lanes(a1, b1), add_lanes(a2, b2), add_lanes(a3, b3), add_lanes(a4, b4)};
}

/* For values so large that a sum or a difference of them overflows. */
double overflow_safe_mean(const double* values, std::size_t n) {
  const double share = 1.0 / static_cast<double>(n);
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += values[i] * share;
  return mean;
}

/*
 * Requires: 1 <= n <= kBlockTrials, all values finite, `first` of the same values.
 *
 * The rounded mean is off by up to half a unit in the last place, which matters where the spread
 * is small against the mean.  The first power sum measures by how much, and the sums are shifted
 * to the true mean (Chan, Golub & LeVeque 1983, eq. 1.7, carried to the fourth power).
 */
Moments finite_block(const double* values, std::size_t n, const FirstPass& first) {
  const double count = static_cast<double>(n);
  double center = values[0] + first.sum / count;
  if (!is_finite(center)) center = overflow_safe_mean(values, n);
  const PowerSums sums = second_pass(values, n, center);
  /* An overflowed sum of squares stays infinite: infinity minus infinity would hide it. */
  const double shift = is_finite(sums.s2) ? sums.s1 / count : 0;

  Moments moments;
  moments.count = static_cast<std::int64_t>(n);
  moments.min = first.min;
  moments.max = first.max;
  moments.mean = center + shift;
  const double m2 = sums.s2 - (shift == 0 ? 0 : sums.s1 * shift);
  moments.m2 = m2 < 0 ? 0 : m2;
  moments.m3 = sums.s3 - shift * (3 * sums.s2 - 2 * sums.s1 * shift);
  moments.m4 = sums.s4 - shift * (4 * sums.s3 - shift * (6 * sums.s2 - 3 * sums.s1 * shift));
  return moments;
}

}  // namespace

Moments block_moments(const double* values, std::size_t n) {
  if (n == 0) return {};
  const FirstPass first = first_pass(values, n);
  /* A sum never becomes finite again after a value that is not. */
  if (is_finite(first.sum)) return finite_block(values, n, first);

  double finite[kBlockTrials];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    finite[kept] = values[i];
    kept += is_finite(values[i]);
  }
  Moments moments;
  if (kept > 0) moments = finite_block(finite, kept, first_pass(finite, kept));
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
