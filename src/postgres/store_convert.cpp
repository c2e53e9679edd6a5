/*
 * store_convert.cpp -- what was read, in the engine's form.
 *
 * Here alone the two worlds of memory meet: palloc'd input, C++ output.  make_experiment allocates
 * with new only, so it runs inside guarded().
 */
#include "store.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "experiment/simulation.hpp"
#include "language/parser.hpp"
#include "store_fault.hpp"

namespace simpg {

namespace {

sim::OverrideValue make_value(const StoredOverride& stored) {
  switch (stored.kind) {
    case StoredOverride::Kind::numbers:
      return std::vector<double>(stored.numbers, stored.numbers + stored.count);
    case StoredOverride::Kind::text:
      return std::string(stored.words);
    case StoredOverride::Kind::number:
      break;
  }
  return stored.number;
}

/* Two keys that fold to one name would leave it to chance which of them counts. */
void refuse_twin(const std::vector<sim::Override>& layer, const std::string& name,
                 const char* key) {
  for (const sim::Override& other : layer) {
    if (other.name == name) {
      throw sim::Error(
          sim::ErrorKind::invalid_parameter, "\"" + name + "\" is overridden twice",
          "The key \"" + std::string(key) + "\" means the same input as a key before it.",
          "Keys fold to lower case like SQL identifiers; keep one of them.");
    }
  }
}

std::vector<sim::Override> make_layer(const StoredLayer& stored) {
  std::vector<sim::Override> layer;
  for (int i = 0; i < stored.count; i++) {
    std::string name = sim::fold_name(stored.overrides[i].name);
    refuse_twin(layer, name, stored.overrides[i].name);
    layer.push_back({std::move(name), make_value(stored.overrides[i])});
  }
  return layer;
}

sim::Scenario make_scenario(const StoredScenario& stored) {
  std::vector<std::vector<sim::Override>> layers;
  for (int i = 0; i < stored.layer_count; i++) {
    layers.push_back(make_layer(stored.layers[i]));
  }
  return {stored.name, sim::merge_overrides(layers)};
}

sim::DataTable make_table(const StoredTable& stored) {
  sim::DataTable table;
  table.name = stored.name;
  table.columns.assign(stored.columns, stored.columns + stored.column_count);
  table.rows = stored.rows;
  table.values.reserve(static_cast<std::size_t>(stored.rows) * table.columns.size());
  for (int i = 0; i < stored.column_count; i++) {
    table.values.insert(table.values.end(), stored.values[i], stored.values[i] + stored.rows);
  }
  return table;
}

sim::BoundInput make_input(const StoredTable& stored) {
  return {stored.name, std::vector<double>(stored.values[0], stored.values[0] + stored.rows)};
}

/* Raises the fault of what the experiment's outputs read. */
void require_usable(const StoredExperiment& stored) {
  if (has_fault(stored)) {
    guarded_use(stored, [&] { const sim::Simulation compiled(make_experiment(stored)); });
  }
}

}  // namespace

std::vector<sim::Scenario> make_scenarios(const StoredExperiment& stored) {
  std::vector<sim::Scenario> scenarios;
  scenarios.reserve(static_cast<std::size_t>(stored.scenario_count));
  for (int i = 0; i < stored.scenario_count; i++) {
    scenarios.push_back(make_scenario(stored.scenarios[i]));
  }
  return scenarios;
}

sim::Experiment make_experiment(const StoredExperiment& stored) {
  sim::Experiment experiment;
  experiment.model = stored.model.label;
  experiment.source = stored.model.source;
  for (int i = 0; i < stored.table_count; i++) {
    if (stored.tables[i].fault != nullptr) {
      experiment.unusable.push_back(stored.tables[i].name);
    } else if (stored.tables[i].is_input) {
      experiment.bound.push_back(make_input(stored.tables[i]));
    } else {
      experiment.data.push_back(make_table(stored.tables[i]));
    }
  }
  experiment.scenarios = make_scenarios(stored);
  experiment.trials = stored.trials;
  experiment.seed = static_cast<std::uint64_t>(stored.seed);
  experiment.outputs.assign(stored.outputs, stored.outputs + stored.output_count);
  experiment.max_steps = stored.max_steps;
  experiment.optimisation = stored.optimise ? sim::Optimisation::on : sim::Optimisation::off;
  return experiment;
}

bytea* experiment_bytes(const StoredExperiment& stored) {
  require_usable(stored);
  Holder<std::vector<std::uint8_t>>* bytes =
      make_holder<std::vector<std::uint8_t>>(CurrentMemoryContext);
  guarded([&] { hold(bytes, sim::serialize(make_experiment(stored))); });
  const std::size_t size = bytes->object->size();
  if (size > MaxAllocSize - VARHDRSZ) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("the experiment is larger than 1 GB"), errhint("Bind fewer rows.")));
  }
  bytea* result = static_cast<bytea*>(palloc(size + VARHDRSZ));
  SET_VARSIZE(result, size + VARHDRSZ);
  memcpy(VARDATA(result), bytes->object->data(), size);
  return result;
}

}  // namespace simpg
