/*
 * shared.hpp -- small pieces the methods share; for the files of this room only.
 */
#pragma once

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "solve/loop_system.hpp"

namespace sim {

inline void stop_if_asked(Control& control) {
  if (control.stop_requested()) throw Error(ErrorKind::cancelled, "cancelled while solving a loop");
}

/* The larger one, NaN if either is: a NaN must not look like a small residual. */
inline double larger(double a, double b) { return a > b || std::isnan(a) ? a : b; }

inline void fail_lane(LoopSystem& system, std::size_t lane) {
  for (std::size_t i = 0; i < system.size(); ++i)
    system.unknown(i)[lane] = std::numeric_limits<double>::quiet_NaN();
}

/* Largest |g(x) - x| of a lane after evaluate(). */
inline double lane_residual(LoopSystem& system, std::size_t lane) {
  double largest = 0;
  for (std::size_t i = 0; i < system.size(); ++i)
    largest = larger(largest, std::fabs(system.value(i)[lane] - system.unknown(i)[lane]));
  return largest;
}

}  // namespace sim
