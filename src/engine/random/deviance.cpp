/*
 * deviance.cpp -- the series for small differences.
 */
#include "random/deviance.hpp"

#include <cmath>

#include "core/math.hpp"

namespace sim {

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

double stirling_error(double n) {
  const double square = n * n;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / n;
}

}  // namespace sim
