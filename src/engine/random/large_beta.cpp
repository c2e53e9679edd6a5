/*
 * large_beta.cpp -- the density as a binomial probability, by its saddle point.
 *
 * C. Loader, "Fast and accurate computation of binomial probabilities" (2000): the powers and
 * factorials, whose logarithms are huge and cancel, are put together beforehand, so that only the
 * small distance from the mean is left.
 */
#include "random/large_beta.hpp"

#include <cmath>
#include <utility>

#include "core/math.hpp"

namespace sim {
namespace {

/* ln n! = ln sqrt(2 pi n) + n ln n - n + this, for large n. */
double stirling_error(double n) {
  const double square = n * n;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / n;
}

/* k ln(k / m) + m - k, where difference = k - m. */
double deviance(double k, double m, double difference) {
  const double v = difference / (k + m);
  if (std::fabs(v) > 0.3) return k * math::ln(k / m) - difference;
  // 2 k (v^3 / 3 + v^5 / 5 + ...) after the first term
  double power = 2 * k * v;
  double sum = difference * v;
  for (int j = 3; j < 41; j += 2) {
    power *= v * v;
    sum += power / j;
  }
  return sum;
}

/* a * b is the result's first + second exactly: T. J. Dekker, "A floating-point technique for
 * extending the available precision", Numerische Mathematik 18 (1971). */
std::pair<double, double> exact_product(double a, double b) {
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

}  // namespace

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
