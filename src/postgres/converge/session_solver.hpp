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
#include <string>
#include <vector>

#include "boundary.hpp"
#include "converge/solved_bytes.hpp"
#include "experiment/content_key.hpp"
#include "experiment/converge.hpp"

namespace simpg {

/* Solvers of equal keys are alike. */
struct SolverKey {
  int64 content;  // 0: not to be kept
  int64 max_steps;
  bool optimise;
  std::vector<std::string> outputs;  // those of the experiment; mostly none: all formulas

  bool fits(const StoredExperiment& stored) const;
};

/* Texts as the server stores them, in memory that is not the server's. */
struct NameValues {
  std::vector<char> bytes;
  std::vector<Datum> values;
};

/* A solver with what has been learnt of it. */
struct SolverParts {
  std::unique_ptr<sim::ScenarioSolver> solver;
  std::unique_ptr<NameValues> names;       // null until borrow_solver makes them
  std::unique_ptr<sim::ContentKeys> keys;  // null until something is looked up
  NamePlaces places;                       // likewise empty
  bool quick = false;                      // solving takes less time than looking up
  unsigned untimed = 0;                    // times it was solved since that was found out
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
  std::span<const Datum> names() const { return parts_.names->values; }
  SolverParts& parts() { return parts_; }

 private:
  friend BorrowedSolver* borrow_solver(const StoredExperiment& stored, MemoryContext context);

  SolverKey key_;
  SolverParts parts_;
};

/* A solver of what was loaded, until the memory context is reset. */
BorrowedSolver* borrow_solver(const StoredExperiment& stored, MemoryContext context);

/* Forgets all solvers that wait: DISCARD ALL. */
void forget_solvers();

}  // namespace simpg
