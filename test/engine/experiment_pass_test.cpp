/*
 * experiment_pass_test.cpp -- a pass gives the same bits in any number of threads, and its samples
 * lie where they belong.
 */
#include "experiment/pass.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

Experiment failing_model() {
  Experiment experiment = experiment_of(
      "steps 6 month\ninput drift ~ normal(0.01, 0.02)\ninput shock[t] ~ student_t(4)\n"
      "x[0] = 1\nx[t] = x[t-1] * (1 + drift + 0.05 * shock[t])\n"
      "y = sqrt(drift)\noutput x[t] every 3\noutput y\n",
      9000, 7);
  experiment.scenarios.push_back({"calm", {{"shock", "~ normal(0, 0.5)"}}});
  return experiment;
}

/* All a pass yields: moments of each cell, and the area. */
struct Result {
  std::vector<double> moments;
  std::vector<double> area;
};

Result run(const Simulation& simulation, int threads) {
  const std::size_t cells = simulation.scenarios() * simulation.slots().size();
  Result result;
  result.area.resize(cells * static_cast<std::size_t>(simulation.trials()), -1);
  const SampleArea area = simulation.sample_area(result.area.data());
  Unstoppable control;
  const Partial all = run_pass(
      simulation, threads,
      [&](const Simulation& own, std::int64_t chunk, Control& asked) {
        return own.summarize_into(own.chunk(chunk), area, asked);
      },
      control);
  for (std::uint32_t scenario = 0; scenario < simulation.scenarios(); ++scenario)
    for (std::uint32_t slot = 0; slot < simulation.slots().size(); ++slot) {
      const Moments total = all.total(scenario, slot);
      result.moments.insert(result.moments.end(),
                            {static_cast<double>(total.count), static_cast<double>(total.failed),
                             total.mean, total.m2, total.m3, total.m4, total.min, total.max});
    }
  return result;
}

TEST(Pass, HasTheSameBitsInAnyNumberOfThreads) {
  const Simulation alone(failing_model());
  const Result wanted = run(alone, 1);
  for (const int threads : {2, 3, 8, 64}) {
    Simulation simulation(failing_model());
    simulation.set_chunk_leaves(1);
    const Result got = run(simulation, threads);
    EXPECT_TRUE(same_bits(Samples{got.moments}, Samples{wanted.moments})) << threads << " threads";
    EXPECT_TRUE(same_bits(Samples{got.area}, Samples{wanted.area})) << threads << " threads";
  }
}

TEST(Pass, PutsEachSampleInItsPlace) {
  const Simulation simulation(failing_model());
  Result result = run(simulation, 2);
  const SampleArea area = simulation.sample_area(result.area.data());
  for (std::uint32_t scenario = 0; scenario < simulation.scenarios(); ++scenario) {
    const Samples wanted = samples_of(simulation, scenario);
    for (std::uint32_t slot = 0; slot < simulation.slots().size(); ++slot)
      for (std::size_t trial = 0; trial < wanted[slot].size(); ++trial)
        EXPECT_TRUE(same_bits(*area.at(scenario, slot, static_cast<std::int64_t>(trial)),
                              wanted[slot][trial]));
  }
}

TEST(Pass, LeavesFailedTrialsOutOfTheFiniteValues) {
  const Simulation simulation(failing_model());
  Result result = run(simulation, 2);
  const SampleArea area = simulation.sample_area(result.area.data());
  const std::uint32_t failing = static_cast<std::uint32_t>(simulation.slots().size()) - 1;
  ASSERT_EQ(simulation.slots()[failing].output, "y");
  const Samples samples = samples_of(simulation, 1);
  std::vector<double> wanted;
  for (const double value : samples[failing])
    if (std::isfinite(value)) wanted.push_back(value);
  ASSERT_LT(wanted.size(), 9000u);
  Moments total;
  total.count = static_cast<std::int64_t>(wanted.size());
  total.failed = 9000 - total.count;
  const std::span<double> got = finite_values(area, 1, failing, total);
  EXPECT_EQ(std::vector<double>(got.begin(), got.end()), wanted);
  EXPECT_EQ(finite_values(area, 0, 0, Moments{.count = 9000}).size(), 9000u);
}

TEST(Pass, EndsWithTheErrorOfAChunk) {
  Simulation simulation(failing_model());
  simulation.set_chunk_leaves(1);
  Unstoppable control;
  for (const int threads : {1, 4}) {
    const auto work = [](const Simulation& own, std::int64_t chunk, Control& asked) {
      if (chunk == 5) throw Error(ErrorKind::limit_exceeded, "chunk 5");
      return own.summarize(own.chunk(chunk), KeepPlan{}, asked);
    };
    EXPECT_EQ(refusal_of([&] { run_pass(simulation, threads, work, control); }).message, "chunk 5");
  }
  EXPECT_TRUE(same_bits(Samples{run(simulation, 2).moments},
                        Samples{run(Simulation(failing_model()), 1).moments}))
      << "the simulation is as good as new";
}

}  // namespace
}  // namespace sim::testing
