/*
 * direct.hpp -- linear loops, x = A x + b: solved in one go, no iteration.
 */
#pragma once

#include <memory>
#include <vector>

#include "solve/loop_system.hpp"

namespace sim {

/*
 * Solves (I - A) x = b in each lane.  The system's value(i) is b_i and jacobian() holds A; neither
 * is evaluated here.  Where the system comes with eliminated() unknowns a lane takes them if it
 * trusts them; otherwise it is solved by LU with partial pivoting (Golub & Van Loan 2013, 3.4).  A
 * lane whose matrix is singular to working precision fails: its unknowns are NaN.
 */
class DirectSolver {
 public:
  DirectSolver();
  ~DirectSolver();
  DirectSolver(const DirectSolver&) = delete;
  DirectSolver& operator=(const DirectSolver&) = delete;

  /* A may have changed: a factorisation made before no longer holds. */
  void forget();

  /*
   * `uniform`: A is the same in all lanes, now and until forget(), and is factored once.  Outcomes
   * are given only if options.report asks for them. Throws Error(cancelled) when control asks to
   * stop.
   */
  std::vector<LaneOutcome> solve(LoopSystem& system, bool uniform, const SolveOptions& options,
                                 Control& control);

 private:
  struct Factors;
  void apply_factors(LoopSystem& system, Control& control);
  std::unique_ptr<Factors> factors_;
};

}  // namespace sim
