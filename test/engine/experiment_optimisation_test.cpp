/*
 * experiment_optimisation_test.cpp -- programs with and without optimisation give the same bits,
 * and differ in what they do.
 */
#include <gtest/gtest.h>

#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"
#include "language/diagnostics.hpp"
#include "model/compile.hpp"

namespace sim::testing {
namespace {

Experiment plain(Experiment experiment) {
  experiment.optimisation = Optimisation::off;
  return experiment;
}

Program program_of(const std::string& source, Optimisation optimisation) {
  Diagnostics diagnostics;
  const Model model = analyse_model(source, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << render_errors(diagnostics, source);
  const DataTable table = table_of("d", {"a", "b", "c", "e"}, {{1, 2}, {3, 4}, {5, 6}, {7, 8}});
  return compile_program(model, model.outputs, Chance::drawn, std::span(&table, 1), optimisation);
}

std::size_t count(const ActionList& actions, ActionKind kind) {
  return static_cast<std::size_t>(std::count_if(
      actions.begin(), actions.end(), [&](const Action& action) { return action.kind == kind; }));
}

Experiment random_experiment(std::uint64_t seed) {
  Experiment experiment = experiment_of(RandomModel(seed).text(), 140, seed);
  std::vector<std::vector<double>> rows(2);
  Dice dice(seed + 2000);
  for (int row = 0; row < 11; ++row)
    for (std::vector<double>& column : rows)
      column.push_back(static_cast<double>(dice.below(2000)) / 64 - 10);
  experiment.data.push_back(table_of("rows_", {"a", "b"}, rows));
  return experiment;
}

TEST(Optimisation, ChangesNoBitOfRandomModels) {
  for (std::uint64_t seed = 1001; seed <= 1150; ++seed) {
    const Experiment experiment = random_experiment(seed);
    ASSERT_TRUE(same_bits(samples_of(plain(experiment)), samples_of(experiment)))
        << "seed " << seed << "\n"
        << experiment.source;
  }
}

/* All values, or what the error says. */
std::pair<std::vector<double>, std::string> converged_values(const Experiment& experiment) {
  std::vector<double> values;
  try {
    for (const ConvergedValue& value : converge_all(experiment, false).values)
      values.push_back(value.value);
  } catch (const Error& error) {
    return {{}, error.what()};
  }
  return {values, {}};
}

TEST(Optimisation, ChangesNoBitAndNoErrorOfConverging) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Experiment experiment = random_experiment(seed);
    experiment.trials = 0;
    const auto [wanted, error] = converged_values(experiment);
    const auto [found, plain_error] = converged_values(plain(experiment));
    EXPECT_EQ(plain_error, error) << "seed " << seed;
    ASSERT_TRUE(same_bits(Samples{found}, Samples{wanted})) << experiment.source;
    compared += wanted.size();
  }
  EXPECT_GT(compared, 1000u);
}

TEST(Optimisation, ChangesNoBitOfScenariosAndLoops) {
  Experiment experiment = experiment_of(
      "steps 30\ndata d(a, b, c, e)\ninput (r[t], s[t], u[t], v[t]) ~ bootstrap(d, block => 4)\n"
      "input k = 0.3\ninput n ~ normal(10 * k, 1 + k * k)\n"
      "x[0] = 100\nx[t] = max(0, x[t-1] * (1 + (0.6 * r[t] + 0.4 * s[t])) - (u[t] - k * v[t]))\n"
      "p = 0.2 * q + n\nq = 0.1 * p + k * k * n\n"
      "g[t] = cos(g[t]) * 0.5 * k + x[t] / 1000\n"
      "output x[t] every 7\noutput p\noutput q\noutput g[t] every 10\n"
      "output low = min(x[*])\noutput y = x[last] * (k * k) + q\n",
      700, 3);
  experiment.data.push_back(table_of("d", {"a", "b", "c", "e"},
                                     {{0.01, -0.02, 0.03, 0.04, -0.05},
                                      {0.1, 0.2, -0.1, 0.15, 0.05},
                                      {1, 2, 3, 4, 5},
                                      {0.5, 0.25, 0.75, 1, 2}}));
  experiment.scenarios.push_back({"other", {{"k", 0.7}}});
  experiment.scenarios.push_back({"drawn", {{"k", "~ uniform(0.1, 0.2)"}}});
  for (std::uint32_t scenario = 0; scenario < 3; ++scenario)
    EXPECT_TRUE(same_bits(samples_of(Simulation(plain(experiment)), scenario),
                          samples_of(Simulation(experiment), scenario)));
}

/* What a loop's equations are computed from decides which one is solved for first. */
TEST(Optimisation, ChangesNoBitOfLoopsThatReadFoldedNumbers) {
  for (const char* number : {"1.1", "1.3", "2.3", "3.7"}) {
    const Experiment experiment = experiment_of(
        "input n = " + std::string(number) +
            "\nv = 1.3 * 2.7\nl = 0.3 * m + n / 3\nm = 0.7 * l - v\noutput l\noutput m\n",
        2);
    EXPECT_TRUE(same_bits(samples_of(plain(experiment)), samples_of(experiment))) << number;
  }
}

/* A loop that reads nothing of its step but where it starts, and formulas of its own beside. */
TEST(Optimisation, ChangesNoBitOfLoopsOverTime) {
  for (const char* method : {"auto", "newton", "gauss_seidel", "jacobi"}) {
    const Experiment experiment =
        experiment_of("steps 5\nsolve method " + std::string(method) +
                          "\ninput j = 1.3\nx[t] = 0.3 * tanh(x[t]) + (j + 2) * 0.1 * y[t]\n"
                          "y[t] = 0.2 * (1.5 * 2) * x[t] - sqrt(j * 3)\noutput x[t]\n",
                      2);
    EXPECT_TRUE(same_bits(samples_of(plain(experiment)), samples_of(experiment))) << method;
  }
}

/* Of two inputs with wrong parameters the same one is told. */
TEST(Optimisation, ChangesNoErrorOfParameters) {
  Experiment experiment = experiment_of(
      "steps 9\ndata d(a)\ninput j ~ bootstrap(d)\ninput u0[t] ~ gamma(-sd(d.a) + 1e-3, 0.5)\n"
      "input u1[t] ~ lognormal(-j, 0.5)\nv = if(0 > avg(u1[*]), 1, 1)\n"
      "x[2] = 1\nx[t] = max(0, u0[t] % 1)\n");
  experiment.data.push_back(table_of("d", {"a"}, {{1, 2, 5}}));
  const std::string wanted =
      "input \"u0\": gamma(shape, rate): shape must be greater than 0, is -2.080665999466133";
  for (const Experiment& each : {experiment, plain(experiment)})
    EXPECT_EQ(refusal_of([&] { converge_all(each); }).message, wanted);
}

TEST(Optimisation, ComputesOnceWhatItCan) {
  const std::string source =
      "input a ~ uniform(0, 1)\nb = 2 * 3 + a * a\nc = a * a - 2 * 3\noutput d = b * exp(c)\n";
  EXPECT_EQ(count(program_of(source, Optimisation::on).trial, ActionKind::operation), 4u)
      << "a * a, its difference with 6, exp, and the sum with 6 times that";
  EXPECT_EQ(count(program_of(source, Optimisation::off).trial, ActionKind::operation), 8u);
}

TEST(Optimisation, ComputesAsRarelyAsItCan) {
  const std::string source =
      "steps 9\ninput k = 2\ninput a ~ uniform(0, 1)\nx[0] = 0\n"
      "x[t] = x[t-1] + sin(a) / cos(k)\noutput y = x[last]\n";
  const Program fast = program_of(source, Optimisation::on);
  EXPECT_EQ(count(fast.once, ActionKind::operation), 1u);
  EXPECT_EQ(count(fast.trial, ActionKind::operation), 2u);
  EXPECT_EQ(count(fast.phases.back().actions, ActionKind::operation), 1u);
  const Program slow = program_of(source, Optimisation::off);
  EXPECT_EQ(slow.once.size(), 0u);
  EXPECT_EQ(count(slow.trial, ActionKind::operation), 0u);
  EXPECT_EQ(count(slow.phases.back().actions, ActionKind::operation), 4u);
}

TEST(RowLayouts, HoldTheColumnsByRowAndAreShared) {
  const DataTable table = table_of("d", {"a", "b", "c"}, {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
  RowLayouts layouts;
  const RowLayout plain = layouts.find(0, table, {2, 0}, 1);
  EXPECT_EQ(*plain, (std::vector<double>{7, 1, 8, 2, 9, 3}));
  const RowLayout blocks = layouts.find(0, table, {0}, 2);
  EXPECT_EQ(*blocks, (std::vector<double>{1, 2, 3, 1}));
  EXPECT_EQ(*layouts.find(0, table, {0}, 100), (std::vector<double>{1, 2, 3, 1, 2}));
  EXPECT_EQ(layouts.find(0, table, {2, 0}, 1), plain);
  EXPECT_NE(layouts.find(1, table, {2, 0}, 1), plain);
}

TEST(Optimisation, FusesCheapOperationsAndColumnsOfARow) {
  const std::string source =
      "data d(a, b, c, e)\ninput (a, b, c, e) ~ bootstrap(d)\n"
      "output x = max(0, a - b * c) * (1 + (0.5 * a + 0.5 * e))\n";
  const Program fast = program_of(source, Optimisation::on);
  EXPECT_EQ(count(fast.trial, ActionKind::gather), 2u) << "three columns and one";
  EXPECT_EQ(count(fast.trial, ActionKind::operation), 5u);
  const Program slow = program_of(source, Optimisation::off);
  EXPECT_EQ(count(slow.trial, ActionKind::gather), 4u);
  EXPECT_EQ(count(slow.trial, ActionKind::operation), 8u);
  EXPECT_GT(slow.register_count, fast.register_count);
}

}  // namespace
}  // namespace sim::testing
