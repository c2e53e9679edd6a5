/*
 * store.cpp -- reads all that a computation depends on.
 */
#include "store.hpp"

#include "experiment/simulation.hpp"
#include "settings.hpp"
#include "store_scenario.hpp"
#include "store_session.hpp"

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

}  // namespace

StoredExperiment* load_experiment(const ExperimentRequest& request) {
  StoredExperiment* stored = static_cast<StoredExperiment*>(palloc0(sizeof(StoredExperiment)));
  const SessionModel* session = session_model(request.model, request.scan);
  stored->session = session;
  stored->reading = session->reading;
  stored->model = session->model;
  stored->model.name = pstrdup(session->model.name);
  stored->model.label = pstrdup(session->model.label);
  stored->content = session->content;
  stored->table_count = session->table_count;
  stored->tables = session->tables;
  stored->trials = read_trials(request);
  stored->seed = request.seed;
  stored->max_steps = max_steps();
  stored->optimise = optimise();
  stored->scenarios = choose_scenarios(session, request, &stored->scenario_count);
  if (!request.keys_only) {
    load_rows(stored);
  }
  return stored;
}

bool load_rows(StoredExperiment* stored) {
  const bool same = load_session_rows(stored->session);
  stored->content = stored->session->content;
  return same;
}

}  // namespace simpg
