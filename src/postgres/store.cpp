/*
 * store.cpp -- reads all that a computation depends on.
 */
#include "store.hpp"

#include "experiment/simulation.hpp"
#include "settings.hpp"
#include "store_binding.hpp"
#include "store_scenario.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

int64 read_trials(const ExperimentRequest& request) {
  if (request.converging) {
    return 0;
  }
  if (!request.has_trials) {
    return sim::kAllWindows;
  }
  if (request.trials < 1) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("trials must be 1 or more, is " INT64_FORMAT, request.trials),
                    errhint("Leave trials out for " INT64_FORMAT
                            " trials, or for every window of historical data.",
                            sim::kDefaultTrials)));
  }
  if (request.trials > max_trials()) {
    ereport(ERROR,
            (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
             errmsg(INT64_FORMAT " trials are more than sim.max_trials allows", request.trials),
             errdetail("sim.max_trials is " INT64_FORMAT ".", max_trials()),
             errhint("Ask for fewer trials, or have a superuser raise the setting.")));
  }
  return request.trials;
}

/* Bindings that the version's text has no use for are left alone: a later version may have it. */
const StoredTable* read_tables(const StoredModel& model, int* count) {
  const BindingRows bindings = read_binding_rows(model.id);
  *count = 0;
  if (bindings.count == 0) {
    return nullptr;
  }
  const sim::ModelDescription* description = describe(model.label, model.source);
  StoredTable* tables = static_cast<StoredTable*>(palloc(sizeof(StoredTable) * bindings.count));
  for (int i = 0; i < bindings.count; i++) {
    BindingTarget target;
    if (find_target(*description, to_utf8(bindings.rows[i].name), &target)) {
      tables[(*count)++] = read_binding(target, bindings.rows[i]);
    }
  }
  return tables;
}

}  // namespace

StoredExperiment* load_experiment(const ExperimentRequest& request) {
  StoredExperiment* stored = static_cast<StoredExperiment*>(palloc0(sizeof(StoredExperiment)));
  stored->model = load_model(request.model);
  stored->trials = read_trials(request);
  stored->seed = request.seed;
  stored->max_steps = max_steps();
  stored->scenarios = choose_scenarios(stored->model, request, &stored->scenario_count);
  stored->tables = read_tables(stored->model, &stored->table_count);
  return stored;
}

}  // namespace simpg
