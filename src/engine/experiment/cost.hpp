/*
 * cost.hpp -- what a trial costs, estimated from its program.
 */
#pragma once

#include "model/program.hpp"

namespace sim {

/* Elementary operations a lane over all steps, with weights measured in units of an addition (about
 * 0.3 ns). */
double operations_per_lane(const Program& program);

}  // namespace sim
