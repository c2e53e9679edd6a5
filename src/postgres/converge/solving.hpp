/*
 * solving.hpp -- the scenarios of one call, in their order: from the cache, or solved.
 *
 * Looking a scenario up takes microseconds, and so does solving most models.  So only those are
 * looked up that are known to take long, or of which nothing is known yet in this session.
 */
#pragma once

#include "converge/session_solver.hpp"

#include "cache/cache.hpp"

namespace simpg {

/* A call that is being solved; it belongs to the memory context it was begun in. */
struct Solving {
  SolverParts& parts;
  const StoredExperiment& stored;
  sim::Unsolved unsolved;
  std::vector<sim::Scenario> scenarios;
  std::size_t next = 0;  // the first scenario that has not been given
  /* Of a call for the base alone with nothing but numbers: where those of its overrides are, in
   * their order. Empty for other calls. */
  std::vector<double*> numbers{};
  /* What the solver has begun last: of each, the key it is kept under; no keys where it is not. */
  std::size_t run_begin = 0;
  std::size_t run_end = 0;
  std::vector<CacheKey> run_keys{};
  /* What was given last, valid until the next solve_next. */
  std::vector<sim::SolvedScenario> solved{};
  CacheLevel level = CacheLevel::none;  // of the cache; none: it was solved
  KeptScenario kept{};                  // out of the cache
};

/* Raises what beginning raises. The solver must fit the experiment, and both must outlive it. */
Solving* begin_solving(BorrowedSolver* solver, const StoredExperiment& stored,
                       sim::Unsolved unsolved, MemoryContext context);

/* The overrides of a call that can begin again with other numbers in their places; null for others,
 * among them those whose solutions are worth keeping. */
const StoredLayer* repeatable_overrides(const Solving& solving);

/* Begins it again with these, in their order. The model must be the same. */
void begin_again(Solving* solving, const double* numbers);

/* Gives some more; false when none is left. */
bool solve_next(Solving* solving);

}  // namespace simpg
