/*
 * count_quantile.hpp -- quantiles of counts: poisson and binomial.
 *
 * The quantile of u is the smallest k with P(X <= k) >= u.  In the upper half of u this is decided
 * as P(X > k) <= 1 - u, where both sides are accurate.  A search starts from the Cornish-Fisher
 * approximation; constant parameters get a table of all counts that numbers reach.  Where these
 * would be too many, the approximation is the quantile.
 */
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "random/guide_table.hpp"
#include "random/large_count.hpp"

namespace sim {

/* A distribution over 0, 1, 2, ..., up to `largest`. */
class CountDistribution {
 public:
  static CountDistribution poisson(double mean);
  static CountDistribution binomial(double n, double p);

  /* P(X <= k) and P(X > k). */
  double lower(double k) const;
  double upper(double k) const;

  /* P(X = k), and by what factor P(X = k + 1) differs from it. */
  double probability(double k) const;
  double growth(double k) const;

  /* The quantile by search, 0 < u < 1. */
  double search(double u) const;

  /* Present where the variance is large. */
  const std::optional<LargeCount>& large() const { return large_; }

 private:
  enum class Kind { poisson, binomial };
  CountDistribution(Kind kind, double n, double p);

  /* True from the quantile of u on upwards. */
  bool reaches(double k, double u) const { return u <= 0.5 ? lower(k) >= u : upper(k) <= 1 - u; }
  double guess(double u) const;
  CountCumulants cumulants() const;

  Kind kind_;
  double n_;  // of a binomial count; otherwise the mean
  double p_;
  double largest_;
  std::optional<LargeCount> large_;
};

/*
 * The counts of all numbers that random/philox.hpp makes, looked up.  Up to 1,024 counts it gives
 * what the search gives.  Beyond, most of the probabilities are sums of the terms between counts
 * whose probability is computed, with a relative error of about 1e-14.
 */
class CountTable {
 public:
  /* Nothing where the variance is large. */
  static std::optional<CountTable> make(const CountDistribution& distribution);

  /* x[i] is the quantile of u[i], 0 < u[i] < 1, for i < n; u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n) const;

 private:
  CountTable(const CountDistribution& distribution, double first, std::vector<double> limits);

  CountDistribution distribution_;
  double first_;  // the count in place 0
  GuideTable table_;
};

/* All numbers' counts, from a table or, where the variance is large, by the formula. */
class CountQuantile {
 public:
  explicit CountQuantile(const CountDistribution& distribution);

  /* x[i] is the quantile of u[i], 0 < u[i] < 1, for i < n; u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n) const;

 private:
  CountDistribution distribution_;
  std::optional<CountTable> table_;  // where the variance is not large
};

}  // namespace sim
