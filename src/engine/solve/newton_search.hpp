/*
 * newton_search.hpp -- Newton's steps with a line search in each lane; for the files of this room
 * only.
 */
#pragma once

#include <cstdint>
#include <vector>

#include "solve/loop_system.hpp"

namespace sim {

enum class LaneState : std::uint8_t { searching, polishing, done, lost };

/* Where each lane stands. */
struct NewtonLanes {
  std::vector<LaneState> states;
  std::vector<double> norms;  // largest |g(x) - x| at the unknowns
  std::vector<LaneOutcome> outcomes;
};

/*
 * Takes lanes that are searching or polishing as far as they come, from the unknowns at which
 * values and Jacobian were last computed.  Lanes are done or lost afterwards; which of them
 * converged is told by the outcomes.
 */
void search_newton(LoopSystem& system, const SolveOptions& options, NewtonLanes& lanes,
                   Control& control);

}  // namespace sim
