/*
 * sample_call.cpp -- reads the arguments of sim.samples.
 */
#include "scan/sample_call.hpp"

namespace simpg {

ExperimentRequest sample_request(const Datum* values, const bool* nulls) {
  if (nulls[2]) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("seed must not be null"),
                    errhint("Leave it out for seed 1.")));
  }
  ExperimentRequest request;
  request.model = nulls[0] ? nullptr : DatumGetTextPP(values[0]);
  request.has_trials = !nulls[1];
  request.trials = nulls[1] ? 0 : DatumGetInt64(values[1]);
  request.seed = DatumGetInt64(values[2]);
  request.scenario = nulls[3] ? nullptr : DatumGetTextPP(values[3]);
  request.overrides = nulls[4] ? nullptr : DatumGetJsonbP(values[4]);
  return request;
}

StoredExperiment* load_samples(const ExperimentRequest& request, const SampleColumns& columns) {
  StoredExperiment* stored = load_experiment(request);
  const char** outputs = static_cast<const char**>(palloc(sizeof(char*) * (columns.count + 1)));
  stored->output_count = 0;
  for (int i = 0; i < columns.count; i++) {
    if (columns.columns[i].kind == ColumnKind::output) {
      outputs[stored->output_count++] = columns.columns[i].name;
    }
  }
  stored->outputs = outputs;
  return stored;
}

}  // namespace simpg
