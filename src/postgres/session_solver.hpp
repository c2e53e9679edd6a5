/*
 * session_solver.hpp -- solvers of scenarios, kept for the session: a model that is converged again
 * is not compiled again.
 */
#pragma once

#include "store.hpp"

#include "experiment/converge.hpp"

namespace simpg {

/*
 * Begins to solve the scenarios of what was loaded.  The solver is the session's, or belongs to the
 * current memory context where the model's rows are too large to be kept; it is good until the next
 * call of this function.
 */
sim::ScenarioSolver* begin_solving(const StoredExperiment& stored, sim::Unsolved unsolved);

/* Solves some more; false when none is left. */
bool solve_next(sim::ScenarioSolver* solver);

/* Forgets all solvers: DISCARD ALL. */
void forget_solvers();

}  // namespace simpg
