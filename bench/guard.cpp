/*
 * guard.cpp -- bench_guard JOB: one small fixed job for counting instructions; see guard.sh.
 *
 * AVX2 is forced, which is what valgrind knows, so that the count does not depend on the CPU.  What
 * counts is the work of run_guarded alone: neither the loading of the program nor the reading of
 * arguments.
 */
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string_view>

#include "core/instruction_set.hpp"
#include "experiment/converge.hpp"
#include "experiment/simulation.hpp"
#include "models.hpp"
#include "random/philox.hpp"

namespace {

sim::Experiment make_experiment(std::string_view job) {
  sim::Experiment experiment;
  experiment.model = job;
  experiment.scenarios.resize(1);
  if (job == "paths") {
    experiment.source = bench::model_text("j1b", 60);
    experiment.trials = 4096;
    sim::DataTable table{"market", {"stock", "bond", "inflation"}, 500, {}};
    table.values.resize(1500);
    sim::uniforms(sim::make_random_key(1, "market"), 1, 0, 0, table.values.data(),
                  table.values.size());
    for (double& value : table.values) value = 0.05 * value - 0.02;
    experiment.data = {table};
  } else if (job == "costs") {
    experiment.source = bench::model_text("cost", 0);
    experiment.trials = 32768;
  } else if (job == "cycles") {
    experiment.source = bench::model_text("cycles", 43);
  } else {
    throw std::invalid_argument("jobs are paths, costs and cycles");
  }
  return experiment;
}

}  // namespace

/* The name is for valgrind, which collects inside this function alone. */
extern "C" __attribute__((noinline)) double run_guarded(const sim::Experiment& experiment) {
  sim::Unstoppable control;
  if (experiment.trials == 0)
    return sim::converge(experiment, sim::Unsolved::refuse, control).values.back().value;
  const sim::Simulation simulation(experiment);
  const sim::KeepPlan keep{sim::KeepMode::samples, {}};
  sim::Partial partial;
  for (std::int64_t chunk = 0; chunk < simulation.chunk_count(); ++chunk)
    partial.merge(simulation.summarize(simulation.chunk(chunk), keep, control));
  return partial.total(0, 0).mean;
}

int main(int count, char** arguments) {
  try {
    if (count != 2) throw std::invalid_argument("usage: bench_guard JOB");
    const sim::Experiment experiment = make_experiment(arguments[1]);
    if (!sim::force_instruction_set(sim::InstructionSet::avx2))
      throw std::runtime_error("this CPU has no AVX2");
    std::printf("%.17g\n", run_guarded(experiment));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_guard: %s\n", failure.what());
    return 2;
  }
  return 0;
}
