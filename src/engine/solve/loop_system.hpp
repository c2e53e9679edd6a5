/*
 * loop_system.hpp -- a loop of formulas x = g(x) over a batch of lanes, as the methods of solution
 * see it.
 *
 * Lanes are independent problems that are evaluated side by side.  A method changes unknowns of the
 * lanes it still works on and leaves the others alone, so that no lane's solution depends on its
 * neighbours.
 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/control.hpp"

namespace sim {

/* d g_row / d x_column, one value a lane. They come row by row. */
struct JacobianColumn {
  std::uint32_t row;
  std::uint32_t column;
  const double* value;
};

class LoopSystem {
 public:
  virtual std::size_t size() const = 0;  // unknowns
  virtual std::size_t lanes() const = 0;
  virtual double* unknown(std::size_t i) = 0;
  virtual bool has_start(std::size_t i) const = 0;  // whether a start value was given for unknown i

  /* Computes all g_i at the unknowns. */
  virtual void evaluate() = 0;
  /* Computes the Jacobian at the unknowns of the last evaluate(). */
  virtual void evaluate_jacobian() = 0;
  /* g_i as last computed. */
  virtual const double* value(std::size_t i) const = 0;
  virtual std::span<const JacobianColumn> jacobian() const = 0;

  /* Unknown i of a linear system, or its step in Newton's method, as elimination in a fixed order
   * gave it with the values or the Jacobian; null where there is none. */
  virtual const double* eliminated(std::size_t i) const = 0;
  /* 1 in lanes where that order of elimination was good; null: in all. */
  virtual const double* trusted() const = 0;

  /* Formulas one by one, in the order of the text: computes that at `place` and gives its unknown
   * and values. */
  struct EquationValue {
    std::size_t unknown;
    const double* value;
  };
  virtual EquationValue evaluate_equation(std::size_t place) = 0;

  /* Leaves only the lanes at these places, ascending: they are the lanes from now on. Computed
   * values are lost, unknowns are kept, those of the others as they are. */
  virtual void narrow(std::span<const std::uint32_t> places) = 0;
  /* All lanes again. */
  virtual void widen() = 0;

 protected:
  ~LoopSystem() = default;
};

inline constexpr std::size_t kResidualHistory = 4;

/* How one lane ended. */
struct LaneOutcome {
  bool converged = false;
  std::int64_t iterations = 0;
  double residual = std::numeric_limits<double>::quiet_NaN();  // largest |g(x) - x| at the end, or
                                                               // the largest last change
  double contraction =
      std::numeric_limits<double>::quiet_NaN();    // see estimate_contraction in methods.hpp
  bool fell_back = false;                          // Newton gave way to damped fixed point
  std::array<double, kResidualHistory> history{};  // the last residuals, the latest last
};

struct SolveOptions {
  double tolerance = 1e-9;
  std::int64_t iterations = 100;
  double damping = 1;
  bool report = false;  // whether somebody reads the outcomes
};

/* Appends to the history, dropping the oldest. */
void remember(LaneOutcome& outcome, double residual);

}  // namespace sim
