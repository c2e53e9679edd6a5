/*
 * run.cpp -- runs the passes of an analysis, in workers or in this process.
 */
#include "statistics/run.hpp"

#include <algorithm>

#include "scan/chunk_reader.hpp"
#include "settings.hpp"

SIM_SERVER_BEGIN
#include <access/parallel.h>
#include <optimizer/cost.h>
#include <portability/instr_time.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* A partial must fit a value of SQL, which has at most 1 GB. */
constexpr int64 kMostMemory = int64{512} * 1024 * 1024;

/* About 10 ms at 0.3 ns each: what starting two workers takes. */
constexpr double kOperationsInside = 3e7;

double operations_of(const bytea* experiment) {
  double operations = 0;
  guarded([&] {
    const SharedExperiment compiled = compile(bytes_of(experiment), current_knobs());
    const sim::Simulation& simulation = compiled->simulation;
    operations = simulation.operations_per_trial() * static_cast<double>(simulation.trials()) *
                 simulation.scenarios();
  });
  return operations;
}

std::span<const std::uint8_t> bytes_or_none(const bytea* value) {
  return value == nullptr ? std::span<const std::uint8_t>{} : bytes_of(value);
}

Holder<sim::Partial>* pass_inside(const bytea* experiment, const bytea* keep) {
  Holder<sim::Partial>* merged = make_holder<sim::Partial>(CurrentMemoryContext);
  BackendControl control;
  guarded([&] {
    const ChunkReader reader(bytes_of(experiment), bytes_or_none(keep), current_knobs());
    sim::Partial& total = hold(merged);
    for (int64 chunk = 0; chunk < reader.simulation().chunk_count(); chunk++) {
      total.merge(reader.summarize(chunk, control));
    }
  });
  return merged;
}

Holder<sim::Partial>* pass_in_query(const bytea* experiment, const bytea* keep, int instrument,
                                    RunReport* report) {
  if (report->run.query != nullptr) {
    finish_merge_query(&report->run);
  }
  report->query = plan_merge_query(experiment, keep);
  Holder<sim::Partial>* merged = run_merge_query(report->query, instrument, &report->run);
  report->workers = report->run.workers > report->workers ? report->run.workers : report->workers;
  return merged;
}

/* Of what the analysis wants to be kept. */
const bytea* keep_value(const RunAnalysis* analysis) {
  return make_bytea(analysis->keep().data(), analysis->keep().size());
}

Holder<RunAnalysis>* start_analysis(const RunRequest& request) {
  Holder<RunAnalysis>* analysis = make_holder<RunAnalysis>(CurrentMemoryContext);
  BackendControl control;
  const int64 memory = std::min(exact_percentile_memory(), kMostMemory);
  guarded([&] {
    AnalysisOptions options;
    options.probabilities.assign(request.probabilities,
                                 request.probabilities + request.probability_count);
    options.intervals = request.intervals;
    options.shape = request.shape;
    options.memory = memory;
    hold(analysis, bytes_of(request.experiment), options, current_knobs(), control);
  });
  return analysis;
}

}  // namespace

bool runs_inside(const bytea* experiment) {
  return max_parallel_workers_per_gather == 0 || IsParallelWorker() ||
         operations_of(experiment) < kOperationsInside;
}

Holder<sim::Partial>* run_pass(const bytea* experiment, const bytea* keep, int instrument,
                               RunReport* report) {
  CHECK_FOR_INTERRUPTS();
  report->passes++;
  report->inside = runs_inside(experiment);
  return report->inside ? pass_inside(experiment, keep)
                        : pass_in_query(experiment, keep, instrument, report);
}

const RunAnalysis* run_experiment(const RunRequest& request, RunReport* report) {
  instr_time start;
  instr_time duration;
  INSTR_TIME_SET_CURRENT(start);
  RunAnalysis* analysis = start_analysis(request)->object;
  while (analysis->needs_pass()) {
    Holder<sim::Partial>* merged =
        run_pass(request.experiment, keep_value(analysis), request.instrument, report);
    guarded([&] { analysis->take(std::move(*merged->object)); });
  }
  INSTR_TIME_SET_CURRENT(duration);
  INSTR_TIME_SUBTRACT(duration, start);
  report->milliseconds = INSTR_TIME_GET_MILLISEC(duration);
  return analysis;
}

}  // namespace simpg
