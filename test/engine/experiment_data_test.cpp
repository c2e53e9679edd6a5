/*
 * experiment_data_test.cpp -- rows of data in trials: historical windows, blocks, series,
 * aggregates; trials and chunks.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

Experiment with_rows(const std::string& source, std::int64_t trials, int rows = 10) {
  Experiment experiment = experiment_of("data d(a, b)\n" + source, trials);
  std::vector<double> a, b;
  for (int row = 1; row <= rows; ++row) {
    a.push_back(row);
    b.push_back(row * row);
  }
  experiment.data.push_back(table_of("d", {"a", "b"}, {a, b}));
  return experiment;
}

constexpr const char* kWindows = "steps 3\ninput h[t] ~ historical(d.a)\noutput h[t]\n";

TEST(Historical, TrialOneReadsTheFirstRowsAndEachTrialOneRowFurther) {
  const Samples samples = samples_of(with_rows(kWindows, kAllWindows));
  ASSERT_EQ(samples.size(), 3u);
  ASSERT_EQ(samples[0].size(), 8u) << "full windows only";
  for (std::size_t trial = 0; trial < 8; ++trial)
    for (std::size_t step = 0; step < 3; ++step)
      EXPECT_EQ(samples[step][trial], 1.0 + static_cast<double>(trial + step));
}

TEST(Historical, RefusesMoreTrialsThanWindows) {
  const Refusal refusal = refusal_of([] { Simulation simulation(with_rows(kWindows, 9)); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_parameter);
  EXPECT_EQ(refusal.message, "9 trials were asked for, but model \"m@1\" has 8 historical windows");
  EXPECT_EQ(refusal.hint, "Leave trials out to use every window, or ask for at most 8.");
  EXPECT_EQ(Simulation(with_rows(kWindows, 8)).trials(), 8);
}

TEST(Historical, RefusesFewerRowsThanSteps) {
  const Refusal refusal =
      refusal_of([] { Simulation simulation(with_rows(kWindows, kAllWindows, 2)); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_data);
  EXPECT_EQ(refusal.message,
            "data block \"d\" has 2 rows, fewer than the 3 steps a historical trial needs");
}

TEST(Historical, WithoutStepsTakesRowAfterRow) {
  const Samples samples =
      samples_of(with_rows("input (x, y) ~ historical(d)\noutput x\noutput y\n", kAllWindows));
  ASSERT_EQ(samples[0].size(), 10u);
  EXPECT_EQ(samples[0][9], 10);
  EXPECT_EQ(samples[1][9], 100);
}

TEST(Historical, TheShortestDataDecide) {
  Experiment experiment = with_rows(
      "data e(c)\nsteps 3\ninput h[t] ~ historical(d.a)\ninput g[t] ~ historical(e)\n"
      "y = sum(h[*]) + sum(g[*])\n",
      kAllWindows);
  experiment.data.push_back(table_of("e", {"c"}, {{1, 2, 3, 4, 5}}));
  EXPECT_EQ(Simulation(experiment).trials(), 3);
}

TEST(Trials, AreAllWindowsOrTheDefaultAndAtLeastOne) {
  EXPECT_EQ(Simulation(experiment_of("input x ~ normal(0, 1)\ny = x\n", kAllWindows)).trials(),
            kDefaultTrials);
  EXPECT_EQ(refusal_of([] { Simulation simulation(experiment_of("y = 1\n", 0)); }).message,
            "trials must be at least 1, is 0");
  EXPECT_EQ(refusal_of([] { Simulation simulation(experiment_of("y = 1\n", -5)); }).message,
            "trials must be at least 1, is -5");
}

TEST(Bootstrap, BlocksAreConsecutiveRowsThatWrapAndColumnsStayTogether) {
  const Samples samples = samples_of(with_rows(
      "steps 7\ninput (x[t], y[t]) ~ bootstrap(d, block => 3)\noutput x[t]\noutput y[t]\n", 2000));
  std::set<double> starts;
  for (std::size_t trial = 0; trial < 2000; ++trial) {
    for (std::size_t step = 0; step < 7; ++step) {
      const double x = samples[step][trial];
      EXPECT_EQ(samples[7 + step][trial], x * x);
      if (step % 3 != 0) {
        const double before = samples[step - 1][trial];
        EXPECT_EQ(x, before == 10 ? 1 : before + 1);
      }
    }
    starts.insert(samples[3][trial]);
  }
  EXPECT_EQ(starts.size(), 10u) << "every row may begin a block";
}

TEST(Bootstrap, BlocksLongerThanTheDataWrapMoreThanOnce) {
  const Samples samples = samples_of(
      with_rows("steps 8\ninput x[t] ~ bootstrap(d.a, block => 8)\noutput x[t]\n", 50, 3));
  for (std::size_t trial = 0; trial < 50; ++trial)
    for (std::size_t step = 1; step < 8; ++step)
      EXPECT_EQ(samples[step][trial],
                samples[step - 1][trial] == 3 ? 1 : samples[step - 1][trial] + 1);
}

TEST(Bootstrap, StatementsDrawTheirOwnBlocks) {
  const Samples samples = samples_of(
      with_rows("input x ~ bootstrap(d.a)\ninput y ~ bootstrap(d.a)\noutput x\noutput y\n", 400));
  EXPECT_NE(samples[0], samples[1]);
}

TEST(Empirical, DrawsEachRowEquallyOften) {
  const std::vector<double> draws =
      samples_of(with_rows("input x ~ empirical(d.a)\noutput x\n", 20000))[0];
  for (int row = 1; row <= 10; ++row) {
    const auto count = std::count(draws.begin(), draws.end(), row);
    EXPECT_NEAR(static_cast<double>(count), 2000, 250);
  }
}

TEST(Series, GivesRowTAtStepTAndFailsBeyondTheRows) {
  const Samples samples =
      samples_of(with_rows("steps 12\ninput s[t] ~ series(d.b)\noutput s[t]\n", 1));
  ASSERT_EQ(samples.size(), 12u);
  EXPECT_EQ(samples[0][0], 1);
  EXPECT_EQ(samples[9][0], 100);
  EXPECT_TRUE(std::isnan(samples[10][0]));
}

TEST(DataAggregates, AreMeanSdAndCountAlsoInsideFunctions) {
  const Samples samples = samples_of(
      with_rows("function spread(k) = k * sd(d.a) + mean(d.a)\ny = mean(d.b) + count(d.a)\n"
                "z = sd(d.a)\nw = spread(2)\n",
                1));
  EXPECT_DOUBLE_EQ(samples[0][0], 38.5 + 10);
  EXPECT_DOUBLE_EQ(samples[1][0], 3.0276503540974917);
  EXPECT_DOUBLE_EQ(samples[2][0], 5.5 + 2 * 3.0276503540974917);
}

TEST(Chunks, CoverEveryTrialOfEveryScenarioOnce) {
  Experiment experiment = experiment_of("input x ~ normal(0, 1)\ny = x\n", 10000);
  experiment.scenarios.push_back({"b", {}});
  for (const std::int64_t leaves : {0, 1, 2, 4, 16}) {
    Simulation simulation(experiment);
    if (leaves > 0) simulation.set_chunk_leaves(leaves);
    std::vector<std::vector<int>> seen(2, std::vector<int>(10000, 0));
    for (std::int64_t c = 0; c < simulation.chunk_count(); ++c) {
      const Chunk chunk = simulation.chunk(c);
      EXPECT_EQ(chunk.first_trial % kLeafTrials, 0);
      for (std::int64_t i = 0; i < chunk.trials; ++i)
        ++seen[chunk.scenario][static_cast<std::size_t>(chunk.first_trial + i)];
    }
    for (const std::vector<int>& scenario : seen)
      EXPECT_EQ(std::count(scenario.begin(), scenario.end(), 1), 10000);
  }
}

}  // namespace
}  // namespace sim::testing
