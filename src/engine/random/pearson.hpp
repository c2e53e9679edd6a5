/*
 * pearson.hpp -- the Taylor series of a quantile function whose density satisfies Pearson's
 * differential equation.
 *
 * Gamma, beta and Student's t all do: f'/f is linear over quadratic in x (K. Pearson,
 * "Contributions to the mathematical theory of evolution II", Philosophical Transactions A 186
 * (1895)).  As the quantile x(t) has the slope 1 / f(x), its coefficients follow from one another
 * (G. Steinbrecher, W. T. Shaw, "Quantile mechanics", European Journal of Applied Mathematics 19
 * (2008)), and neither the density nor the distribution function need be evaluated.
 */
#pragma once

#include <array>
#include <cstddef>

namespace sim {

/* f'(x) / f(x) = (n[0] + n[1] x) / (d[0] + d[1] x + d[2] x^2) */
struct PearsonDensity {
  std::array<double, 2> n;
  std::array<double, 3> d;
};

/* A point of the curve x(s): x is `value` + `rest`, the rest being what the value's rounding left
 * over. */
struct QuantilePoint {
  double value;
  double rest;
  double slope;  // dx/ds
};

inline constexpr std::size_t kSeriesOrder = 14;
/* x(s) = sum of series[k] s^k, s counted from the point. */
using QuantileSeries = std::array<double, kSeriesOrder + 1>;

QuantileSeries quantile_series(const PearsonDensity& density, const QuantilePoint& point);

/* The point at s, from the series at a point with this rest. */
QuantilePoint advance(const QuantileSeries& series, double rest, double s);

}  // namespace sim
