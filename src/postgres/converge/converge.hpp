/*
 * converge.hpp -- sim.converge and sim.converge_report, and SimConverge, which stands in FROM for
 * sim.converge.
 *
 * SimConverge gives the rows that the function gives, one by one as they are asked for: nothing is
 * stored between, and a LATERAL join over many parameters costs little more than solving.
 */
#pragma once

#include "postgres.hpp"

SIM_SERVER_BEGIN
#include <nodes/extensible.h>
SIM_SERVER_END

#include "converge/session_solver.hpp"

namespace simpg {

inline constexpr int kConvergeArguments = 3;
inline constexpr int kModelArgument = 0;
inline constexpr int kScenariosArgument = 1;
inline constexpr int kOverridesArgument = 2;
inline constexpr int kConvergeColumns = 4;  // scenario, variable, step, value

/* In the current memory context; what load_experiment raises. `scan`: see ExperimentRequest. */
StoredExperiment* load_converge(const Datum* values, const bool* nulls, int64 scan);

/* Registers the scan; once, when the module is loaded. */
void register_sim_converge();

/* sim_converge */
Node* create_sim_converge_state(CustomScan* scan);

}  // namespace simpg
