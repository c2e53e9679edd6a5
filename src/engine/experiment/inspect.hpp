/*
 * inspect.hpp -- what can be told about a model's text without running it: errors, variables,
 * dependencies, loops, data.
 */
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/control.hpp"
#include "experiment/experiment.hpp"
#include "language/diagnostics.hpp"

namespace sim {

struct CheckRow {
  int line;
  int column;
  Severity severity;
  std::string message;
  std::string hint;
};

struct VariableRow {
  std::string name;
  std::string kind;  // "input", "formula", "output" (a formula that is reported)
  bool timed;
  std::string definition;  // its text: "0.8 * material + co2", "~ normal(80, 12)"; start rules in
                           // lines of their own
  std::string unit;
  std::string description;
  bool uncertain;
  double range_low;  // NaN without a range
  double range_high;
  int line;
};

struct DependencyRow {
  std::string variable;
  std::string depends_on;  // a variable or a data block
  std::int64_t
      lag;  // 0: same step or no time; k for x[t-k]; -1 for whole series (sum(x[*]), x[last])
};

struct LoopRow {
  int loop;
  std::vector<std::string> variables;
  std::string
      method;  // what `auto` chose: "direct" for linear loops, else "newton", or the method set
  bool linear;
};

struct DataRow {
  std::string name;
  std::vector<std::string> columns;
  bool ordered;  // historical, series or bootstrap with block > 1 read it: the order of its rows
                 // matters
};

struct ModelDescription {
  std::int64_t steps = 0;  // 0 without time
  std::string step_label;
  bool uncertain = false;
  std::vector<VariableRow> variables;  // in the order of the text
  std::vector<DependencyRow> dependencies;
  std::vector<LoopRow> loops;
  std::vector<DataRow> data;
  std::vector<std::string> outputs;  // in order; what sample views show
};

/* All errors and warnings of the text in its order; empty for a good text. Never throws for a bad
 * text. */
std::vector<CheckRow> check_model(std::string_view source);

/* Throws Error(invalid_model): message `model "name" has 3 errors`, the rendered errors as detail,
 * the first suggestion as hint. */
ModelDescription describe_model(std::string_view name, std::string_view source);

/* One line of the explanation of an experiment: what will be computed, in which order, how. */
struct ExplainRow {
  int step;          // numbered from 1; 0 for the closing lines about work
  std::string what;  // "once", "per trial", "per step", "work"
  std::string how;
};

std::vector<ExplainRow> explain_experiment(const Experiment& experiment);

}  // namespace sim
