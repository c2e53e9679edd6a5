/*
 * special.cpp -- Boost.Math's digamma and beta, instantiated for the portable number type.
 */
#include "catalogue/special.hpp"

#include "core/portable.hpp"

// Boost.Math comes after the type it is to work with.
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>

namespace sim {

double digamma(double x) {
  const bool pole = x <= 0 && std::floor(x) == x;
  if (pole || std::isnan(x)) return math::kNaN;
  if (std::isinf(x)) return x;
  return boost::math::digamma(Portable(x)).value();
}

double beta(double a, double b) {
  if (!(a > 0 && b > 0)) return math::kNaN;
  if (std::isinf(a) || std::isinf(b)) return 0;
  return boost::math::beta(Portable(a), Portable(b)).value();
}

}  // namespace sim
