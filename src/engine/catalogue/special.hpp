/*
 * special.hpp -- special functions that come from Boost.Math with portable bits.
 */
#pragma once

namespace sim {

/* The derivative of lgamma; NaN at 0, -1, -2, ... */
double digamma(double x);

/* gamma(a) gamma(b) / gamma(a + b) for a, b > 0, else NaN. */
double beta(double a, double b);

}  // namespace sim
