/*
 * large_gamma.cpp -- Temme's uniform expansion, and a step of Newton's method.
 *
 * N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM Journal on
 * Mathematical Analysis 10 (1979); NIST Digital Library of Mathematical Functions, 8.12.
 */
#include "random/large_gamma.hpp"

#include <cmath>

#include "catalogue/normal.hpp"
#include "core/math.hpp"
#include "random/cornish_fisher.hpp"
#include "random/deviance.hpp"

namespace sim {
namespace {

constexpr double kLargestExponent = 750;  // beyond, every tail is 0

/* shape eta^2 / 2, where eta is Temme's. */
double half_square(double shape, double w) {
  const double distance = std::sqrt(shape) * w;
  return deviance(shape, shape + distance, -distance);
}

/* The sum of c_k(eta) shape^-k: DLMF 8.12.9 to 8.12.12, as far as eta < 0.04 needs it. */
double correction(double shape, double eta) {
  constexpr double c0[] = {-1.0 / 3, 1.0 / 12, -2.0 / 135, 1.0 / 864, 1.0 / 2835, -139.0 / 777600};
  constexpr double c1[] = {-1.0 / 540, -1.0 / 288, 1.0 / 378};
  const double first =
      ((((c0[5] * eta + c0[4]) * eta + c0[3]) * eta + c0[2]) * eta + c0[1]) * eta + c0[0];
  const double second = (c1[2] * eta + c1[1]) * eta + c1[0];
  return first + second / shape;
}

/* The probability beyond w, on the side of the mean where w is. */
double outer_tail(double shape, double w) {
  const double half = half_square(shape, w);
  if (!(half < kLargestExponent)) return 0;
  const double eta = std::copysign(std::sqrt(2 * half / shape), w);
  const double rest = math::exp(-half) / std::sqrt(2 * math::kPi * shape) * correction(shape, eta);
  return 0.5 * math::erfc(std::sqrt(half)) + (w < 0 ? -rest : rest);
}

}  // namespace

double large_gamma_lower(double shape, double w) {
  const double tail = outer_tail(shape, w);
  return w < 0 ? tail : 1 - tail;
}

double large_gamma_upper(double shape, double w) {
  const double tail = outer_tail(shape, w);
  return w < 0 ? 1 - tail : tail;
}

double large_gamma_density(double shape, double w) {
  const double exponent = -half_square(shape, w) - stirling_error(shape);
  return math::exp(exponent) / (std::sqrt(2 * math::kPi) * (1 + w / std::sqrt(shape)));
}

double large_gamma_quantile(double shape, double u) {
  const CornishFisher approximation({shape, 2 * shape, 6 * shape, 24 * shape, 120 * shape});
  const double w = approximation(normal_quantile(u));
  const double missing =
      u <= 0.5 ? u - large_gamma_lower(shape, w) : large_gamma_upper(shape, w) - (1 - u);
  const double step = missing / large_gamma_density(shape, w);
  return std::isfinite(step) ? w + step : w;
}

}  // namespace sim
