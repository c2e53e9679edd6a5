/*
 * large_beta.cpp -- the density as a binomial probability, by its saddle point.
 */
#include "random/large_beta.hpp"

#include <cmath>

#include "core/math.hpp"
#include "random/deviance.hpp"
#include "random/exact_product.hpp"

namespace sim {
double large_beta_density(double alpha, double beta, double x) {
  const double n = alpha + beta - 2;
  const double k = alpha - 1;
  const auto [mean, rest] = exact_product(n, x);
  const double difference = (k - mean) - rest;
  const double exponent = stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
                          deviance(k, mean, difference) -
                          deviance(n - k, (n - mean) - rest, -difference);
  return (n + 1) * math::exp(exponent) / std::sqrt(2 * math::kPi * k * ((n - k) / n));
}

}  // namespace sim
