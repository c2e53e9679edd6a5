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
  int64 content;
  int64 max_steps;
  std::unique_ptr<sim::ScenarioSolver> solver;
};

std::list<WaitingSolver> waiting;

}  // namespace

BorrowedSolver::BorrowedSolver(const StoredExperiment& stored)
    : content_(stored.content), max_steps_(stored.max_steps) {
  const auto known = std::find_if(waiting.begin(), waiting.end(), [&](const WaitingSolver& each) {
    return each.content == content_ && each.max_steps == max_steps_;
  });
  if (known != waiting.end()) {
    solver_ = std::move(known->solver);
    waiting.erase(known);
  } else {
    solver_ = std::make_unique<sim::ScenarioSolver>(make_experiment(stored));
  }
}

BorrowedSolver::~BorrowedSolver() {
  if (content_ == 0) {
    return;
  }
  try {
    waiting.push_front({content_, max_steps_, std::move(solver_)});
    if (waiting.size() > kMostWaiting) {
      waiting.pop_back();
    }
  } catch (const std::bad_alloc&) {
    // Without memory to keep it, the solver goes.
  }
}

bool BorrowedSolver::fits(const StoredExperiment& stored) const {
  return content_ != 0 && content_ == stored.content && max_steps_ == stored.max_steps;
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
