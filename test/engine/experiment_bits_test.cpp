/*
 * experiment_bits_test.cpp -- the same model, inputs, trials and seed give the same bits, however
 * the work is cut.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/instruction_set.hpp"
#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"
#include "random/philox.hpp"

namespace sim::testing {
namespace {

Experiment path_model(std::int64_t trials = 5000) {
  Experiment experiment = experiment_of(
      "steps 24 month\ndata m(stock, bond)\ninput drift ~ normal(0.01, 0.002)\n"
      "input (s[t], b[t]) ~ bootstrap(m, block => 5)\ninput shock[t] ~ student_t(4)\n"
      "wealth[0] = 100\ninterest[t] = 0.001 * (wealth[t-1] + wealth[t]) / 2\n"
      "wealth[t] = max(0, wealth[t-1] * (1 + drift + s[t] - b[t] + 0.01 * shock[t])) + "
      "interest[t]\n"
      "y = cos(y) * drift + exp(-wealth[last] / 100)\n"
      "output wealth[t] every 6\noutput low = min(wealth[*])\noutput y\n",
      trials, 42);
  experiment.data.push_back(table_of("m", {"stock", "bond"},
                                     {{0.1, -0.05, 0.02, 0.03, -0.07, 0.04, 0.01},
                                      {0.01, 0.02, -0.01, 0.005, 0.0, 0.015, -0.02}}));
  experiment.scenarios.push_back({"calm", {{"shock", "~ normal(0, 0.5)"}}});
  experiment.scenarios.push_back({"sure", {{"drift", 0.01}}});
  return experiment;
}

std::vector<double> moments_of(const Simulation& simulation, std::vector<std::int64_t> order) {
  Unstoppable control;
  Partial all;
  for (const std::int64_t number : order)
    all.merge(simulation.summarize(simulation.chunk(number), KeepPlan{}, control));
  std::vector<double> values;
  for (std::uint32_t scenario = 0; scenario < simulation.scenarios(); ++scenario)
    for (std::uint32_t slot = 0; slot < simulation.slots().size(); ++slot) {
      const Moments total = all.total(scenario, slot);
      values.insert(values.end(),
                    {static_cast<double>(total.count), static_cast<double>(total.failed),
                     total.mean, total.m2, total.m3, total.m4, total.min, total.max});
    }
  return values;
}

std::vector<std::int64_t> all_chunks(const Simulation& simulation) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(simulation.chunk_count()));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TEST(Bits, AreTheSameForEveryChunkSizeAndBatchWidth) {
  const Experiment experiment = path_model();
  const Simulation usual(experiment);
  for (std::uint32_t scenario = 0; scenario < 3; ++scenario) {
    const Samples wanted = samples_of(usual, scenario);
    for (const std::size_t lanes : {128u, 256u, 512u, 1024u})
      for (const std::int64_t leaves : {1, 2, 8}) {
        Simulation simulation(experiment);
        simulation.set_batch_lanes(lanes);
        simulation.set_chunk_leaves(leaves);
        EXPECT_TRUE(same_bits(samples_of(simulation, scenario), wanted))
            << lanes << " lanes, " << leaves << " leaves";
      }
  }
}

TEST(Bits, OfMomentsAreTheSameForEveryOrderAndSizeOfChunks) {
  const Experiment experiment = path_model();
  const Simulation usual(experiment);
  const std::vector<double> wanted = moments_of(usual, all_chunks(usual));
  for (const std::int64_t leaves : {1, 2, 4, 64}) {
    Simulation simulation(experiment);
    simulation.set_chunk_leaves(leaves);
    std::vector<std::int64_t> order = all_chunks(simulation);
    EXPECT_EQ(moments_of(simulation, order), wanted);
    std::reverse(order.begin(), order.end());
    EXPECT_EQ(moments_of(simulation, order), wanted);
    Dice dice(5);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.below(i)]);
    EXPECT_EQ(moments_of(simulation, order), wanted);
  }
}

TEST(Bits, AreTheSameOnEveryInstructionSet) {
  const Samples wanted = samples_of(path_model());
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2}) {
    if (!force_instruction_set(set)) continue;
    EXPECT_TRUE(same_bits(samples_of(path_model()), wanted)) << static_cast<int>(set);
  }
  force_instruction_set(best_instruction_set());
}

TEST(Bits, AreTheSameAfterOtherChunksAndScenariosRan) {
  const Experiment experiment = path_model();
  const Simulation simulation(experiment);
  Unstoppable control;
  const Samples fresh = samples_of(experiment, 1);
  samples_of(simulation, 0);
  samples_of(simulation, 2);
  EXPECT_TRUE(same_bits(samples_of(simulation, 1), fresh));
  // A part of the trials alone.
  std::vector<double> out(300);
  const std::uint32_t wanted[] = {2};
  simulation.sample({1, 2048, 300}, wanted, out.data(), control);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_TRUE(same_bits(out[i], fresh[2][2048 + i]));
}

/* Parameters from inputs, the same in all trials: drawn from a table made for each scenario. */
TEST(Bits, AreTheSameAfterOtherNumbers) {
  Experiment experiment = experiment_of(
      "input a = 2 range 0 to 9\ninput b = 1\ninput c ~ gamma(a, b)\ninput d ~ normal(0, 1)\n"
      "x = c + 0.5 * y\ny = cos(x) + d\noutput x, y\n",
      3000);
  experiment.scenarios.push_back({"other", {{"a", 3.0}, {"d", 0.5}}});
  Simulation simulation(experiment);
  const auto expect_like = [&](const Experiment& other, const char* what) {
    const Simulation anew(other);
    for (std::uint32_t scenario = 0; scenario < anew.scenarios(); ++scenario)
      EXPECT_TRUE(same_bits(samples_of(simulation, scenario), samples_of(anew, scenario))) << what;
  };
  const auto expect_anew = [&](const char* what) {
    ASSERT_TRUE(simulation.begin_again(experiment)) << what;
    expect_like(experiment, what);
  };
  expect_like(experiment, "before");
  experiment.scenarios[1].overrides = {{"a", 5.0}, {"d", -0.5}};
  experiment.scenarios[1].name = "third";
  expect_anew("numbers");
  EXPECT_EQ(simulation.scenario_name(1), "third");
  experiment.scenarios[0].overrides = {{"b", 0.25}};
  expect_anew("a number more, in the place of a number");
  experiment.seed = 7;
  expect_anew("the seed");
  experiment.trials = 9000;
  expect_anew("trials");
  const Experiment last = experiment;
  experiment.scenarios[1].overrides[0].value = 10.0;
  EXPECT_EQ(refusal_of([&] { simulation.begin_again(experiment); }).kind, ErrorKind::out_of_range);
  experiment.scenarios[1].overrides = {{"d", "~ normal(1, 2)"}};
  EXPECT_FALSE(simulation.begin_again(experiment)) << "another program";
  experiment.scenarios.pop_back();
  EXPECT_FALSE(simulation.begin_again(experiment)) << "fewer scenarios";
  expect_like(last, "it is as it was");
}

TEST(Bits, OfDrawsFromTablesDoNotDependOnOtherScenarios) {
  Experiment experiment = experiment_of(
      "input k = 2.5\ninput a ~ gamma(k, 2)\ninput b ~ beta(k, 2 * k)\ninput c ~ poisson(10 * k)\n"
      "input d ~ gamma(a, 1)\noutput a\noutput b\noutput c\noutput d\n",
      600, 5);
  const auto alone = [&](double k) {
    Experiment one = experiment;
    one.scenarios.push_back({"other", {{"k", k}}});
    return samples_of(one, static_cast<std::uint32_t>(one.scenarios.size() - 1));
  };
  Experiment many = experiment;
  const std::uint32_t first = static_cast<std::uint32_t>(many.scenarios.size());
  for (int i = 0; i < 100; ++i)
    many.scenarios.push_back({"s" + std::to_string(i), {{"k", 1 + 0.1 * i}}});
  const Simulation simulation(many);
  for (const int i : {99, 0, 50}) {
    EXPECT_TRUE(same_bits(samples_of(simulation, first + static_cast<std::uint32_t>(i)),
                          alone(1 + 0.1 * i)))
        << i;
  }
}

TEST(Bits, OfATrialDoNotDependOnTheNumberOfTrials) {
  const Samples few = samples_of(path_model(130));
  const Samples many = samples_of(path_model(3000));
  for (std::size_t slot = 0; slot < few.size(); ++slot)
    for (std::size_t i = 0; i < 130; ++i) EXPECT_TRUE(same_bits(few[slot][i], many[slot][i]));
}

TEST(Draws, DoNotChangeWhenAnInputIsAdded) {
  const std::vector<double> before =
      samples_of(experiment_of("input b ~ normal(0, 1)\ny = b\n", 500), "y");
  const std::vector<double> after = samples_of(
      experiment_of("input a ~ normal(0, 1)\ninput b ~ normal(0, 1)\ninput c ~ uniform(0, 1)\n"
                    "y = b + 0 * a * c\n",
                    500),
      "y");
  EXPECT_EQ(before, after);
}

TEST(Draws, DependOnSeedNameTrialAndStep) {
  const auto draws = [](const std::string& name, std::uint64_t seed) {
    return samples_of(experiment_of(
        "steps 2\ninput " + name + "[t] ~ uniform(0, 1)\noutput " + name + "[t]\n", 200, seed));
  };
  const Samples base = draws("a", 1);
  EXPECT_TRUE(same_bits(base, draws("A", 1))) << "names fold";
  EXPECT_FALSE(same_bits(base, draws("b", 1)));
  EXPECT_FALSE(same_bits(base, draws("a", 2)));
  EXPECT_NE(base[0], base[1]);
  EXPECT_NE(base[0][0], base[0][1]);
}

TEST(Draws, AreThoseOfTheDocumentedCounters) {
  const Samples samples =
      samples_of(experiment_of("steps 3\ninput u[t] ~ uniform(0, 1)\ninput v ~ uniform(0, 1)\n"
                               "output u[t]\noutput v\n",
                               150, 9));
  const RandomKey u = make_random_key(9, "u");
  const RandomKey v = make_random_key(9, "v");
  for (std::size_t i = 0; i < 150; ++i) {
    for (std::uint32_t step = 1; step <= 3; ++step)
      EXPECT_EQ(samples[step - 1][i], uniform(u, i + 1, step, 0));
    EXPECT_EQ(samples[3][i], uniform(v, i + 1, 0, 0));
  }
}

TEST(Samples, AndSummariesTellTheSame) {
  const Simulation simulation(path_model(2500));
  Unstoppable control;
  Partial all;
  for (std::int64_t c = 0; c < simulation.chunk_count(); ++c)
    all.merge(simulation.summarize(simulation.chunk(c), KeepPlan{KeepMode::samples, {}}, control));
  for (std::uint32_t scenario = 0; scenario < 3; ++scenario) {
    const Samples samples = samples_of(simulation, scenario);
    for (std::uint32_t slot = 0; slot < samples.size(); ++slot) {
      std::vector<double> sorted = samples[slot];
      long double sum = 0;
      for (const double value : sorted) sum += value;
      const auto mean = static_cast<double>(sum / 2500);
      const Moments total = all.total(scenario, slot);
      EXPECT_EQ(total.count, 2500);
      EXPECT_NEAR(total.mean, mean, 1e-13 * std::fabs(mean));
      std::sort(sorted.begin(), sorted.end());
      EXPECT_EQ(total.min, sorted.front());
      EXPECT_EQ(total.max, sorted.back());
      const std::span<const double> kept = all.samples(scenario, slot);
      std::vector<double> same(kept.begin(), kept.end());
      std::sort(same.begin(), same.end());
      EXPECT_EQ(same, sorted);
    }
  }
}

TEST(Differences, OfMeansAreMeansOfDifferences) {
  const Simulation simulation(path_model(2500));
  Unstoppable control;
  const std::size_t slots = simulation.slots().size();
  const std::vector<InfluenceSpec> influences(slots * simulation.scenarios());
  Partial differences, values;
  for (std::int64_t c = 0; c < simulation.chunk_count(); ++c) {
    const Chunk chunk = simulation.chunk(c);
    differences.merge(simulation.summarize_differences(chunk, influences, control));
    values.merge(simulation.summarize(chunk, KeepPlan{}, control));
  }
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    EXPECT_EQ(differences.total(0, slot).mean, 0);
    for (std::uint32_t scenario = 1; scenario < 3; ++scenario) {
      const double base = values.total(0, slot).mean;
      const double wanted = values.total(scenario, slot).mean - base;
      EXPECT_NEAR(differences.total(scenario, slot).mean, wanted, 1e-12 * std::fabs(base));
      EXPECT_EQ(differences.total(scenario, slot).m2 > 0, slot > 0) << "at step 0 nothing differs";
    }
  }
}

TEST(Certainty, ComputesOneTrialForAll) {
  const Simulation simulation(experiment_of("input x = 3\ny = x * 2\n", 5000));
  EXPECT_FALSE(simulation.uncertain());
  const Samples samples = samples_of(simulation);
  EXPECT_EQ(samples[0], std::vector<double>(5000, 6));
  EXPECT_TRUE(Simulation(path_model()).uncertain());
}

}  // namespace
}  // namespace sim::testing
