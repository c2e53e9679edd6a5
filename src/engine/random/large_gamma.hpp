/*
 * large_gamma.hpp -- a gamma distribution of rate 1 whose shape is large, in standard units: x is
 * shape + sqrt(shape) * w.
 *
 * x has too few digits for its distance w from the mean to be accurate, and the usual series have
 * thousands of terms.
 */
#pragma once

namespace sim {

// Beyond this the functions below serve; they are accurate for all |w| < 40.
inline constexpr double kLargeShape = 1e6;

/* P(W <= w), P(W > w) and the density at w. */
double large_gamma_lower(double shape, double w);
double large_gamma_upper(double shape, double w);
double large_gamma_density(double shape, double w);

/* w at u, 0 < u < 1. */
double large_gamma_quantile(double shape, double u);

}  // namespace sim
