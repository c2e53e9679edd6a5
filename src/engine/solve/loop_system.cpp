/*
 * loop_system.cpp -- bookkeeping shared by the methods.
 */
#include "solve/loop_system.hpp"

#include <algorithm>

namespace sim {

void remember(LaneOutcome& outcome, double residual) {
  std::rotate(outcome.history.begin(), outcome.history.begin() + 1, outcome.history.end());
  outcome.history.back() = residual;
  outcome.residual = residual;
}

}  // namespace sim
