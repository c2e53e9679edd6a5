/*
 * percentile.hpp -- exact percentiles, and intervals that hold them whatever the distribution.
 *
 * The percentile at probability p of n values is that of PostgreSQL's percentile_cont: linear
 * interpolation between the two order statistics around row p (n - 1), rows counted from 0 (type 7
 * of Hyndman & Fan 1996).  Results have the same bits as percentile_cont has, except that a zero is
 * always positive: values -0 and 0 are equal, and which of them comes first has no meaning.
 */
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sim {

/* The rows (from 0) around a percentile and the way from the first to the second. */
struct PercentileRows {
  std::int64_t first;
  std::int64_t second;
  double proportion;  // 0 when first == second
};

/* Requires: 0 <= probability <= 1, n >= 1. */
PercentileRows percentile_rows(double probability, std::int64_t n);

/* The percentile, given the values in its two rows. */
double interpolate(const PercentileRows& rows, double first, double second);

/*
 * The values in the given rows of the sorted values, in the order of `rows`.  Reorders the values.
 * By selection: linear in the number of values, about 2 ns each.
 *
 * Requires: no value is NaN; 0 <= row < values.size().
 */
std::vector<double> order_statistics(std::span<double> values, std::span<const std::int64_t> rows);

/*
 * Percentiles of the values at each probability; NaN for no values.  Reorders the values.
 * Throws Error(invalid_parameter) for a probability outside 0 to 1.  Requires: no value is NaN.
 */
std::vector<double> exact_percentiles(std::span<double> values,
                                      std::span<const double> probabilities);

/*
 * Rows (from 0) between whose values the quantile q of the distribution lies with a probability of
 * at least 95 %, whatever the distribution: P(X_lower > q) <= 2.5 % and P(X_upper < q) <= 2.5 %.
 * A limit is missing where so few values (or a probability so near 0 or 1) allow none.
 */
struct RankInterval {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  bool has_lower = false;
  bool has_upper = false;
};

/*
 * From the exact binomial distribution of the number of values below the quantile (Conover,
 * Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2; David & Nagaraja, Order
 * Statistics, 3rd ed. 2003, section 7.1).  Takes time with the square root of n: 10 ms at 1e10.
 *
 * Requires: 0 <= probability <= 1, n >= 0.
 */
RankInterval rank_interval(double probability, std::int64_t n);

/* A percentile with its distribution-free 95 % interval; a missing limit is NaN. */
struct PercentileEstimate {
  double value;
  double lower;
  double upper;
  bool has_lower;
  bool has_upper;
};

/* As exact_percentiles, with intervals. */
std::vector<PercentileEstimate> exact_percentile_estimates(std::span<double> values,
                                                           std::span<const double> probabilities);

/*
 * What the wanted percentiles need of n values, and the percentiles from that: rows() says which
 * order statistics to find.  Its intervals are costly for large n: use it for all slots that have
 * equally many values.
 */
class PercentileTargets {
 public:
  /* Throws Error(invalid_parameter) for a probability outside 0 to 1. Requires: n >= 0. */
  PercentileTargets(std::span<const double> probabilities, std::int64_t n, bool intervals);

  /* Ascending, each once. */
  std::span<const std::int64_t> rows() const { return rows_; }
  /* `values` are those in rows(). NaN for n = 0. */
  std::vector<PercentileEstimate> estimate(std::span<const double> values) const;
  /* The percentiles of n values in any order, which it reorders. Requires: no value is NaN. */
  std::vector<PercentileEstimate> select(std::span<double> values) const;

 private:
  struct Target {
    PercentileRows rows;
    RankInterval interval;
  };

  std::vector<Target> targets_;
  std::vector<std::int64_t> rows_;
};

}  // namespace sim
