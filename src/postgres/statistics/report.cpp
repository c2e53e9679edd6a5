/*
 * report.cpp -- sim.report, sim.result_hash and sim.explain_model.
 */
#include "statistics/report_text.hpp"

#include "experiment/inspect.hpp"
#include "statistics/result_hash.hpp"
#include "statistics/statistics.hpp"
#include "store_fault.hpp"

namespace simpg {

namespace {

/* Arguments model, trials, seed, scenario, overrides. */
ExperimentRequest report_request(FunctionCallInfo call) {
  if (call->args[2].isnull) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("seed must not be null"),
                    errhint("Leave it out for seed 1.")));
  }
  ExperimentRequest request;
  request.model = text_argument(call, 0);
  request.has_trials = !call->args[1].isnull;
  request.trials = request.has_trials ? DatumGetInt64(call->args[1].value) : 0;
  request.seed = DatumGetInt64(call->args[2].value);
  request.scenario = text_argument(call, 3);
  request.overrides = jsonb_argument(call, 4);
  return request;
}

RunRequest run_request(const bytea* experiment) {
  RunRequest request{experiment};
  request.probabilities = kQuartilesAndTails;
  request.probability_count = kQuartilesAndTailsCount;
  return request;
}

}  // namespace

/* sim.report(model, trials, seed, scenario, overrides): lines of text. */
SIM_FUNCTION(sim_report) {
  RowWriter table = open_values(fcinfo);
  const StoredExperiment* stored = load_experiment(report_request(fcinfo));
  RunRequest request = run_request(experiment_bytes(*stored));
  request.shape = true;
  RunReport report;
  const RunAnalysis* analysis = run_experiment(request, &report);
  Holder<std::vector<std::string>>* lines =
      make_holder<std::vector<std::string>>(CurrentMemoryContext);
  guarded([&] {
    hold(lines, report_lines(*analysis, {stored->model.label, stored->scenarios[0].name,
                                         stored->seed, report.milliseconds, report.workers}));
  });
  for (const std::string& line : *lines->object) {
    add_text(table, line.c_str());
    put(table);
  }
  return Datum{0};
}

/* sim.result_hash(model, trials, seed, scenarios, overrides): 64 hexadecimal digits. */
SIM_FUNCTION(sim_result_hash) {
  const StatisticsCall call = read_call(StatisticsKind::monte_carlo, fcinfo);
  RunReport report;
  const RunAnalysis* analysis = run_experiment(run_request(experiment_of(call)), &report);
  char digits[kHashDigits + 1];
  guarded([&] { write_result_hash(rows_of(*analysis), {}, digits); });
  PG_RETURN_TEXT_P(cstring_to_text(digits));
}

/* sim.explain_model(model, trials, seed, scenario, overrides): what will be computed, in which
 * order. */
SIM_FUNCTION(sim_explain_model) {
  RowWriter table = open_rows(fcinfo);
  const StoredExperiment* stored = load_experiment(report_request(fcinfo));
  Holder<std::vector<sim::ExplainRow>>* rows =
      make_holder<std::vector<sim::ExplainRow>>(CurrentMemoryContext);
  guarded_use(*stored, [&] { hold(rows, sim::explain_experiment(make_experiment(*stored))); });
  for (const sim::ExplainRow& row : *rows->object) {
    if (row.step > 0) {
      add_integer(table, row.step);
    } else {
      add_null(table);
    }
    add_text(table, row.what.c_str());
    add_text(table, row.how.c_str());
    put(table);
  }
  return Datum{0};
}

}  // namespace simpg
