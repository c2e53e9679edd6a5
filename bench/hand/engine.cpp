/*
 * engine.cpp -- the jobs by the engine itself, without a server: what is left of a difference is
 * the server's share.
 */
#include "experiment/converge.hpp"
#include "experiment/pass.hpp"
#include "hand/job.hpp"
#include "hand/work.hpp"
#include "models.hpp"

namespace bench {
namespace {

sim::Experiment make_experiment(const Request& request, std::string_view model, int size) {
  sim::Experiment experiment;
  experiment.model = model;
  experiment.source = model_text(model, size);
  experiment.scenarios.resize(1);
  experiment.trials = request.trials;
  experiment.seed = request.seed;
  return experiment;
}

/* A run with all its samples. */
struct Run {
  sim::Partial moments;
  std::unique_ptr<double[]> samples;
  sim::SampleArea area;

  std::span<double> values(std::uint32_t slot) const {
    return sim::finite_values(area, 0, slot, moments.total(0, slot));
  }
};

Run simulate(const sim::Experiment& experiment, int threads) {
  const sim::Simulation simulation(experiment);
  sim::Unstoppable control;
  Run run;
  run.samples = std::make_unique_for_overwrite<double[]>(
      simulation.slots().size() * static_cast<std::size_t>(simulation.trials()));
  run.area = simulation.sample_area(run.samples.get());
  run.moments = sim::run_pass(
      simulation, threads,
      [&](const sim::Simulation& own, std::int64_t chunk, sim::Control& asked) {
        return own.summarize_into(own.chunk(chunk), run.area, asked);
      },
      control);
  return run;
}

Answer path_answer(const Request& request, std::string_view model) {
  sim::Experiment experiment = make_experiment(request, model, kMonths);
  if (model == "j1b") experiment.data = {request.market};
  const Run run = simulate(experiment, request.threads);
  Answer answer = {run.moments.total(0, 0).mean};
  append_percentiles(answer, run.values(1), {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

}  // namespace

Answer engine_bootstrap_path(const Request& request) { return path_answer(request, "j1b"); }
Answer engine_normal_path(const Request& request) { return path_answer(request, "j1n"); }

Answer engine_cost(const Request& request) {
  const Run run = simulate(make_experiment(request, "cost", 0), request.threads);
  Answer answer = {run.moments.total(0, 0).mean, run.moments.total(0, 0).stddev()};
  append_percentiles(answer, run.values(0), {0.05, 0.5, 0.95});
  return answer;
}

Answer engine_lognormals(const Request& request) {
  const Run run = simulate(make_experiment(request, "j4", 0), request.threads);
  Answer answer;
  append_percentiles(answer, run.values(0), {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

/* Compiled once, as a session keeps it. */
Answer engine_converge(const Request& request) {
  static const sim::Simulation simulation = [&] {
    sim::Experiment experiment = make_experiment(request, "grid", 0);
    sim::DataTable grid{"grid", {"energy"}, request.trials, {}};
    for (std::int64_t i = 0; i < request.trials; ++i)
      grid.values.push_back(60 +
                            40 * static_cast<double>(i) / static_cast<double>(request.trials - 1));
    experiment.data = {grid};
    return sim::Simulation(experiment);
  }();
  std::vector<double> total(static_cast<std::size_t>(request.trials));
  const std::uint32_t wanted[] = {0};
  sim::Unstoppable control;
  simulation.sample({0, 0, request.trials}, wanted, total.data(), control);
  return {total.front(), sum_of(total, 0, false), total.back()};
}

Answer engine_cycles(const Request& request) {
  sim::Experiment experiment = make_experiment(request, "cycles", 43);
  experiment.trials = 0;
  experiment.outputs = {"c43_9"};
  sim::Unstoppable control;
  return {sim::converge(experiment, sim::Unsolved::refuse, control).values.back().value};
}

}  // namespace bench
