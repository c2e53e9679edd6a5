/*
 * session_solver.hpp -- solvers of scenarios that wait in the session: a model that is converged
 * again is not compiled again.
 *
 * Who solves borrows a solver, so that two calls that are under way at once never share one.
 */
#pragma once

#include "store.hpp"

#include <memory>
#include <span>
#include <vector>

#include "boundary.hpp"
#include "experiment/converge.hpp"

namespace simpg {

/* Solvers of equal keys are alike. */
struct SolverKey {
  int64 content;  // 0: not to be kept
  int64 max_steps;
  bool optimise;

  friend bool operator==(const SolverKey&, const SolverKey&) = default;
};

/* Texts as the server stores them, in memory that is not the server's. */
struct NameValues {
  std::vector<char> bytes;
  std::vector<Datum> values;
};

/* A solver in use. When it goes, whatever way, the solver waits for the next call. */
class BorrowedSolver {
 public:
  /* One that waits for these contents, or a new one. C++ side. */
  explicit BorrowedSolver(const StoredExperiment& stored);
  ~BorrowedSolver();
  BorrowedSolver(const BorrowedSolver&) = delete;
  BorrowedSolver& operator=(const BorrowedSolver&) = delete;

  bool fits(const StoredExperiment& stored) const;

  /* Names of the model's variables as values of type text, good as long as this object. */
  std::span<const Datum> names() const { return names_->values; }
  sim::ScenarioSolver& operator*() const { return *solver_; }
  sim::ScenarioSolver* operator->() const { return solver_.get(); }

 private:
  friend BorrowedSolver* borrow_solver(const StoredExperiment& stored, MemoryContext context);

  SolverKey key_;
  std::unique_ptr<sim::ScenarioSolver> solver_;
  std::unique_ptr<NameValues> names_;  // null until borrow_solver makes them
};

/* A solver of what was loaded, until the memory context is reset. */
BorrowedSolver* borrow_solver(const StoredExperiment& stored, MemoryContext context);

/* Begins with the scenarios of what was loaded. Requires: the solver fits. */
void begin_solving(BorrowedSolver* solver, const StoredExperiment& stored, sim::Unsolved unsolved);

/* Solves some more; false when none is left. */
bool solve_next(BorrowedSolver* solver);

/* Forgets all solvers that wait: DISCARD ALL. */
void forget_solvers();

}  // namespace simpg
