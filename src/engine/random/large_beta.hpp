/*
 * large_beta.hpp -- beta distributions whose parameters are both large.
 */
#pragma once

#include <cstddef>

#include "random/cornish_fisher.hpp"

namespace sim {

/* The density at 0 < x < 1, with a relative error below 5e-14. Requires alpha, beta >= 100. */
double large_beta_density(double alpha, double beta, double x);

/* The quantile where both parameters are so large that it is a formula. */
class LargeBeta {
 public:
  // Both parameters are greater, and u not smaller, where the formula is accurate: to less than
  // 1e-12 of min(u, 1 - u).  Smaller u are left to the direct quantile.
  static constexpr double kLeastParameter = 2e6;
  static constexpr double kLeastUniform = 0x1p-54;

  static bool serves(double alpha, double beta) {
    return alpha > kLeastParameter && beta > kLeastParameter;
  }

  LargeBeta(double alpha, double beta);

  /* x[i] is the quantile of u[i], 0 < u[i] < 1, for i < n; u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n) const;

 private:
  double alpha_;
  double beta_;
  double mean_;
  double mean_rest_;  // what its rounding left over
  double sd_;
  CornishFisher standard_;
};

}  // namespace sim
