/*
 * engine_bench.cpp -- the engine's parts on their own: draws, percentiles, models of many shapes.
 *
 * Every benchmark says how many items it worked on, so that items_per_second is the figure: draws,
 * values, path steps, formulas, scenarios.  Scaling benchmarks run at several sizes; their slope is
 * for the reader of the table to judge.
 */
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "experiment/converge.hpp"
#include "experiment/simulation.hpp"
#include "models.hpp"
#include "random/philox.hpp"
#include "random/quantile.hpp"
#include "summary/percentile.hpp"

namespace bench {
namespace {

using sim::DistributionKind;

constexpr std::size_t kBatch = 256;

struct NamedDistribution {
  const char* name;
  DistributionKind kind;
  std::vector<double> parameters;
};

const std::vector<NamedDistribution>& distributions() {
  static const std::vector<NamedDistribution> list = {
      {"normal", DistributionKind::normal, {0, 1}},
      {"lognormal", DistributionKind::lognormal, {60, 12}},
      {"lognormal_log", DistributionKind::lognormal_log, {0, 0.5}},
      {"uniform", DistributionKind::uniform, {0, 1}},
      {"triangular", DistributionKind::triangular, {20, 25, 40}},
      {"pert", DistributionKind::pert, {20, 25, 40}},
      {"exponential", DistributionKind::exponential, {1}},
      {"gamma", DistributionKind::gamma, {2.5, 1}},
      {"weibull", DistributionKind::weibull, {1.5, 1}},
      {"beta", DistributionKind::beta, {2, 3}},
      {"student_t", DistributionKind::student_t, {5}},
      {"poisson", DistributionKind::poisson, {12}},
      {"binomial", DistributionKind::binomial, {40, 0.3}},
      {"bernoulli", DistributionKind::bernoulli, {0.3}},
      {"discrete", DistributionKind::discrete, {1, 0.2, 2, 0.3, 3, 0.5}},
  };
  return list;
}

void count_items(benchmark::State& state, double items_a_round) {
  state.SetItemsProcessed(
      static_cast<std::int64_t>(items_a_round * static_cast<double>(state.iterations())));
}

void draw(benchmark::State& state, const NamedDistribution& distribution) {
  const sim::Quantile quantile = sim::Quantile::prepare(distribution.kind, distribution.parameters);
  const sim::RandomKey key = sim::make_random_key(1, distribution.name);
  std::vector<double> x(kBatch);
  std::uint64_t trial = 1;
  for (auto _ : state) {
    sim::uniforms(key, trial, 0, 0, x.data(), kBatch);
    quantile.apply(x.data(), x.data(), kBatch);
    benchmark::DoNotOptimize(x.data());
    trial += kBatch;
  }
  count_items(state, kBatch);
}

/* Every time with parameters not seen before, as tables are kept. */
void prepare(benchmark::State& state, const NamedDistribution& distribution) {
  std::vector<double> parameters = distribution.parameters;
  const bool second_counts = distribution.kind == DistributionKind::binomial ||
                             distribution.kind == DistributionKind::lognormal_log;
  double& changing = parameters[second_counts ? 1 : 0];
  for (auto _ : state) {
    changing += 1e-9;
    benchmark::DoNotOptimize(sim::Quantile::prepare(distribution.kind, parameters));
  }
  count_items(state, 1);
}

void percentiles(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<double> original(count);
  sim::uniforms(sim::make_random_key(1, "percentiles"), 1, 0, 0, original.data(), count);
  const std::vector<double> wanted = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<double> values = original;
    state.ResumeTiming();
    benchmark::DoNotOptimize(sim::exact_percentiles(values, wanted));
  }
  count_items(state, static_cast<double>(count));
}

/* Rows that repeat nothing and need no file. */
sim::DataTable made_up_market() {
  sim::DataTable table{"market", {"stock", "bond", "inflation"}, 1829, {}};
  table.values.resize(3 * 1829);
  sim::uniforms(sim::make_random_key(1, "market"), 1, 0, 0, table.values.data(),
                table.values.size());
  for (double& value : table.values) value = 0.05 * value - 0.02;
  return table;
}

sim::Experiment make_experiment(std::string_view model, int size, std::int64_t trials) {
  sim::Experiment experiment;
  experiment.model = model;
  experiment.source = model_text(model, size);
  experiment.scenarios.resize(1);
  experiment.trials = trials;
  if (model == "j1b") experiment.data = {made_up_market()};
  return experiment;
}

/* All trials of a model with moments alone; compiled beforehand. `items`: what one trial counts as.
 */
void simulate(benchmark::State& state, std::string_view model, int size, std::int64_t trials,
              double items) {
  const sim::Simulation simulation(make_experiment(model, size, trials));
  const sim::KeepPlan keep;
  sim::Unstoppable control;
  for (auto _ : state) {
    sim::Partial partial;
    for (std::int64_t chunk = 0; chunk < simulation.chunk_count(); ++chunk)
      partial.merge(simulation.summarize(simulation.chunk(chunk), keep, control));
    benchmark::DoNotOptimize(partial);
  }
  count_items(state, static_cast<double>(trials) * items);
}

void path_steps(benchmark::State& state, std::string_view model) {
  const int steps = static_cast<int>(state.range(0));
  simulate(state, model, steps, 4096, steps);
}

void formulas(benchmark::State& state) {
  const int size = static_cast<int>(state.range(0));
  simulate(state, "wide", size, 4096, size);
}

void trials(benchmark::State& state) { simulate(state, "j1b", 48, state.range(0), 48); }

void compile(benchmark::State& state, std::string_view model) {
  const sim::Experiment experiment = make_experiment(model, static_cast<int>(state.range(0)), 1024);
  for (auto _ : state) benchmark::DoNotOptimize(sim::Simulation(experiment));
  count_items(state, 1);
}

/* Scenarios that differ in one number, converged in one call: reading the text included. */
void converge(benchmark::State& state, std::string_view model, int size, const char* input) {
  sim::Experiment experiment = make_experiment(model, size, 0);
  experiment.scenarios.clear();
  for (int i = 0; i < state.range(0); ++i)
    experiment.scenarios.push_back(
        {"s" + std::to_string(i), {{input, 60 + 0.01 * static_cast<double>(i)}}});
  sim::Unstoppable control;
  for (auto _ : state)
    benchmark::DoNotOptimize(sim::converge(experiment, sim::Unsolved::refuse, control));
  count_items(state, static_cast<double>(state.range(0)));
}

void register_all() {
  using benchmark::RegisterBenchmark;
  for (const NamedDistribution& distribution : distributions()) {
    RegisterBenchmark(("draw/" + std::string(distribution.name)).c_str(), draw, distribution);
    RegisterBenchmark(("prepare/" + std::string(distribution.name)).c_str(), prepare, distribution);
  }
  const auto milliseconds = benchmark::kMillisecond;
  RegisterBenchmark("percentiles", percentiles)->Arg(10000000)->Unit(milliseconds);
  RegisterBenchmark("bootstrap_steps", path_steps, "j1b")
      ->Arg(120)
      ->Arg(480)
      ->Arg(960)
      ->Unit(milliseconds);
  RegisterBenchmark("normal_steps", path_steps, "path")->Arg(480)->Arg(10000)->Unit(milliseconds);
  RegisterBenchmark("formulas", formulas)
      ->Arg(100)
      ->Arg(1000)
      ->Arg(5000)
      ->Arg(10000)
      ->Unit(milliseconds);
  RegisterBenchmark("trials", trials)->Arg(16384)->Arg(262144)->Arg(1048576)->Unit(milliseconds);
  RegisterBenchmark("compile_cost", compile, "cost")->Arg(0)->Unit(milliseconds);
  RegisterBenchmark("compile_wide", compile, "wide")->Arg(1000)->Arg(10000)->Unit(milliseconds);
  RegisterBenchmark("converge_cost", converge, "cost", 0, "energy_cost")
      ->Arg(1)
      ->Arg(10)
      ->Arg(1000)
      ->Unit(milliseconds);
  RegisterBenchmark("converge_cycles", converge, "cycles", 43, "demand")
      ->Arg(1)
      ->Arg(1000)
      ->Unit(milliseconds);
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  bench::register_all();
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
