/*
 * output_keys.cpp -- sim.output_keys, sim.require_keys and sim.effective_inputs.
 */
#include "postgres.hpp"

#include <cmath>

#include "boundary.hpp"
#include "keys/session_keys.hpp"
#include "row_writer.hpp"
#include "statistics/statistics.hpp"
#include "store_fault.hpp"

namespace simpg {

namespace {

void add_digest(RowWriter& table, const sim::Sha256Digest& digest) {
  bytea* value =
      static_cast<bytea*>(MemoryContextAlloc(table.row_context, VARHDRSZ + sizeof digest));
  SET_VARSIZE(value, VARHDRSZ + sizeof digest);
  memcpy(VARDATA(value), digest.data(), sizeof digest);
  add_datum(table, PointerGetDatum(value));
}

/* NULL for what cannot be used. */
void add_key(RowWriter& table, const sim::Sha256Digest& digest, bool usable) {
  if (usable) {
    add_digest(table, digest);
  } else {
    add_null(table);
  }
}

const char* source_name(const EffectiveInputs::Row& row) {
  switch (row.input.source) {
    case sim::EffectiveInput::Source::binding:
      return "binding";
    case sim::EffectiveInput::Source::override_value:
      return row.of_call ? "override" : "scenario";
    default:
      return "default";
  }
}

void write_input(RowWriter& table, const char* scenario, const EffectiveInputs::Row& row) {
  add_text(table, scenario);
  add_text(table, row.input.name.c_str());
  add_text(table, source_name(row));
  add_text(table, std::string_view(row.input.definition));
  add_number(table, row.input.value.value_or(NAN));
  if (row.input.rows > 0) {
    add_bigint(table, row.input.rows);
  } else {
    add_null(table);
  }
  add_key(table, row.input.hash, !row.input.unusable);
  put(table);
}

}  // namespace

/* sim.output_keys(model, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_output_keys) {
  RowWriter table = open_rows(fcinfo);
  StatisticsCall call = read_call(StatisticsKind::monte_carlo, fcinfo);
  call.request.keys_only = true;
  const ExperimentKeys* keys = experiment_keys(*load_experiment(call.request));
  for (std::size_t i = 0; i < keys->scenarios.size(); i++) {
    for (const sim::OutputKey& output : keys->outputs[i]) {
      add_text(table, keys->scenarios[i].c_str());
      add_text(table, output.output.c_str());
      add_key(table, output.key, output.unusable.empty());
      put(table);
    }
  }
  return Datum{0};
}

/* sim.require_keys(model, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_require_keys) {
  StatisticsCall call = read_call(StatisticsKind::monte_carlo, fcinfo);
  call.request.keys_only = true;
  const StoredExperiment* stored = load_experiment(call.request);
  const ExperimentKeys* keys = experiment_keys(*stored);
  for (const std::vector<sim::OutputKey>& scenario : keys->outputs) {
    for (const sim::OutputKey& output : scenario) {
      raise_fault(*stored, find_fault(*stored, output.unusable.c_str()));
    }
  }
  PG_RETURN_VOID();
}

/* sim.effective_inputs(model, scenarios, overrides) */
SIM_FUNCTION(sim_effective_inputs) {
  RowWriter table = open_rows(fcinfo);
  ExperimentRequest request;
  request.model = text_argument(fcinfo, 0);
  request.scenarios = fcinfo->args[1].isnull ? nullptr : DatumGetArrayTypeP(fcinfo->args[1].value);
  request.overrides = jsonb_argument(fcinfo, 2);
  request.keys_only = true;
  const StoredExperiment* stored = load_experiment(request);
  const EffectiveInputs* inputs = effective_inputs(*stored);
  for (int i = 0; i < stored->scenario_count; i++) {
    for (const EffectiveInputs::Row& row : inputs->scenarios[static_cast<std::size_t>(i)]) {
      write_input(table, stored->scenarios[i].name, row);
    }
  }
  return Datum{0};
}

}  // namespace simpg
