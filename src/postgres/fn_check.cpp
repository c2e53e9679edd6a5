/*
 * fn_check.cpp -- whether scenarios and bindings fit a text.
 */
#include "fn_change.hpp"

#include <string>

#include "boundary.hpp"
#include "core/error.hpp"
#include "experiment/simulation.hpp"
#include "language/parser.hpp"
#include "settings.hpp"
#include "store_fault.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

enum class Meaning { input, formula, unknown };

/* What the text means by a key as it was written. C++ side. */
Meaning meaning_of(const sim::ModelDescription& description, const char* key) {
  const std::string name = sim::fold_name(key);
  for (const sim::VariableRow& variable : description.variables) {
    if (variable.name == name) return variable.kind == "input" ? Meaning::input : Meaning::formula;
  }
  return Meaning::unknown;
}

/* Throws for a key that is no input. C++ side. */
void require_input(const sim::ModelDescription& description, const char* key,
                   const std::string& whose) {
  const Meaning meaning = meaning_of(description, key);
  const std::string quoted = "\"" + sim::fold_name(key) + "\"";
  if (meaning == Meaning::formula) {
    throw sim::Error(sim::ErrorKind::undefined_name,
                     whose + " names " + quoted + ", which is a formula", "",
                     "Only inputs can be replaced: override one that the formula reads, or make it "
                     "an input of the model.");
  }
  if (meaning == Meaning::unknown) {
    std::vector<std::string> inputs;
    for (const sim::VariableRow& variable : description.variables) {
      if (variable.kind == "input") inputs.push_back(variable.name);
    }
    const std::string near = sim::likely_name(sim::fold_name(key), inputs);
    throw sim::Error(
        sim::ErrorKind::undefined_name, whose + " names an unknown input " + quoted, "",
        near.empty() ? "View sim.variables lists the inputs." : "Did you mean \"" + near + "\"?");
  }
}

/* Throws for a text that cannot be read. C++ side. */
void require_syntax(const StoredOverride& given) {
  sim::Diagnostics diagnostics;
  sim::parse_override(sim::fold_name(given.name), given.words, diagnostics);
  if (diagnostics.has_errors()) {
    throw sim::Error(sim::ErrorKind::invalid_model,
                     "the override of \"" + std::string(given.name) + "\" has errors",
                     sim::render_errors(diagnostics, given.words));
  }
}

void require_layer_syntax(const StoredLayer& layer) {
  for (int i = 0; i < layer.count; i++) {
    if (layer.overrides[i].kind == StoredOverride::Kind::text) require_syntax(layer.overrides[i]);
  }
}

struct TableWork {
  const BindingTarget& target;
  const BindingRow& binding;
  StoredTable table;
};

void read_table(void* argument) {
  auto* work = static_cast<TableWork*>(argument);
  work->table = read_binding(work->target, work->binding);
}

StoredTable read_table_or_fault(const BindingTarget& target, const BindingRow& binding) {
  TableWork work = {target, binding, {}};
  const ErrorData* fault = catch_fault(read_table, &work);
  if (fault != nullptr) {
    work.table = {target.name, target.input != nullptr, 0, nullptr, 0, nullptr, nullptr, fault};
  }
  return work.table;
}

/* Compiles all scenarios; where something has a fault, each that does not read it. C++ side. */
void compile_scenarios(const StoredExperiment& all) {
  if (!has_fault(all)) {
    const sim::Simulation compiled(make_experiment(all));
    return;
  }
  StoredExperiment experiment = all;
  experiment.scenario_count = 1;
  for (int i = 0; i < all.scenario_count; i++) {
    experiment.scenarios = all.scenarios + i;
    try {
      const sim::Simulation compiled(make_experiment(experiment));
    } catch (const sim::UnusableValue&) {
      continue;
    }
  }
}

/* Reads all bindings; false when a data block has none. */
bool read_all_tables(const StoredModel& model, const sim::ModelDescription& description,
                     StoredExperiment* experiment) {
  const BindingRows bindings = read_binding_rows(model.id);
  StoredTable* tables =
      static_cast<StoredTable*>(palloc(sizeof(StoredTable) * (bindings.count + 1)));
  size_t blocks = 0;
  for (int i = 0; i < bindings.count; i++) {
    BindingTarget target;
    if (find_target(description, to_utf8(bindings.rows[i].name), &target)) {
      tables[experiment->table_count++] = read_table_or_fault(target, bindings.rows[i]);
      blocks += target.block != nullptr ? 1 : 0;
    }
  }
  experiment->tables = tables;
  return blocks == description.data.size();
}

void add_problem(StringInfo problems, const char* problem) {
  appendStringInfo(problems, "%s%s", problems->len > 0 ? "\n" : "", problem);
}

void check_scenario_rows(const sim::ModelDescription& description, const ScenarioRows& scenarios,
                         StringInfo problems) {
  for (int i = 0; i < scenarios.count; i++) {
    const char* name = scenarios.rows[i].name;
    const StoredLayer layer =
        read_layer(scenarios.rows[i].overrides, psprintf("scenario \"%s\"", name));
    for (int k = 0; k < layer.count; k++) {
      const char* key = layer.overrides[k].name;
      Meaning meaning = Meaning::unknown;
      guarded([&] { meaning = meaning_of(description, key); });
      if (meaning != Meaning::input) {
        add_problem(problems, psprintf("Scenario \"%s\" overrides \"%s\", which is no input.", name,
                                       from_utf8(key)));
      }
    }
  }
}

void check_binding_rows(const sim::ModelDescription& description, const BindingRows& bindings,
                        StringInfo problems) {
  for (int i = 0; i < bindings.count; i++) {
    BindingTarget target;
    if (find_target(description, to_utf8(bindings.rows[i].name), &target)) {
      check_binding(target, bindings.rows[i]);
    } else {
      add_problem(problems,
                  psprintf("A query supplies \"%s\", which is neither a data block nor an input.",
                           bindings.rows[i].name));
    }
  }
}

}  // namespace

void check_keys(const sim::ModelDescription& description, const StoredLayer& layer,
                const char* whose) {
  const char* owner = to_utf8(whose);
  guarded([&] {
    for (int i = 0; i < layer.count; i++)
      require_input(description, layer.overrides[i].name, owner);
  });
}

void check_scenarios(const StoredModel& model, const sim::ModelDescription& description,
                     const StoredScenario* scenarios, int count) {
  StoredExperiment experiment = {};
  experiment.model = model;
  experiment.trials = 1;
  experiment.seed = 1;
  experiment.max_steps = max_steps();
  experiment.scenarios = scenarios;
  experiment.scenario_count = count;
  const bool complete = read_all_tables(model, description, &experiment);
  guarded([&] {
    if (complete) {
      return compile_scenarios(experiment);
    }
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < scenarios[i].layer_count; k++)
        require_layer_syntax(scenarios[i].layers[k]);
    }
  });
}

void check_dependents(const StoredModel& next, const sim::ModelDescription& description) {
  const ScenarioRows scenarios = read_scenario_rows(next.id);
  StringInfoData problems;
  initStringInfo(&problems);
  check_scenario_rows(description, scenarios, &problems);
  check_binding_rows(description, read_binding_rows(next.id), &problems);
  if (problems.len > 0) {
    ereport(
        ERROR,
        (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
         errmsg("the text does not fit what model \"%s\" is used with", from_utf8(next.name)),
         errdetail_internal("%s", problems.data),
         errhint("Change these first with sim.create_scenario, sim.drop_scenario or sim.unbind.")));
  }
  if (scenarios.count == 0) {
    return;
  }
  StoredScenario* all =
      static_cast<StoredScenario*>(palloc(sizeof(StoredScenario) * scenarios.count));
  for (int i = 0; i < scenarios.count; i++) {
    all[i] = layer_scenario(scenarios, scenarios.rows[i].name, {0, nullptr});
  }
  check_scenarios(next, description, all, scenarios.count);
}

}  // namespace simpg
