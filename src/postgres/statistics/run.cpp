/*
 * run.cpp -- runs the passes of an analysis, in workers or in this process.
 */
#include "statistics/run.hpp"

#include <algorithm>

#include "scan/chunk_reader.hpp"
#include "settings.hpp"
#include "statistics/sample_memory.hpp"

SIM_SERVER_BEGIN
#include <access/parallel.h>
#include <optimizer/cost.h>
#include <optimizer/optimizer.h>
#include <portability/instr_time.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* A partial must fit a value of SQL, which has at most 1 GB. */
constexpr int64 kMostMemory = int64{512} * 1024 * 1024;

/* About 12 ms at 0.3 ns each. Workers take 7 ms to start, to share memory and to end, and as much
 * again of other processors' time: they should save more than that. */
constexpr double kOperationsToSave = 4e7;

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

/* One pass: what it keeps, and where samples go. */
struct Pass {
  const bytea* experiment;
  const bytea* keep;
  SampleTarget target{};
};

Holder<sim::Partial>* pass_inside(const Pass& pass, int threads) {
  Holder<sim::Partial>* merged = make_holder<sim::Partial>(CurrentMemoryContext);
  BackendControl control;
  guarded([&] {
    ChunkReader reader(bytes_of(pass.experiment), bytes_or_none(pass.keep), current_knobs());
    if (pass.target.near) {
      reader.sift_samples_onto(pass.target.values);
    } else if (pass.target.values != nullptr) {
      reader.put_samples_into({pass.target.values, pass.target.count});
    }
    hold(merged, reader.summarize_all(threads, control));
  });
  return merged;
}

Holder<sim::Partial>* pass_in_query(const Pass& pass, const MergeContinuation& continuation,
                                    int instrument, RunReport* report) {
  if (report->run.query != nullptr) {
    finish_merge_query(&report->run);
  }
  report->query = plan_merge_query(pass.experiment, pass.keep);
  Holder<sim::Partial>* merged =
      run_merge_query(report->query, pass.target, continuation, instrument, &report->run);
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
    options.bins = request.bins;
    options.memory = memory;
    hold(analysis, bytes_of(request.experiment), options, current_knobs(), control);
  });
  return analysis;
}

/* The part of a pass that this process would not have to do itself. */
double share_of_others() {
  const int processes = max_parallel_workers_per_gather + (parallel_leader_participation ? 1 : 0);
  return 1 - 1.0 / processes;
}

/* A worker is one of several already. */
int usable_threads() { return IsParallelWorker() ? 1 : threads(); }

void begin_pass(const bytea* experiment, RunReport* report) {
  CHECK_FOR_INTERRUPTS();
  report->passes++;
  report->inside = runs_inside(experiment);
  report->threads = report->inside ? usable_threads() : 1;
}

Holder<sim::Partial>* run(const Pass& pass, const MergeContinuation& continuation, int instrument,
                          RunReport* report) {
  if (!report->inside) {
    return pass_in_query(pass, continuation, instrument, report);
  }
  Holder<sim::Partial>* merged = pass_inside(pass, report->threads);
  if (continuation.work != nullptr) {
    continuation.work(continuation.argument, merged);
  }
  return merged;
}

/* An analysis that waits for a pass. */
struct WaitingAnalysis {
  RunAnalysis* analysis;
  SampleMemory memory;
};

/* Memory for so many doubles that all processes of the pass see; none where there is none. */
SampleMemory make_memory(std::size_t count, bool inside) {
  return inside ? make_own_samples(count) : make_shared_samples(count);
}

/* A board in memory of its own; none where there is no such memory, or it would not help. */
SampleMemory make_board(const RunAnalysis* analysis, bool inside) {
  std::size_t size = 0;
  guarded([&] { size = sim::NearBoard::size(analysis->near_shape()); });
  SampleMemory memory = make_memory(size / sizeof(double), inside);
  if (memory.target.values != nullptr) {
    guarded([&] { sim::NearBoard::make(analysis->near_shape(), memory.target.values); });
    memory.target.near = true;
  }
  return memory;
}

/* Where the samples of the next pass go: those near the percentiles, or all of them. */
SampleMemory make_samples(RunAnalysis* analysis, bool inside) {
  SampleMemory memory = make_board(analysis, inside);
  if (memory.target.near) {
    return memory;
  }
  BackendControl control;
  guarded([&] { analysis->go_without_board(control); });
  return make_memory(analysis->sample_count(), inside);
}

/* Takes the pass, and gives back the memory of its samples. */
void take_merged(void* argument, Holder<sim::Partial>* merged) {
  auto* waiting = static_cast<WaitingAnalysis*>(argument);
  const SampleTarget& target = waiting->memory.target;
  BackendControl control;
  guarded([&] {
    if (target.near) {
      waiting->analysis->take(std::move(*merged->object), sim::NearBoard(target.values), control);
    } else {
      waiting->analysis->take(std::move(*merged->object), target.values);
    }
  });
  free_samples(&waiting->memory);
}

/* The next pass of an analysis, with its samples in memory that all its processes see. Where there
 * is none they travel in the partials. */
void take_pass(RunAnalysis* analysis, const RunRequest& request, RunReport* report) {
  begin_pass(request.experiment, report);
  WaitingAnalysis waiting{analysis, make_samples(analysis, report->inside)};
  const SampleTarget& target = waiting.memory.target;
  const bytea* keep = target.values != nullptr ? nullptr : keep_value(analysis);
  run({request.experiment, keep, target}, {take_merged, &waiting}, request.instrument, report);
}

}  // namespace

bool runs_inside(const bytea* experiment) {
  const bool enough_threads =
      usable_threads() > 1 && usable_threads() >= max_parallel_workers_per_gather;
  return max_parallel_workers_per_gather == 0 || IsParallelWorker() || enough_threads ||
         operations_of(experiment) * share_of_others() < kOperationsToSave;
}

Holder<sim::Partial>* run_pass(const bytea* experiment, const bytea* keep, int instrument,
                               RunReport* report) {
  begin_pass(experiment, report);
  return run({experiment, keep}, {}, instrument, report);
}

const RunAnalysis* run_experiment(const RunRequest& request, RunReport* report) {
  instr_time start;
  instr_time duration;
  INSTR_TIME_SET_CURRENT(start);
  RunAnalysis* analysis = start_analysis(request)->object;
  while (analysis->needs_pass()) {
    take_pass(analysis, request, report);
  }
  INSTR_TIME_SET_CURRENT(duration);
  INSTR_TIME_SUBTRACT(duration, start);
  report->milliseconds = INSTR_TIME_GET_MILLISEC(duration);
  return analysis;
}

}  // namespace simpg
