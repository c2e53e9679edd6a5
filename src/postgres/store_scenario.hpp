/*
 * store_scenario.hpp -- scenarios as they are stored, and the overrides that a JSON object holds.
 */
#pragma once

#include "store.hpp"

SIM_SERVER_BEGIN
#include <utils/numeric.h>
SIM_SERVER_END

namespace simpg {

/* A row of sim.stored_scenarios, names in the database's encoding. */
struct ScenarioRow {
  const char* name;
  const char* parent;  // null: the base
  Jsonb* overrides;
};

/* All scenarios of a model in the order of their names' bytes. */
struct ScenarioRows {
  int count;
  ScenarioRow* rows;
};

ScenarioRows read_scenario_rows(int32 model_id);

/* Null when there is none of that (folded) name. */
const ScenarioRow* find_scenario(const ScenarioRows& scenarios, const char* name);

/* Raises 42704 with the nearest name. `model` is its name in UTF-8. */
[[noreturn]] void report_missing_scenario(const char* model, const char* name,
                                          const ScenarioRows& scenarios);

/* The nearest double; infinite beyond the range of doubles. */
double double_of(Numeric number);

/*
 * Reads the overrides of a JSON object; null gives an empty layer.  Raises 22023 naming the key for
 * a value that is neither a number, true, false, text nor an array of numbers.  `whose` opens the
 * message: "overrides", "scenario \"low\"".
 */
StoredLayer read_layer(Jsonb* overrides, const char* whose);

/*
 * Reads the numbers of an object that has the same keys as the one before; false where it has
 * others, or something else than numbers.  They stand in the order of the layer's overrides.
 */
bool read_same_numbers(Jsonb* overrides, const StoredLayer& before, double* numbers);

/*
 * The layers that speak for a scenario, lowest precedence first, the last being `call`.  A name is
 * 'base' or a row's. Raises 42P17 when the parents of a scenario lead back to itself.
 */
StoredScenario layer_scenario(const ScenarioRows& scenarios, const char* name,
                              const StoredLayer& call);

struct SessionModel;

/* The scenarios a request asks for. Raises 22004 for NULL names, 22023 for none or a name twice,
 * 54000 beyond sim.max_scenarios. */
const StoredScenario* choose_scenarios(const SessionModel* model, const ExperimentRequest& request,
                                       int* count);

}  // namespace simpg
