/*
 * session_solver.cpp -- a few solvers, the latest used first.
 */
#include "session_solver.hpp"

#include <algorithm>
#include <list>
#include <memory>

#include "boundary.hpp"

namespace simpg {

namespace {

constexpr std::size_t kMostSolvers = 8;

struct SessionSolver {
  int64 content;
  int64 max_steps;
  std::unique_ptr<sim::ScenarioSolver> solver;
};

std::list<SessionSolver> solvers;

/* C++ side. */
sim::ScenarioSolver* kept_solver(const StoredExperiment& stored) {
  const auto known = std::find_if(solvers.begin(), solvers.end(), [&](const SessionSolver& each) {
    return each.content == stored.content && each.max_steps == stored.max_steps;
  });
  if (known != solvers.end()) {
    solvers.splice(solvers.begin(), solvers, known);
  } else {
    solvers.push_front({stored.content, stored.max_steps,
                        std::make_unique<sim::ScenarioSolver>(make_experiment(stored))});
    if (solvers.size() > kMostSolvers) {
      solvers.pop_back();
    }
  }
  return solvers.front().solver.get();
}

}  // namespace

sim::ScenarioSolver* begin_solving(const StoredExperiment& stored, sim::Unsolved unsolved) {
  sim::ScenarioSolver* solver = nullptr;
  Holder<sim::ScenarioSolver>* own_solver =
      stored.content == 0 ? make_holder<sim::ScenarioSolver>(CurrentMemoryContext) : nullptr;
  guarded([&] {
    solver =
        own_solver != nullptr ? &hold(own_solver, make_experiment(stored)) : kept_solver(stored);
    solver->begin(make_scenarios(stored), unsolved);
  });
  return solver;
}

bool solve_next(sim::ScenarioSolver* solver) {
  bool more = false;
  BackendControl control;
  guarded([&] { more = solver->next(control); });
  return more;
}

void forget_solvers() { solvers.clear(); }

}  // namespace simpg
