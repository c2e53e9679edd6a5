/*
 * pair_statistics.cpp -- correlations and paired differences, in two passes over the values.
 */
#include "summary/pair_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "core/error.hpp"

namespace sim {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
/* Fewer terms are added one after the other; more in halves, which keeps rounding small. */
constexpr std::size_t kFewTerms = 128;
/* How often a sort asks whether to stop: some 2 ms. */
constexpr std::uint32_t kComparisons = 1U << 17;

template <typename Term>
double sum(std::size_t begin, std::size_t end, const Term& term) {
  if (end - begin > kFewTerms) {
    const std::size_t middle = begin + (end - begin) / 2;
    return sum(begin, middle, term) + sum(middle, end, term);
  }
  double total = 0;
  for (std::size_t i = begin; i < end; ++i) total += term(i);
  return total;
}

template <typename Term>
double mean(std::size_t n, const Term& term) {
  return sum(0, n, term) / static_cast<double>(n);
}

double correlate(std::span<const double> x, std::span<const double> y) {
  const std::size_t n = x.size();
  if (n < 2) return kNone;
  const double mean_x = mean(n, [&](std::size_t i) { return x[i]; });
  const double mean_y = mean(n, [&](std::size_t i) { return y[i]; });
  const double xx = sum(0, n, [&](std::size_t i) { return (x[i] - mean_x) * (x[i] - mean_x); });
  const double yy = sum(0, n, [&](std::size_t i) { return (y[i] - mean_y) * (y[i] - mean_y); });
  const double xy = sum(0, n, [&](std::size_t i) { return (x[i] - mean_x) * (y[i] - mean_y); });
  if (!(xx > 0) || !(yy > 0)) return kNone;
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

/* From 1; equal values have the mean of their ranks. */
std::vector<double> ranks_of(std::span<const double> values, Control& control) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::uint32_t compared = 0;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (++compared % kComparisons == 0 && control.stop_requested()) {
      throw Error(ErrorKind::cancelled, "cancelled");
    }
    return values[a] < values[b];
  });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double shared = static_cast<double>(i + 1 + end) / 2;
    for (; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

}  // namespace

PairStatistics pair_statistics(std::span<const double> first, std::span<const double> second,
                               bool ranks, Control& control) {
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (std::isfinite(first[i]) && std::isfinite(second[i])) {
      x.push_back(first[i]);
      y.push_back(second[i]);
    }
  }
  const std::size_t n = x.size();
  PairStatistics found{static_cast<std::int64_t>(n), kNone, kNone, correlate(x, y), kNone};
  if (n > 0) found.mean_difference = mean(n, [&](std::size_t i) { return x[i] - y[i]; });
  if (n > 1) {
    const auto deviation = [&](std::size_t i) { return x[i] - y[i] - found.mean_difference; };
    const double squares = sum(0, n, [&](std::size_t i) { return deviation(i) * deviation(i); });
    const auto size = static_cast<double>(n);
    found.std_error = std::sqrt(squares / (size - 1) / size);
  }
  if (ranks) found.spearman = correlate(ranks_of(x, control), ranks_of(y, control));
  return found;
}

/* The square root of the sum of squares, which neither overflow nor vanish. */
double independent_error(double first, double second) {
  const double large = std::fmax(first, second);
  const double small = std::fmin(first, second);
  return large == 0 ? 0 : large * std::sqrt(1 + (small / large) * (small / large));
}

}  // namespace sim
