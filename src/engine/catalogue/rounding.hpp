/*
 * rounding.hpp -- rounding half away from zero, to whole numbers and to decimal digits.
 */
#pragma once

#include <cmath>

namespace sim {

/* The nearest whole number, halves away from zero; exact, so 0.49999999999999994 gives 0.
 * Infinities and NaN pass. */
inline double round_half_away(double x) {
  const double whole = std::trunc(x);
  return std::fabs(x - whole) >= 0.5 ? whole + std::copysign(1.0, x) : whole;
}

/*
 * x to so many digits after the decimal point (before it, where negative; a fraction of a digit is
 * dropped), halves away from zero.  What is rounded is the shortest decimal number that reads back
 * as x, which is what a person sees on the screen: 1.005 to two digits is 1.01, although the double
 * nearest to 1.005 lies below it.
 */
double round_to_digits(double x, double digits);

}  // namespace sim
