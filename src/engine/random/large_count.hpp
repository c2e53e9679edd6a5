/*
 * large_count.hpp -- counts whose variance is so large that their quantile is a formula.
 */
#pragma once

#include <array>
#include <cstddef>

#include "random/cornish_fisher.hpp"

namespace sim {

/* The mean and the cumulants from the second on of a count. */
struct CountCumulants {
  double mean;
  double mean_rest;  // what the mean's rounding left over
  std::array<double, 5> higher;
};

class LargeCount {
 public:
  // The least variance, and the least u for which the formula is accurate enough: to less than
  // 1e-12 of min(u, 1 - u).
  static constexpr double kLeastVariance = 1.5e6;
  static constexpr double kLeastUniform = 0x1p-54;

  LargeCount(const CountCumulants& cumulants, double largest);

  /* x[i] is the quantile of u[i], kLeastUniform <= u[i] < 1, for i < n; u and x may be the same
   * array.  For smaller u it is close to the quantile. */
  void apply(const double* u, double* x, std::size_t n) const;

 private:
  double whole_;  // of the mean
  double rest_;
  double sd_;
  double largest_;
  CornishFisher standard_;
};

}  // namespace sim
