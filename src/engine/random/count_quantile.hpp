/*
 * count_quantile.hpp -- quantiles of counts: poisson and binomial.
 *
 * The quantile of u is the smallest k with P(X <= k) >= u.  In the upper half of u this is decided
 * as P(X > k) <= 1 - u, where both sides are accurate.  A search starts from the Cornish-Fisher
 * approximation; a table, made once for constant parameters whose counts are few enough, holds the
 * same probabilities and so gives the same answers.
 */
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace sim {

/* A distribution over 0, 1, 2, ..., up to `largest`. */
class CountDistribution {
 public:
  static CountDistribution poisson(double mean);
  static CountDistribution binomial(double n, double p);

  /* P(X <= k) and P(X > k). */
  double lower(double k) const;
  double upper(double k) const;

  /* The quantile by search, 0 < u < 1. */
  double search(double u) const;

 private:
  enum class Kind { poisson, binomial };
  CountDistribution(Kind kind, double n, double p);

  /* True from the quantile of u on upwards. */
  bool reaches(double k, double u) const { return u <= 0.5 ? lower(k) >= u : upper(k) <= 1 - u; }
  double guess(double u) const;

  Kind kind_;
  double n_;  // of a binomial count; otherwise the mean
  double p_;
  double largest_;
};

/*
 * The counts that uniform numbers reach, found by a guide table: H. C. Chen, Y. Asau, "On
 * generating random variates from an empirical distribution", AIIE Transactions 6 (1974).
 */
class CountTable {
 public:
  /* Nothing when the counts are too many to be worth a table. */
  static std::optional<CountTable> make(const CountDistribution& distribution);

  /* What distribution.search(u) gives, 0 < u < 1. */
  double find(double u) const;

 private:
  explicit CountTable(const CountDistribution& distribution) : distribution_(distribution) {}

  bool reaches(std::size_t i, double u) const {
    return u <= 0.5 ? lower_[i] >= u : upper_[i] <= 1 - u;
  }

  CountDistribution distribution_;
  double first_ = 0;           // the count that entry 0 stands for
  std::vector<double> lower_;  // P(X <= k)
  std::vector<double> upper_;  // P(X > k)
  std::vector<std::size_t> guide_;
};

}  // namespace sim
