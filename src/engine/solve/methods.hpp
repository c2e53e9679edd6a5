/*
 * methods.hpp -- the methods of solution: each takes a system at its start values and leaves the
 * solution in its unknowns.
 *
 * A lane that does not converge gets NaN in all its unknowns: a failed value that spreads to
 * whatever reads it. All of them throw Error(cancelled) when control asks to stop.
 */
#pragma once

#include <vector>

#include "solve/loop_system.hpp"

namespace sim {

/*
 * Newton's method with a backtracking line search on the largest residual (Dennis & Schnabel 1983,
 * section 6.3; halving). Converged when every |change| <= tolerance * (1 + |x|); then goes on with
 * full steps until the residual stops falling. Lanes where it fails go on by damped fixed point
 * from their start values.
 */
std::vector<LaneOutcome> solve_newton(LoopSystem& system, const SolveOptions& options,
                                      Control& control);

/* x <- x + d (g(x) - x) with d halved whenever the residual grows; for lanes marked in `open`.
 * Converged by residual. */
void solve_damped(LoopSystem& system, const SolveOptions& options, const std::vector<bool>& open,
                  std::vector<LaneOutcome>& outcomes, Control& control);

/*
 * Formula by formula in the order of the text, each reading the newest values (gauss_seidel) or
 * those of the last round (jacobi), as a spreadsheet or a planner's program iterates.  Converged
 * when every |change| <= tolerance.
 */
std::vector<LaneOutcome> solve_gauss_seidel(LoopSystem& system, const SolveOptions& options,
                                            Control& control);
std::vector<LaneOutcome> solve_jacobi(LoopSystem& system, const SolveOptions& options,
                                      Control& control);

/*
 * Estimates outcome.contraction of all lanes but those that fell back, from the Jacobian as last
 * computed: the spectral radius of the Gauss-Seidel iteration matrix (I - L)^-1 U of A = L + U,
 * lower and upper part in the order `text_order`, the factor by which one round in the order of the
 * text shrinks the error (Golub & Van Loan 2013, 11.2.3).  Left alone where more than 200 unknowns
 * are read before they are computed.
 */
void estimate_contraction(LoopSystem& system, std::span<const std::uint32_t> text_order,
                          std::span<LaneOutcome> outcomes);

/* The size of the largest eigenvalue of a square matrix, column by column; NaN where it has none.
 */
double spectral_radius(std::span<const double> matrix, std::size_t size);

}  // namespace sim
