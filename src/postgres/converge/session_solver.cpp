/*
 * session_solver.cpp -- a few solvers that wait, the latest used first.
 */
#include "converge/session_solver.hpp"

#include <algorithm>
#include <list>

namespace simpg {

namespace {

constexpr std::size_t kMostWaiting = 8;

struct WaitingSolver {
  SolverKey key;
  std::unique_ptr<sim::ScenarioSolver> solver;
};

std::list<WaitingSolver> waiting;

SolverKey key_of(const StoredExperiment& stored) {
  return {stored.content, stored.max_steps, stored.optimise};
}

}  // namespace

BorrowedSolver::BorrowedSolver(const StoredExperiment& stored) : key_(key_of(stored)) {
  const auto known = std::find_if(waiting.begin(), waiting.end(),
                                  [&](const WaitingSolver& each) { return each.key == key_; });
  if (known != waiting.end()) {
    solver_ = std::move(known->solver);
    waiting.erase(known);
  } else {
    solver_ = std::make_unique<sim::ScenarioSolver>(make_experiment(stored));
  }
}

BorrowedSolver::~BorrowedSolver() {
  if (key_.content == 0) {
    return;
  }
  try {
    waiting.push_front({key_, std::move(solver_)});
    if (waiting.size() > kMostWaiting) {
      waiting.pop_back();
    }
  } catch (const std::bad_alloc&) {
    // Without memory to keep it, the solver goes.
  }
}

bool BorrowedSolver::fits(const StoredExperiment& stored) const {
  return key_.content != 0 && key_ == key_of(stored);
}

BorrowedSolver* borrow_solver(const StoredExperiment& stored, MemoryContext context) {
  Holder<BorrowedSolver>* holder = make_holder<BorrowedSolver>(context);
  guarded([&] { hold(holder, stored); });
  return holder->object;
}

void begin_solving(BorrowedSolver* solver, const StoredExperiment& stored, sim::Unsolved unsolved) {
  guarded([&] { (*solver)->begin(make_scenarios(stored), unsolved); });
}

bool solve_next(BorrowedSolver* solver) {
  bool more = false;
  BackendControl control;
  guarded([&] { more = (*solver)->next(control); });
  return more;
}

void forget_solvers() { waiting.clear(); }

}  // namespace simpg
