/*
 * converge.hpp -- solves a model for scenarios, without chance: uncertain inputs stand at their
 * means unless overridden.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/control.hpp"
#include "experiment/experiment.hpp"

namespace sim {

struct ConvergedValue {
  std::uint32_t scenario;
  std::uint32_t variable;  // place of its name in ConvergeResult::names
  std::int64_t step;       // -1: no time
  double value;
};

/* How one loop of one scenario was solved; over time, its worst step. */
struct LoopReport {
  std::uint32_t scenario;
  int loop;                            // from 1, in the order of evaluation
  std::vector<std::string> variables;  // by name
  std::string method;  // "direct", "newton", "gauss_seidel", "jacobi", "fixed_point"
  std::int64_t iterations;
  double residual;     // largest |g(x) - x| at the end
  double contraction;  // factor by which one Gauss-Seidel round in text order shrinks the error;
                       // NaN when unknown
  bool converged;
  std::int64_t step;  // the step reported; -1 without time
};

struct ConvergeResult {
  /* Scenarios in order; formulas in the order of the text; steps ascending. */
  std::vector<ConvergedValue> values;
  std::vector<std::string> names;  // of the model's variables
  std::vector<LoopReport> loops;
};

/*
 * Solves every scenario.  With `require_convergence`, throws Error(not_converged) naming the loop,
 * its iterations, the last residuals, the contraction factor and what to try; otherwise unknowns of
 * a failed loop are NaN and the report says so.
 */
ConvergeResult converge(const Experiment& experiment, bool require_convergence, Control& control);

}  // namespace sim
