/*
 * execute_machine_test.cpp -- time, aggregates over it, missing steps, cancellation.
 */
#include "execute/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

double first_of(const std::string& source, std::string_view output = "y", std::int64_t step = -1) {
  return samples_of(experiment_of(source, 1), output, step)[0];
}

/* Answers yes from the n-th question on. */
class StopAfter final : public Control {
 public:
  explicit StopAfter(int questions) : left_(questions) {}
  bool stop_requested() noexcept override { return left_-- <= 0; }
  int left() const { return left_; }

 private:
  int left_;
};

TEST(TimeAggregates, CoverTheStepsThatExist) {
  const std::string steps =
      "steps 4\nx[t] = t + 1\nlate[0] = 9\nlate[t] = late[t-1] + 1\n"
      "diff[t] = late[t-1] + t\n";
  EXPECT_EQ(first_of(steps + "y = sum(x[*])\noutput y\n"), 15);
  EXPECT_EQ(first_of(steps + "y = avg(x[*])\noutput y\n"), 3);
  EXPECT_EQ(first_of(steps + "y = min(x[*]) * 10 + max(x[1..3])\noutput y\n"), 14);
  EXPECT_EQ(first_of(steps + "y = sum(diff[*])\noutput y\n"), 9 + 10 + 11 + 12 + 10);
  EXPECT_EQ(first_of(steps + "y = avg(diff[0..2])\noutput y\n"), (10 + 12) / 2.0);
  EXPECT_EQ(first_of(steps + "y = sum(x[2..last] * late[2..last])\noutput y\n"),
            3 * 11 + 4 * 12 + 5 * 13);
  EXPECT_EQ(first_of(steps + "y = sum(x[t-1] + 0)\noutput y\n"), 1 + 2 + 3 + 4);
}

TEST(TimeAggregates, OfConditionsAreFirstStepAnyAndAll) {
  const std::string steps = "steps 4\nx[t] = t\n";
  EXPECT_EQ(first_of(steps + "y = first_step(x[t] >= 3)\noutput y\n"), 3);
  EXPECT_EQ(first_of(steps + "y = first_step(x[t] > 9)\noutput y\n"), 5);
  EXPECT_EQ(first_of(steps + "y = first_step(x[*] >= 0)\noutput y\n"), 0);
  EXPECT_EQ(first_of(steps + "y = any(x[t] = 2) + 2 * any(x[t] = 7)\noutput y\n"), 1);
  EXPECT_EQ(first_of(steps + "y = all(x[t] < 5) + 2 * all(x[t] < 4)\noutput y\n"), 1);
}

TEST(TimeAggregates, FailWithAFailedValueWhereItCounts) {
  const std::string steps = "steps 4\nx[t] = if(t = 2, ln(-1), t)\n";
  for (const char* function : {"sum", "avg", "min", "max"})
    EXPECT_TRUE(std::isnan(first_of(steps + "y = " + function + "(x[*])\noutput y\n")));
  EXPECT_TRUE(std::isnan(first_of(steps + "y = any(x[*] > 0)\noutput y\n")));
  EXPECT_EQ(first_of(steps + "y = first_step(x[*] > 0)\noutput y\n"), 1);
  EXPECT_TRUE(std::isnan(first_of(steps + "y = first_step(x[*] > 2)\noutput y\n")));
  EXPECT_EQ(first_of(steps + "y = sum(x[3..4])\noutput y\n"), 7);
}

TEST(TimeAggregates, OverStepsThatDoNotExistAreRefused) {
  const Refusal refusal = refusal_of(
      [] { first_of("steps 4\ninput u[t] ~ normal(0, 1)\ny = sum(u[0..0])\noutput y\n"); });
  EXPECT_NE(refusal.detail.find("reads step 0 of \"u\", which does not exist"), std::string::npos)
      << refusal.detail;
}

TEST(Time, ReadsSingleStepsBackwardsAndFromTheEnd) {
  const std::string steps = "steps 5\nx[0] = 1\nx[t] = 2 * x[t-1]\n";
  EXPECT_EQ(first_of(steps + "y = x[last] + x[last-1] + x[2] + x[0]\noutput y\n"), 53);
  EXPECT_EQ(first_of(steps + "y[t] = x[0] + if(t >= 3, x[t-3], 0)\noutput y[t]\n", "y", 5), 5);
  EXPECT_EQ(first_of("steps 5\nf[0] = 0\nf[1] = 1\nf[t] = f[t-1] + f[t-2]\ny = f[5]\noutput y\n"),
            5);
  EXPECT_EQ(first_of("steps 3\nx[0] = 5\nx[1] = x[0] + t\nx[t] = x[t-1] * t\ny = x[3]\noutput y\n"),
            36);
}

TEST(Time, MissingStepsInsideABranchAreFailedValuesOnlyWhereTaken) {
  const std::string steps = "steps 3\ninput u[t] ~ uniform(1, 1.5)\n";
  EXPECT_EQ(first_of(steps + "y[t] = if(t > 5, u[t-2], 7)\noutput y[t]\n", "y", 1), 7);
  EXPECT_TRUE(std::isnan(first_of(steps + "y[t] = if(t > 0, u[t-2], 7)\noutput y[t]\n", "y", 1)));
  EXPECT_TRUE(
      std::isfinite(first_of(steps + "y[t] = if(t > 2, u[t-2], 7)\noutput y[t]\n", "y", 3)));
  EXPECT_EQ(first_of(steps + "y[t] = if(t > 0, u[t], 7)\noutput y[t]\n", "y", 0), 7);
}

TEST(Time, ReportsEverySoManySteps) {
  const Simulation simulation(experiment_of("steps 7\nx[t] = t\noutput x[t] every 3\n", 1));
  std::vector<std::int64_t> steps;
  for (const Slot& slot : simulation.slots()) steps.push_back(slot.step);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{0, 3, 6}));
  const Samples samples = samples_of(simulation);
  EXPECT_EQ(samples[2][0], 6);
}

TEST(Time, StepsWithoutTheRuleOfADrawDoNotDisturbItsBlocks) {
  // The blocks of r begin at steps 1, 4, 7; at steps 1 and 4 nothing reads r.
  const std::string rows = "steps 8\ndata d(a)\ninput r[t] ~ bootstrap(d, block => 3)\n";
  Experiment sparse = experiment_of(
      rows + "x[0] = 0\nx[1] = 0\nx[4] = 0\nx[t] = x[t-1] * 0 + r[t]\noutput x[t]\n", 600);
  Experiment full = experiment_of(rows + "output r[t]\n", 600);
  for (Experiment* experiment : {&sparse, &full})
    experiment->data.push_back(table_of("d", {"a"}, {{1, 2, 3, 4, 5, 6, 7}}));
  for (const std::int64_t step : {2, 3, 5, 6, 7, 8})
    EXPECT_EQ(samples_of(sparse, "x", step), samples_of(full, "r", step)) << "step " << step;
}

TEST(Cancel, StopsWithinTheStepsOfABatch) {
  const Simulation simulation(
      experiment_of("steps 100000\ninput u[t] ~ normal(0, 1)\nx[0] = 0\nx[t] = x[t-1] + u[t]\n"
                    "output y = x[last]\n",
                    1024));
  StopAfter control(20);
  std::vector<double> out(1024);
  const std::uint32_t wanted[] = {0};
  const Refusal refusal =
      refusal_of([&] { simulation.sample(simulation.chunk(0), wanted, out.data(), control); });
  EXPECT_EQ(refusal.kind, ErrorKind::cancelled);
  EXPECT_GE(control.left(), -3) << "many steps were computed after the wish to stop";
}

TEST(Cancel, StopsBetweenTheDrawsOfABatch) {
  std::string source = "output y = 0";
  for (int i = 0; i < 20; ++i) source += " + x" + std::to_string(i);
  for (int i = 0; i < 20; ++i) source += "\ninput x" + std::to_string(i) + " ~ poisson(1e9)";
  const Simulation simulation(experiment_of(source + "\n", 128));
  StopAfter control(30);  // after the draws are prepared, and before all of them are done
  std::vector<double> out(128);
  const std::uint32_t wanted[] = {0};
  const Refusal refusal =
      refusal_of([&] { simulation.sample(simulation.chunk(0), wanted, out.data(), control); });
  EXPECT_EQ(refusal.kind, ErrorKind::cancelled);
}

TEST(Cancel, StopsInsideASolver) {
  for (const char* method : {"gauss_seidel", "jacobi"}) {
    StopAfter control(10);
    const Refusal refusal = refusal_of([&] {
      converge(experiment_of("x = 0.999999 * x + 1\ny = x + 0.1 * y\n"
                             "solve tolerance 1e-300 iterations 100000 method " +
                             std::string(method) + "\n"),
               Unsolved::report, control);
    });
    EXPECT_EQ(refusal.kind, ErrorKind::cancelled) << method << refusal.message;
  }
  StopAfter control(0);
  EXPECT_EQ(
      refusal_of([&] { converge(experiment_of("x = cos(x)\n"), Unsolved::report, control); }).kind,
      ErrorKind::cancelled);
}

TEST(Cancel, LeavesTheSimulationUsable) {
  const Experiment experiment =
      experiment_of("steps 50\ninput u[t] ~ normal(0, 1)\nx[0] = 0\nx[t] = x[t-1] + u[t]\n", 2000);
  const Simulation simulation(experiment);
  std::vector<double> out(51 * 2000);
  std::vector<std::uint32_t> wanted(51);
  std::iota(wanted.begin(), wanted.end(), 0u);
  for (const int questions : {0, 1, 7, 60}) {
    StopAfter control(questions);
    EXPECT_EQ(refusal_of([&] {
                simulation.sample({0, 0, 2000}, wanted, out.data(), control);
              }).kind,
              ErrorKind::cancelled);
  }
  EXPECT_TRUE(same_bits(samples_of(simulation), samples_of(experiment)));
}

TEST(Draws, OfAListMayHaveManyValues) {
  constexpr int kValues = 200;
  std::string list;
  for (int i = 0; i < kValues; ++i)
    list += ", k + " + std::to_string(i) + ", " + std::to_string(1.0 / kValues);
  for (const char* k : {"input k = 1", "input k ~ uniform(1, 2)"}) {
    const Experiment experiment = experiment_of(
        std::string(k) + "\ninput x ~ discrete(" + list.substr(2) + ")\noutput y = x - k\n", 300);
    const std::vector<double> drawn = samples_of(experiment, "y");
    EXPECT_LT(*std::min_element(drawn.begin(), drawn.end()), 5);
    EXPECT_GT(*std::max_element(drawn.begin(), drawn.end()), kValues - 5);
    EXPECT_NEAR(value_of(converge_all(experiment), "y"), (kValues - 1) / 2.0, 1e-9);
  }
}

TEST(Draws, WithBadParametersAreErrorsWhenConstantAndFailedTrialsWhenComputed) {
  Experiment experiment =
      experiment_of("input spread = 1\ninput x ~ normal(0, spread)\ny = x\n", 5);
  experiment.scenarios[0].overrides = {{"spread", -1.0}};
  const Refusal refusal = refusal_of([&] { samples_of(experiment); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_parameter);
  EXPECT_EQ(refusal.message, "input \"x\": normal(mean, sd): sd must be greater than 0, is -1");
  experiment.trials = 0;
  EXPECT_EQ(refusal_of([&] { converge_all(experiment); }).message, refusal.message);
  for (const char* failed : {"0 / zero", "ln(-1 - zero)", "-(0 / zero)"})
    EXPECT_EQ(
        refusal_of([&] {
          samples_of(experiment_of(
              "input zero = 0\ninput x ~ normal(0, " + std::string(failed) + ")\ny = x\n", 5));
        }).message,
        "input \"x\": normal(mean, sd): sd must be a finite number, is nan");
  const std::vector<double> computed = samples_of(
      experiment_of("input s ~ uniform(-1, 1)\ninput x ~ normal(0, s)\noutput x\noutput s\n", 200),
      "x");
  const auto failed = std::count_if(computed.begin(), computed.end(),
                                    [](double value) { return std::isnan(value); });
  EXPECT_GT(failed, 60);
  EXPECT_LT(failed, 140);
}

}  // namespace
}  // namespace sim::testing
