/*
 * pearson.cpp -- coefficients by the recurrences of power series.
 *
 * With y = dx/ds and w = y f'(x)/f(x) the density's equation is w (d0 + d1 x + d2 x^2) = y (n0 +
 * n1 x), and that of the quantile is dy/ds = -w y.  Each gives the next coefficient from those
 * before.
 */
#include "random/pearson.hpp"

#include "core/instruction_set.hpp"

namespace sim {
namespace {

constexpr auto kReciprocals = [] {
  std::array<double, kSeriesOrder + 1> list{};
  for (std::size_t k = 1; k < list.size(); ++k) list[k] = 1 / static_cast<double>(k);
  return list;
}();

/* Coefficient k of a product of series, where the first coefficients of a, before `from`, are left
 * out. */
SIM_INLINE double product(const QuantileSeries& a, const QuantileSeries& b, std::size_t k,
                          std::size_t from = 0) {
  double sum = 0;
#pragma GCC unroll 16
  for (std::size_t i = from; i <= k; ++i) sum += a[i] * b[k - i];
  return sum;
}

}  // namespace

QuantileSeries quantile_series(const PearsonDensity& density, const QuantilePoint& point) {
  QuantileSeries x{}, y{}, w{}, numerator{}, denominator{};
  x[0] = point.value;
  y[0] = point.slope;
  numerator[0] = density.n[0] + density.n[1] * point.value + density.n[1] * point.rest;
  denominator[0] =
      density.d[0] + density.d[1] * point.value + density.d[2] * point.value * point.value;
  const double reciprocal = 1 / denominator[0];
// Unrolled, as the sums then overlap: half the time of a table.
#pragma GCC unroll 16
  for (std::size_t k = 0; k < kSeriesOrder; ++k) {
    if (k > 0) {
      numerator[k] = density.n[1] * x[k];
      denominator[k] = density.d[1] * x[k] + density.d[2] * product(x, x, k);
    }
    w[k] = (product(numerator, y, k) - product(denominator, w, k, 1)) * reciprocal;
    x[k + 1] = y[k] * kReciprocals[k + 1];
    y[k + 1] = -product(w, y, k) * kReciprocals[k + 1];
  }
  return x;
}

QuantilePoint advance(const QuantileSeries& series, double rest, double s) {
  double increment = 0;
  double slope = 0;
  for (std::size_t k = kSeriesOrder; k > 0; --k) {
    increment = (increment + series[k]) * s;
    slope = slope * s + static_cast<double>(k) * series[k];
  }
  increment += rest;
  // The sum and what its rounding leaves: D. E. Knuth, "The Art of Computer Programming", volume 2,
  // section 4.2.2, theorem B.
  const double value = series[0] + increment;
  const double part = value - series[0];
  return {value, (series[0] - (value - part)) + (increment - part), slope};
}

}  // namespace sim
