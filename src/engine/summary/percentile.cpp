/*
 * percentile.cpp -- which rows a percentile needs, its confidence interval, and the value.
 */
#include "summary/percentile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.hpp"

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/* Probability that a limit of the interval lies on the wrong side of the quantile. */
constexpr double kTail = 0.025;
/* Terms of the binomial distribution below this share of the largest do not matter. */
constexpr double kNegligible = 1e-20;

/*
 * The binomial distribution of n trials with success probability p, up to a common factor: the term
 * at the mode is 1, and the terms to both sides follow by their ratios.  No factor needs a gamma
 * function, which for large n would lose as many digits as its value has before the point.
 */
class BinomialTerms {
 public:
  BinomialTerms(std::int64_t n, double p)
      : n_(n), odds_(p / (1 - p)), mode_(static_cast<std::int64_t>(std::floor((n + 1.0) * p))) {
    mode_ = std::clamp<std::int64_t>(mode_, 0, n);
  }

  /* The term at k + 1, given that at k. */
  double up(double term, std::int64_t k) const {
    return term * (static_cast<double>(n_ - k) / static_cast<double>(k + 1) * odds_);
  }
  /* The term at k - 1. */
  double down(double term, std::int64_t k) const {
    return term * (static_cast<double>(k) / (static_cast<double>(n_ - k + 1) * odds_));
  }

  /* Sum of the terms at and below the mode. */
  double sum_down() const {
    double sum = 0;
    double term = 1;
    for (std::int64_t k = mode_; k >= 0 && term > kNegligible; --k) {
      sum += term;
      term = down(term, k);
    }
    return sum;
  }

  /* Sum of the terms above the mode. */
  double sum_up() const {
    double sum = 0;
    double term = up(1, mode_);
    for (std::int64_t k = mode_ + 1; k <= n_ && term > kNegligible; ++k) {
      sum += term;
      term = up(term, k);
    }
    return sum;
  }

  /* Largest k with sum of the terms 0 to k at most `tail`, or -1. `sum` is sum_down() > tail. */
  std::int64_t lower_tail_end(double sum, double tail) const {
    double term = 1;
    std::int64_t k = mode_;
    while (k >= 0 && sum > tail) {
      sum -= term;
      term = down(term, k);
      --k;
    }
    return k;
  }

  /* Smallest k with sum of the terms k to n at most `tail`, or n + 1. `sum` is that of all above
   * the mode. */
  std::int64_t upper_tail_begin(double sum, double tail) const {
    double term = up(1, mode_);
    std::int64_t k = mode_ + 1;
    while (k <= n_ && sum > tail) {
      sum -= term;
      term = up(term, k);
      ++k;
    }
    return k;
  }

 private:
  std::int64_t n_;
  double odds_;
  std::int64_t mode_;
};

void check_probability(double probability) {
  if (probability >= 0 && probability <= 1) return;
  throw Error(ErrorKind::invalid_parameter, "percentile outside 0 to 1",
              "The percentile is " + std::to_string(probability) + ".",
              "Write the median as 0.5 and the 95th percentile as 0.95.");
}

}  // namespace

PercentileRows percentile_rows(double probability, std::int64_t n) {
  const double position = probability * static_cast<double>(n - 1);
  PercentileRows rows;
  rows.first = static_cast<std::int64_t>(std::floor(position));
  rows.second = static_cast<std::int64_t>(std::ceil(position));
  rows.proportion = position - static_cast<double>(rows.first);
  return rows;
}

double interpolate(const PercentileRows& rows, double first, double second) {
  if (rows.first == rows.second) return first;
  return first + rows.proportion * (second - first);
}

/*
 * X_(l) > q means that fewer than l values are <= q, and their number is binomial (at least, where
 * the distribution has atoms).  So l is the largest with P(B <= l - 1) <= 2.5 %, and u the smallest
 * with P(B >= u) <= 2.5 %, both counted from 1.
 */
RankInterval rank_interval(double probability, std::int64_t n) {
  RankInterval interval;
  if (n <= 0) return interval;
  if (probability <= 0 || probability >= 1) {
    /* The quantile is an end of the distribution, and no value lies beyond it. */
    if (probability >= 1) return {.lower = n - 1, .has_lower = true};
    return {.upper = 0, .has_upper = true};
  }
  const BinomialTerms terms(n, probability);
  const double down = terms.sum_down();
  const double up = terms.sum_up();
  const double tail = kTail * (down + up);
  interval.lower = terms.lower_tail_end(down, tail);
  interval.has_lower = interval.lower >= 0;
  interval.upper = terms.upper_tail_begin(up, tail) - 1;
  interval.has_upper = interval.upper < n;
  return interval;
}

PercentileTargets::PercentileTargets(std::span<const double> probabilities, std::int64_t n,
                                     bool intervals) {
  for (const double probability : probabilities) {
    check_probability(probability);
    if (n == 0) {
      targets_.push_back({});
      continue;
    }
    Target target{percentile_rows(probability, n), {}};
    if (intervals) target.interval = rank_interval(probability, n);
    rows_.push_back(target.rows.first);
    rows_.push_back(target.rows.second);
    if (target.interval.has_lower) rows_.push_back(target.interval.lower);
    if (target.interval.has_upper) rows_.push_back(target.interval.upper);
    targets_.push_back(target);
  }
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
}

std::vector<PercentileEstimate> PercentileTargets::estimate(std::span<const double> values) const {
  const auto value_at = [&](std::int64_t row) {
    const auto found = std::lower_bound(rows_.begin(), rows_.end(), row);
    return values[static_cast<std::size_t>(found - rows_.begin())];
  };
  std::vector<PercentileEstimate> estimates;
  for (const Target& target : targets_) {
    PercentileEstimate estimate{kNaN, kNaN, kNaN, false, false};
    if (!rows_.empty()) {
      estimate.value =
          interpolate(target.rows, value_at(target.rows.first), value_at(target.rows.second));
      estimate.has_lower = target.interval.has_lower;
      estimate.has_upper = target.interval.has_upper;
      if (estimate.has_lower) estimate.lower = value_at(target.interval.lower);
      if (estimate.has_upper) estimate.upper = value_at(target.interval.upper);
    }
    estimates.push_back(estimate);
  }
  return estimates;
}

std::vector<PercentileEstimate> PercentileTargets::select(std::span<double> values) const {
  return estimate(order_statistics(values, rows_));
}

std::vector<double> exact_percentiles(std::span<double> values,
                                      std::span<const double> probabilities) {
  const PercentileTargets targets(probabilities, static_cast<std::int64_t>(values.size()), false);
  std::vector<double> percentiles;
  for (const auto& estimate : targets.select(values)) percentiles.push_back(estimate.value);
  return percentiles;
}

std::vector<PercentileEstimate> exact_percentile_estimates(std::span<double> values,
                                                           std::span<const double> probabilities) {
  const auto n = static_cast<std::int64_t>(values.size());
  return PercentileTargets(probabilities, n, true).select(values);
}

}  // namespace sim
