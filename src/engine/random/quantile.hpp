/*
 * quantile.hpp -- from uniform numbers to draws: the quantile function of every distribution that
 * is not from data.
 *
 * A draw is quantile(u) with one uniform number u, so that two scenarios on common random numbers
 * stay comparable and any way of making uniforms (counters, low-discrepancy points, copulas) serves
 * every distribution.  The value for a u is the same bits for any length of batch, on every CPU.
 * Lanes with parameters of their own give the same bits too, but for lognormal, lognormal_log,
 * gamma, beta, pert, student_t and many counts: with constant parameters these are drawn from
 * tables, and the two may differ within the accuracy.
 *
 * Accuracy: |F(x) - u| <= 1e-12 min(u, 1 - u) for the numbers of random/philox.hpp, apart from two
 * units in the last place of x; 1e-12 relative to max(|x|, interquartile range).  A count is the
 * smallest k with P(X <= k) >= u, decided on P(X > k) <= 1 - u in the upper half.  Where u is not
 * strictly between 0 and 1 the result is NaN.
 */
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "catalogue/distributions.hpp"

namespace sim {

/* A distribution with constant parameters; everything that does not depend on u is computed once.
 * Cheap to copy. */
class Quantile {
 public:
  /* Throws Error(invalid_parameter) for bad parameters and for distributions from data. */
  static Quantile prepare(DistributionKind kind, std::span<const double> parameters);

  double operator()(double u) const;

  /* x[i] = (*this)(u[i]) for i < n; u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n) const;

  /* How one distribution does it. */
  class Method;

 private:
  explicit Quantile(std::shared_ptr<const Method> method);
  std::shared_ptr<const Method> method_;
};

/*
 * Draws with parameters of their own in each lane: x[i] is the quantile of u[i] under
 * parameters[0][i], parameters[1][i],
 * ...; NaN where those break a rule.  x must not be one of the parameter arrays; it may be u.
 */
void quantile_lanes(DistributionKind kind, const double* const* parameters,
                    std::size_t parameter_count, const double* u, double* x, std::size_t n);

}  // namespace sim
