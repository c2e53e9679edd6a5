/*
 * converge.hpp -- solves a model for scenarios, without chance: uncertain inputs stand at their
 * means.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/control.hpp"
#include "experiment/experiment.hpp"
#include "model/program.hpp"

namespace sim {

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

/* The values of one scenario, formulas in the order of the text, steps ascending. */
struct SolvedScenario {
  std::uint32_t scenario;           // place among those that were begun
  std::span<const SlotSpec> slots;  // variable (its place in names()) and step of each value
  std::span<const double> values;
};

/* What becomes of a loop that does not converge. */
enum class Unsolved : std::uint8_t {
  refuse,  // Error(not_converged) with the loop, iterations, last residuals, contraction factor
  report,  // its unknowns are NaN, and the report of its loop says so
};

/*
 * Solves scenarios of one model, a bounded number of values at a time, and call after call: the
 * text is analysed once, and programs are kept for the next scenarios of the same structure.
 * Scenarios are lanes of a batch; none depends on its neighbours or on scenarios of earlier calls.
 */
class ScenarioSolver {
 public:
  /* The experiment's scenarios, trials and seed are not used; bound values and rows are. Throws
   * Error for everything that is wrong with them and with the text. */
  explicit ScenarioSolver(const Experiment& experiment);
  ~ScenarioSolver();
  ScenarioSolver(const ScenarioSolver&) = delete;
  ScenarioSolver& operator=(const ScenarioSolver&) = delete;

  /* Begins anew with these scenarios, which must stay as they are until the last is solved. Throws
   * Error for names and numbers that do not fit, UnusableValue where one of them reads a value that
   * is not to be had. */
  void begin(std::span<const Scenario> scenarios, Unsolved unsolved);

  /* Begins again with the scenarios of the last begin(), in which numbers may be others by now, and
   * nothing else. Throws Error for numbers that do not fit. */
  void begin_again();

  /* Solves some scenarios more, in order; false when none is left. Throws Error, cancelled among
   * others. */
  bool next(Control& control);

  /* Those of the last next(); valid until the next one. */
  std::span<const SolvedScenario> solved() const;
  /* Of these scenarios, where Unsolved::report was asked for; ordered by scenario and loop. */
  std::span<const LoopReport> loops() const;

  /* Of the model's variables. */
  const std::vector<std::string>& names() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

struct ConvergedValue {
  std::uint32_t scenario;
  std::uint32_t variable;  // place of its name in ConvergeResult::names
  std::int64_t step;       // -1: no time
  double value;
};

struct ConvergeResult {
  /* Scenarios in order; formulas in the order of the text; steps ascending. */
  std::vector<ConvergedValue> values;
  std::vector<std::string> names;  // of the model's variables
  std::vector<LoopReport> loops;
};

/* Solves every scenario and keeps all of it in memory. */
ConvergeResult converge(const Experiment& experiment, Unsolved unsolved, Control& control);

}  // namespace sim
