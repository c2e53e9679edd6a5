/*
 * prepare.cpp -- puts values, rows and overrides in the places of inputs, checked, and compiles.
 */
#include "experiment/prepare.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/control.hpp"
#include "core/error.hpp"
#include "experiment/unusable.hpp"
#include "language/diagnostics.hpp"
#include "language/names.hpp"

namespace sim {
namespace {

std::string shown(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

void check_range(const Variable& variable, double value) {
  if (!std::isfinite(value))
    throw Error(ErrorKind::out_of_range, "the value of input " + in_quotes(variable.name) +
                                             " is not a finite number: " + shown(value));
  const bool low = variable.range_low && value < *variable.range_low;
  const bool high = variable.range_high && value > *variable.range_high;
  if (!low && !high) return;
  const std::string range =
      variable.range_low && variable.range_high
          ? "from " + shown(*variable.range_low) + " to " + shown(*variable.range_high)
      : low ? "at least " + shown(*variable.range_low)
            : "at most " + shown(*variable.range_high);
  throw Error(ErrorKind::out_of_range,
              "the value " + shown(value) + " of input " + in_quotes(variable.name) +
                  " is outside its range",
              "The range is " + range +
                  (variable.annotations.unit.empty() ? "." : " " + variable.annotations.unit + "."),
              "Give a value inside the range, or change the range in the model.");
}

[[noreturn]] void refuse_text(const std::string& message, const Diagnostics& diagnostics,
                              std::string_view source) {
  std::string hint;
  for (const Diagnostic& diagnostic : diagnostics.sorted())
    if (hint.empty() && diagnostic.severity == Severity::error) hint = diagnostic.hint;
  throw Error(ErrorKind::invalid_model, message, render_errors(diagnostics, source), hint);
}

std::vector<std::string> input_names(const Model& model) {
  std::vector<std::string> names;
  for (const Variable& variable : model.variables)
    if (variable.kind == VariableKind::input) names.push_back(variable.name);
  return names;
}

const Variable& find_input(const Model& model, const std::string& name, const std::string& who) {
  const auto found = model.variable_index.find(name);
  if (found == model.variable_index.end()) {
    const std::string near = likely_name(name, input_names(model));
    throw Error(ErrorKind::undefined_name, who + " names an unknown input " + in_quotes(name), {},
                near.empty() ? "sim.variables lists the inputs of a model."
                             : "Did you mean " + in_quotes(near) + "?");
  }
  const Variable& variable = model.variables[found->second];
  if (variable.kind != VariableKind::input)
    throw Error(
        ErrorKind::undefined_name, who + " names " + in_quotes(name) + ", which is a formula", {},
        "Only inputs can be replaced: declare it as input " + name + " = ... in the model.");
  return variable;
}

Variable& find_input(Model& model, const std::string& name, const std::string& who) {
  return const_cast<Variable&>(find_input(std::as_const(model), name, who));
}

std::string speaker(const Scenario& scenario) {
  return scenario.name == "base" ? "an override" : "scenario " + in_quotes(scenario.name);
}

/* An input that had no step 0 has none after it is replaced: no other step is reported then. */
void keep_first_step(Variable& variable) {
  const auto kind = variable.input.kind;
  variable.begins_at_step_1 =
      variable.begins_at_step_1 || (variable.timed && (kind == InputDefinition::Kind::draw ||
                                                       kind == InputDefinition::Kind::series));
}

void put_number(Variable& variable, double value) {
  check_range(variable, value);
  keep_first_step(variable);
  variable.input = {InputDefinition::Kind::number, value, {}, nullptr, 0, {}};
}

void check_length(const Model& model, const Variable& variable, std::int64_t length,
                  const std::string& who) {
  if (variable.timed && length == model.steps) return;
  throw Error(ErrorKind::invalid_parameter,
              who + " gives " + std::to_string(length) + " values for input " +
                  in_quotes(variable.name) + ", which takes one" +
                  (variable.timed ? " for each of " + std::to_string(model.steps) + " steps" : ""));
}

void put_series(const Model& model, Variable& variable, const std::vector<double>& values,
                const std::string& who) {
  check_length(model, variable, static_cast<std::int64_t>(values.size()), who);
  for (const double value : values) check_range(variable, value);
  variable.input = {InputDefinition::Kind::series, 0, {}, nullptr, 0, values};
}

void put_text(const Model& model, Variable& variable, const std::string& text,
              const std::string& who) {
  Diagnostics diagnostics;
  InputDefinition definition = analyse_override(model, variable, text, diagnostics);
  if (diagnostics.has_errors())
    refuse_text(who + " gives input " + in_quotes(variable.name) + " a value with an error",
                diagnostics, text);
  if (definition.kind == InputDefinition::Kind::number)
    return put_number(variable, definition.number);
  keep_first_step(variable);
  variable.input = std::move(definition);
}

std::string binding_of(const std::string& model) {
  return "a binding of model " + in_quotes(model);
}

void apply_bound(const Experiment& experiment, Model& model) {
  const std::string who = binding_of(experiment.model);
  for (const BoundInput& bound : experiment.bound) {
    Variable& variable = find_input(model, bound.name, who);
    if (variable.timed || bound.values.size() != 1)
      put_series(model, variable, bound.values, who);
    else
      put_number(variable, bound.values[0]);
  }
}

bool is_unusable(const Experiment& experiment, const std::string& name) {
  return std::find(experiment.unusable.begin(), experiment.unusable.end(), name) !=
         experiment.unusable.end();
}

DataTable bind_table(const DataBlock& block, const Experiment& experiment) {
  if (is_unusable(experiment, block.name))
    return {block.name, block.columns, 1, std::vector<double>(block.columns.size(), std::nan(""))};
  const auto found = std::find_if(experiment.data.begin(), experiment.data.end(),
                                  [&](const DataTable& table) { return table.name == block.name; });
  if (found == experiment.data.end()) refuse_unbound(experiment.model, block.name);
  const std::size_t rows = static_cast<std::size_t>(found->rows);
  if (found->rows < 1 || found->columns.empty() ||
      found->values.size() / found->columns.size() != rows ||
      found->values.size() % found->columns.size() != 0 || found->rows > 2'000'000'000)
    throw Error(ErrorKind::invalid_data,
                "data block " + in_quotes(block.name) + " needs at least one row");
  DataTable table{block.name, block.columns, found->rows, {}};
  Asking asking(1 << 20);
  for (const std::string& column : block.columns) {
    const auto place = std::find(found->columns.begin(), found->columns.end(), column);
    if (place == found->columns.end())
      throw Error(ErrorKind::invalid_data, "the rows bound to data block " + in_quotes(block.name) +
                                               " have no column " + in_quotes(column));
    const double* values = found->column(static_cast<std::size_t>(place - found->columns.begin()));
    for (std::size_t row = 0; row < rows; ++row) {
      asking.spend();
      if (!std::isfinite(values[row]))
        throw Error(ErrorKind::invalid_data, "column " + in_quotes(column) + " of data block " +
                                                 in_quotes(block.name) + " is not finite in row " +
                                                 std::to_string(row + 1));
    }
    table.values.insert(table.values.end(), values, values + rows);
  }
  return table;
}

/* An output as the model reports it; any other input or formula at every step. */
Output wanted_output(const Experiment& experiment, const Model& model, const std::string& name) {
  for (const Output& output : model.outputs)
    if (model.variables[output.variable].name == name) return output;
  const auto found = model.variable_index.find(name);
  if (found != model.variable_index.end() && !model.variables[found->second].hidden)
    return {found->second, 1};
  std::vector<std::string> names;
  for (const Variable& variable : model.variables)
    if (!variable.hidden) names.push_back(variable.name);
  const std::string near = nearest_name(name, names);
  throw Error(ErrorKind::undefined_name,
              "model " + in_quotes(experiment.model) + " has no output " + in_quotes(name), {},
              near.empty() ? "sim.variables lists its outputs, formulas and inputs."
                           : "Did you mean " + in_quotes(near) + "?");
}

}  // namespace

void check_steps(const std::string& name, const Model& model, std::int64_t max_steps) {
  if (max_steps <= 0 || model.steps <= max_steps) return;
  throw Error(ErrorKind::limit_exceeded,
              "model " + in_quotes(name) + " has " + std::to_string(model.steps) +
                  " steps, more than sim.max_steps allows: " + std::to_string(max_steps));
}

void refuse_unbound(const std::string& model, const std::string& block) {
  throw Error(ErrorKind::invalid_data,
              "data block " + in_quotes(block) + " of model " + in_quotes(model) +
                  " has no rows bound to it",
              {},
              "Bind a query: SELECT sim.bind('" + model.substr(0, model.find('@')) + "', '" +
                  block + "', 'SELECT ...').");
}

void bind_unseen(const std::string& name, Model& model, const std::string& input, std::int64_t rows,
                 double first) {
  const std::string who = binding_of(name);
  Variable& variable = find_input(model, input, who);
  if (!variable.timed && rows == 1) return put_number(variable, first);
  check_length(model, variable, rows, who);
  variable.input = {InputDefinition::Kind::series, 0, {}, nullptr, 0, {}};
}

void apply_overrides(const Scenario& scenario, Model& model) {
  const std::string who = speaker(scenario);
  for (const Override& item : scenario.overrides) {
    Variable& variable = find_input(model, item.name, who);
    if (const double* number = std::get_if<double>(&item.value)) {
      // The default stays in the program, for other scenarios that share it: see parameter_values.
      if (variable.input.kind == InputDefinition::Kind::number)
        check_range(variable, *number);
      else
        put_number(variable, *number);
    }
    if (const auto* series = std::get_if<std::vector<double>>(&item.value))
      put_series(model, variable, *series, who);
    if (const auto* text = std::get_if<std::string>(&item.value))
      put_text(model, variable, *text, who);
  }
  Diagnostics diagnostics;
  settle_model(model, diagnostics);
  if (diagnostics.has_errors())
    refuse_text(who + " makes the model wrong", diagnostics, model.source);
}

std::string structure_of(const Model& base, const Scenario& scenario) {
  std::string structure;
  for (const Override& item : scenario.overrides) {
    const Variable* variable = base.find(item.name);
    const bool number = std::holds_alternative<double>(item.value);
    if (number && variable != nullptr && variable->input.kind == InputDefinition::Kind::number)
      continue;
    structure += item.name + '\x01';
    if (number) structure += "number";
    if (const auto* text = std::get_if<std::string>(&item.value)) structure += "text" + *text;
    if (const auto* series = std::get_if<std::vector<double>>(&item.value)) {
      structure += "series";
      structure.append(reinterpret_cast<const char*>(series->data()),
                       series->size() * sizeof(double));
    }
    structure += '\x02';
  }
  return structure;
}

void check_overrides(const Scenario& scenario, const Model& model) {
  if (scenario.overrides.empty()) return;
  const std::string who = speaker(scenario);
  for (const Override& item : scenario.overrides) {
    const Variable& variable = find_input(model, item.name, who);
    if (const double* number = std::get_if<double>(&item.value)) check_range(variable, *number);
  }
}

void require_usable(const PreparedModel& prepared, const Scenario& scenario) {
  const std::vector<std::string> unusable = not_replaced(prepared.unusable, scenario);
  if (unusable.empty()) return;
  Model model = prepared.base;
  apply_overrides(scenario, model);
  const std::vector<std::uint32_t> reads = first_reads(model, unusable);
  std::uint32_t first = kReadsNone;
  for (const Output& output : prepared.wanted) first = std::min(first, reads[output.variable]);
  if (first != kReadsNone) throw UnusableValue(unusable[first]);
}

double parameter_value(const ParameterSpec& parameter, const Scenario& scenario) {
  for (const Override& item : scenario.overrides)
    if (item.name == parameter.name)
      if (const double* number = std::get_if<double>(&item.value)) return *number;
  return parameter.value;
}

std::vector<double> parameter_values(const ScenarioProgram& shared, const Scenario& scenario) {
  std::vector<double> values;
  values.reserve(shared.program.parameters.size());
  for (const ParameterSpec& parameter : shared.program.parameters)
    values.push_back(parameter_value(parameter, scenario));
  return values;
}

std::vector<Output> wanted_outputs(const Experiment& experiment, const Model& model,
                                   Reports reports) {
  if (experiment.outputs.empty() && reports == Reports::outputs) return model.outputs;
  std::vector<Output> wanted;
  if (experiment.outputs.empty()) {
    for (std::uint32_t i = 0; i < model.variables.size(); ++i)
      if (model.variables[i].kind == VariableKind::formula && !model.variables[i].hidden)
        wanted.push_back({i, 1});
    return wanted;
  }
  std::set<std::uint32_t> named;
  for (const std::string& name : experiment.outputs) {
    const Output output = wanted_output(experiment, model, name);
    if (named.insert(output.variable).second) wanted.push_back(output);
  }
  return wanted;
}

Model require_model(std::string_view name, std::string_view source) {
  Diagnostics diagnostics;
  Model model = analyse_model(source, diagnostics);
  const int errors = diagnostics.error_count();
  if (errors > 0)
    refuse_text("model " + in_quotes(name) + " has " + std::to_string(errors) +
                    (errors == 1 ? " error" : " errors"),
                diagnostics, source);
  return model;
}

PreparedModel prepare_model(const Experiment& experiment, Reports reports) {
  PreparedModel prepared;
  prepared.base = require_model(experiment.model, experiment.source);
  Model& base = prepared.base;
  check_steps(experiment.model, base, experiment.max_steps);
  apply_bound(experiment, base);
  prepared.unusable = experiment.unusable;
  put_unusable(prepared.unusable, base);
  for (const DataBlock& block : base.data) prepared.tables.push_back(bind_table(block, experiment));
  prepared.wanted = wanted_outputs(experiment, base, reports);
  prepared.optimisation = experiment.optimisation;
  return prepared;
}

ScenarioProgram compile_scenario(const PreparedModel& prepared, const Scenario& scenario,
                                 Chance chance, RowLayouts* layouts) {
  ScenarioProgram made{prepared.base, {}};
  apply_overrides(scenario, made.model);
  made.program = compile_program(made.model, prepared.wanted, chance, prepared.tables,
                                 prepared.optimisation, layouts);
  return made;
}

PreparedExperiment prepare_experiment(const Experiment& experiment, Chance chance,
                                      Reports reports) {
  PreparedExperiment prepared{prepare_model(experiment, reports), {}, {}};
  const PreparedModel& model = prepared.model;
  if (experiment.scenarios.empty())
    throw Error(ErrorKind::invalid_parameter, "an experiment needs at least one scenario");
  std::map<std::string, std::uint32_t> groups;
  RowLayouts layouts;
  Asking asking(1 << 10);
  for (const Scenario& scenario : experiment.scenarios) {
    asking.spend();
    check_overrides(scenario, model.base);
    require_usable(model, scenario);
    const auto [entry, added] = groups.emplace(structure_of(model.base, scenario),
                                               static_cast<std::uint32_t>(prepared.groups.size()));
    if (added)
      prepared.groups.push_back(
          {compile_scenario(model, scenario, chance, &layouts), entry->first});
    prepared.group_of.push_back(entry->second);
  }
  return prepared;
}

}  // namespace sim
