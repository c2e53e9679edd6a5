/*
 * normal.hpp -- the standard normal distribution, for one value and for many.
 *
 * The batches give the same bits as the functions of one value; x and y may be the same array.
 */
#pragma once

#include <cstddef>

namespace sim {

/* P(Z <= x).  Relative error below 2e-13 for every x whose probability is a normal double. */
double normal_cdf(double x);
void normal_cdf(const double* x, double* y, std::size_t n);

/* The density exp(-x^2 / 2) / sqrt(2 pi).  Relative error below 2e-13. */
double normal_density(double x);
void normal_density(const double* x, double* y, std::size_t n);

/*
 * The quantile: -infinity at 0, infinity at 1, NaN outside [0, 1].
 * M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
 * Statistics 37 (1988), 477-484, routine PPND16: relative error about 1e-16, measured here as at
 * most 6 units in the last place.
 */
double normal_quantile(double p);
void normal_quantile(const double* p, double* x, std::size_t n);

}  // namespace sim
