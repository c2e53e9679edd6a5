/*
 * prepare.hpp -- from an experiment to programs with their parameters; for the files of this room
 * only.
 *
 * Scenarios that replace numbers by numbers share one program and differ in its parameters.  A
 * scenario that changes what an input is (a formula, a distribution, a series instead of a number)
 * gets a program of its own.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "model/compile.hpp"
#include "model/model.hpp"

namespace sim {

enum class Reports : std::uint8_t {
  outputs,       // what the experiment names, or all the model reports
  all_formulas,  // every formula at every step, unless the experiment names some
};

/* What scenarios begin from: the model with its bound values and rows in their places. */
struct PreparedModel {
  Model base;
  std::vector<DataTable> tables;  // by the model's numbering of data blocks
  std::vector<Output> wanted;     // see wanted_outputs
  std::vector<std::string> unusable;
  Optimisation optimisation = Optimisation::on;
};

/* Throws Error for everything that is wrong with the text, the bound values, the rows. */
PreparedModel prepare_model(const Experiment& experiment, Reports reports);

/* The model as a scenario changes it, and its program. */
struct ScenarioProgram {
  Model model;
  Program program;
};

/* Programs of one model may share `layouts`.  Throws Error for overrides that the model cannot
 * take.
 */
ScenarioProgram compile_scenario(const PreparedModel& prepared, const Scenario& scenario,
                                 Chance chance, RowLayouts* layouts = nullptr);

/* What distinguishes the structure of a scenario from that of the model: scenarios with equal texts
 * share a program. */
std::string structure_of(const Model& base, const Scenario& scenario);

/* Puts the overrides in the places of inputs and settles the model. Throws Error for overrides that
 * it cannot take. */
void apply_overrides(const Scenario& scenario, Model& model);

/* The same for what is bound to an input, where only the length of a series is known: it stays
 * empty. */
void bind_unseen(const std::string& name, Model& model, const std::string& input, std::int64_t rows,
                 double first);

/* Throws Error(limit_exceeded). */
void check_steps(const std::string& name, const Model& model, std::int64_t max_steps);

/* Throws Error(invalid_data): no rows for the block. */
[[noreturn]] void refuse_unbound(const std::string& model, const std::string& block);

/* Checks names and numbers of a scenario's overrides, used by the program or not. */
void check_overrides(const Scenario& scenario, const Model& model);

/* Throws UnusableValue where the scenario reads what cannot be used. */
void require_usable(const PreparedModel& prepared, const Scenario& scenario);

/* That of a scenario whose program has it. */
double parameter_value(const ParameterSpec& parameter, const Scenario& scenario);

/* Of a scenario that shares the program, in the order of program.parameters. */
std::vector<double> parameter_values(const ScenarioProgram& shared, const Scenario& scenario);

/* What scenarios of one structure share. */
struct ScenarioGroup : ScenarioProgram {
  std::string structure;  // see structure_of
};

struct PreparedExperiment {
  PreparedModel model;
  std::vector<ScenarioGroup> groups;
  std::vector<std::uint32_t> group_of;  // scenario -> group
};

/* Throws Error for everything that is wrong with the text, the values, the rows; UnusableValue for
 * those that a scenario reads and that are not to be had. */
PreparedExperiment prepare_experiment(const Experiment& experiment, Chance chance, Reports reports);

/* What a program has to report, in the order of its slots. Throws Error(undefined_name). */
std::vector<Output> wanted_outputs(const Experiment& experiment, const Model& model,
                                   Reports reports);

/* The model of a text that must be good. `name` is for the message. */
Model require_model(std::string_view name, std::string_view source);

}  // namespace sim
