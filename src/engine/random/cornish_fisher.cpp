/*
 * cornish_fisher.cpp -- the terms of M. Abramowitz, I. A. Stegun, "Handbook of Mathematical
 * Functions" (1964), 26.2.49 to 26.2.51, by powers of z.
 */
#include "random/cornish_fisher.hpp"

#include <cmath>

namespace sim {

CornishFisher::CornishFisher(const std::array<double, 5>& cumulants) {
  const double variance = cumulants[0];
  const double sd = std::sqrt(variance);
  const double g1 = cumulants[1] / (variance * sd);
  const double g2 = cumulants[2] / (variance * variance);
  const double g3 = cumulants[3] / (variance * variance * sd);
  const double g4 = cumulants[4] / (variance * variance * variance);
  const double g11 = g1 * g1;
  const double g12 = g1 * g2;
  const double g13 = g1 * g3;
  const double g22 = g2 * g2;
  const double g111 = g11 * g1;
  const double g112 = g11 * g2;
  const double g1111 = g11 * g11;
  c_[0] = -g1 / 6 + g3 / 40 - g12 / 12 + 17 * g111 / 324;
  c_[1] = 1 - g2 / 8 + 5 * g11 / 36 + g4 / 48 - 29 * g22 / 384 - 7 * g13 / 60 + 107 * g112 / 288 -
          1511 * g1111 / 7776;
  c_[2] = g1 / 6 - g3 / 20 + 5 * g12 / 24 - 53 * g111 / 324;
  c_[3] = g2 / 24 - g11 / 18 - g4 / 72 + g22 / 16 + 17 * g13 / 180 - 103 * g112 / 288 +
          211 * g1111 / 972;
  c_[4] = g3 / 120 - g12 / 24 + g111 / 27;
  c_[5] = g4 / 720 - g22 / 128 - g13 / 90 + 7 * g112 / 144 - 7 * g1111 / 216;
}

}  // namespace sim
