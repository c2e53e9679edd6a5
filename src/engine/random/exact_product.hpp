/*
 * exact_product.hpp -- a product of two numbers without rounding.
 */
#pragma once

#include <utility>

namespace sim {

/* a * b is the result's first + second exactly: T. J. Dekker, "A floating-point technique for
 * extending the available precision", Numerische Mathematik 18 (1971). */
inline std::pair<double, double> exact_product(double a, double b) {
  const auto split = [](double x) {
    const double scaled = 134217729.0 * x;  // 2^27 + 1
    const double high = scaled - (scaled - x);
    return std::pair{high, x - high};
  };
  const auto [a1, a2] = split(a);
  const auto [b1, b2] = split(b);
  const double product = a * b;
  return {product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
}

}  // namespace sim
