/*
 * engine.cpp -- the jobs by the engine itself, without a server: what is left of a difference is
 * the server's share.
 */
#include <atomic>

#include "experiment/converge.hpp"
#include "experiment/simulation.hpp"
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

/* All chunks, a simulation a thread, chunks handed out by a counter as the scan does. */
sim::Partial simulate(const sim::Experiment& experiment, int threads) {
  std::vector<sim::Partial> partials(static_cast<std::size_t>(threads));
  std::atomic<std::int64_t> next{0};
  const sim::KeepPlan keep{sim::KeepMode::samples, {}};
  const auto work = [&](std::size_t thread) {
    const sim::Simulation simulation(experiment);
    sim::Unstoppable control;
    for (std::int64_t chunk = next++; chunk < simulation.chunk_count(); chunk = next++)
      partials[thread].merge(simulation.summarize(simulation.chunk(chunk), keep, control));
  };
  std::vector<std::thread> others;
  for (std::size_t thread = 1; thread < partials.size(); ++thread)
    others.emplace_back(work, thread);
  work(0);
  for (std::thread& other : others) other.join();
  for (std::size_t thread = 1; thread < partials.size(); ++thread)
    partials[0].merge(std::move(partials[thread]));
  return std::move(partials[0]);
}

Answer path_answer(const Request& request, std::string_view model) {
  sim::Experiment experiment = make_experiment(request, model, kMonths);
  if (model == "j1b") experiment.data = {request.market};
  sim::Partial partial = simulate(experiment, request.threads);
  Answer answer = {partial.total(0, 0).mean};
  std::vector<double> real_wealth = partial.take_samples(0, 1);
  append_percentiles(answer, real_wealth, {0.05, 0.25, 0.5, 0.75, 0.95});
  return answer;
}

}  // namespace

Answer engine_bootstrap_path(const Request& request) { return path_answer(request, "j1b"); }
Answer engine_normal_path(const Request& request) { return path_answer(request, "j1n"); }

Answer engine_cost(const Request& request) {
  sim::Partial partial = simulate(make_experiment(request, "cost", 0), request.threads);
  Answer answer = {partial.total(0, 0).mean, partial.total(0, 0).stddev()};
  std::vector<double> total = partial.take_samples(0, 0);
  append_percentiles(answer, total, {0.05, 0.5, 0.95});
  return answer;
}

Answer engine_lognormals(const Request& request) {
  sim::Partial partial = simulate(make_experiment(request, "j4", 0), request.threads);
  Answer answer;
  std::vector<double> total = partial.take_samples(0, 0);
  append_percentiles(answer, total, {0.05, 0.25, 0.5, 0.75, 0.95});
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
