/*
 * experiment_scale_test.cpp -- large and odd texts: time that grows with the text, memory that has
 * a limit.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "experiment/inspect.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

/* Of this process: what else the machine does must not matter. */
template <class Action>
double seconds(const Action& action) {
  const std::clock_t start = std::clock();
  action();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/* Twice the text may take twice the time, and a little for a busy machine; not four times. */
template <class Action>
void expect_linear(const Action& of_size, int size) {
  of_size(size / 4);
  const double small =
      std::min(seconds([&] { of_size(size / 4); }), seconds([&] { of_size(size / 4); }));
  const double large = seconds([&] { of_size(size); });
  EXPECT_LT(large, 12 * small + 0.25) << small << " s for a quarter";
}

std::string numbered(const char* stem, int i) { return stem + std::to_string(i); }

std::string chain(int length) {
  std::string text = "input a0 = 1\n";
  for (int i = 1; i <= length; ++i)
    text += numbered("a", i) + " = " + numbered("a", i - 1) + " + 1\n";
  return text + "output " + numbered("a", length) + "\n";
}

TEST(Size, ALongChainOfScalarsIsLinear) {
  EXPECT_EQ(samples_of(experiment_of(chain(100000), 1))[0][0], 100001);
  expect_linear([](int n) { check_model(chain(n)); }, 100000);
}

TEST(Size, AChainWrittenBackwardsIsLinear) {
  expect_linear(
      [](int n) {
        std::string text;
        for (int i = n; i > 0; --i)
          text += numbered("a", i) + " = " + numbered("a", i - 1) + " + 1\n";
        check_model(text + "input a0 = 1\n");
      },
      100000);
}

TEST(Size, ManyOutputsAreLinear) {
  const auto text = [](int n) {
    std::string lines;
    for (int i = 0; i < n; ++i)
      lines += "output " + numbered("y", i) + " = " + std::to_string(i) + " * x\n";
    return lines + "input x ~ normal(0, 1)\n";
  };
  expect_linear([&](int n) { describe_model("m", text(n)); }, 60000);
  expect_linear([&](int n) { Simulation simulation(experiment_of(text(n), 1)); }, 60000);
}

TEST(Size, ManyErrorsAreToldInLinearTime) {
  expect_linear(
      [](int n) {
        std::string text;
        for (int i = 0; i < n; ++i) text += "x = 1\n";
        EXPECT_EQ(static_cast<int>(check_model(text).size()), n - 1);
      },
      8000);
}

TEST(Size, ThousandsOfUnknownNamesAreToldSoonAndNotAll) {
  std::string text;
  for (int i = 0; i < 8000; ++i)
    text += numbered("variable_number_", i) + " = 2 * " + numbered("unknown_thing_", i) + "\n";
  std::vector<CheckRow> rows;
  EXPECT_LT(seconds([&] { rows = check_model(text); }), 3);
  EXPECT_GT(rows.size(), 900u);
  EXPECT_LT(rows.size(), 1100u);
  std::string sum = "y = 0";
  for (int i = 0; i < 8000; ++i) sum += " + " + numbered("unknown_thing_", i);
  EXPECT_LT(seconds([&] { rows = check_model(sum + "\n"); }), 3);
  EXPECT_EQ(rows.size(), 1000u);
}

TEST(Size, ManyStepsWithRulesOfTheirOwnAreLinear) {
  expect_linear(
      [](int n) {
        std::string text = "steps 100000\n";
        for (int i = 0; i < n; ++i)
          text += "x[" + std::to_string(i) + "] = " + std::to_string(i) + "\n";
        check_model(text + "x[t] = x[t-1] + 1\ny[t] = x[t] * 2\nz = sum(y[*])\n");
      },
      20000);
}

TEST(Size, ManySingleStepsReadAreLinear) {
  expect_linear(
      [](int n) {
        std::string text = "steps 100000\nx[0] = 1\nx[t] = x[t-1] + 1\n";
        for (int i = 0; i < n; ++i) text += numbered("y", i) + " = x[" + std::to_string(i) + "]\n";
        check_model(text);
      },
      40000);
}

TEST(Size, LongFormulasAreLinear) {
  expect_linear(
      [](int n) {
        std::string text = "steps 10\nx[t] = t\ny = 0";
        for (int i = 0; i < n; ++i) text += " + sum(x[*])";
        check_model(text + "\n");
      },
      20000);
  expect_linear(
      [](int n) {
        std::string text = "input d ~ discrete(0, 1";
        for (int i = 1; i < n; ++i) text += ", " + std::to_string(i) + ", 1";
        check_model(text + ")\ny = d\n");
      },
      20000);
}

TEST(Size, ManyFunctionsAreLinear) {
  expect_linear(
      [](int n) {
        std::string text;
        for (int i = 0; i < n; ++i)
          text += "function " + numbered("f", i) + "(x) = " + numbered("f", i + 1) + "(x)\n";
        check_model(text + "function " + numbered("f", n) + "(x) = x\ny = f0(1)\n");
      },
      8000);
}

TEST(Size, ALoopOfManyFormulasIsFound) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += numbered("a", i) + " = 0.9 * " + numbered("a", (i + 1) % 300) + " + 1\n";
  const ConvergeResult result = converge_all(experiment_of(text));
  ASSERT_EQ(result.loops.size(), 1u);
  EXPECT_NEAR(value_of(result, "a0"), 10, 1e-9);
}

TEST(Limits, OfStepsAreTold) {
  const std::vector<CheckRow> rows = check_model("steps 20000000\nx[t] = t\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message, "at most 10000000 steps are possible");
  Experiment experiment = experiment_of("steps 500\nx[t] = t\n", 1);
  experiment.max_steps = 400;
  EXPECT_EQ(refusal_of([&] { Simulation simulation(experiment); }).message,
            "model \"m@1\" has 500 steps, more than sim.max_steps allows: 400");
}

TEST(Limits, OfRegistersStopLongLooksBack) {
  const std::string text =
      "steps 10000000\nx[t] = if(t > 9000000, x[t-9000000], 1)\noutput y = x[last]\n";
  const std::vector<CheckRow> rows = check_model(text);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message, "the model keeps more than 1,000,000 values of a trial at a time");
  EXPECT_EQ(refusal_of([&] { Simulation simulation(experiment_of(text, 1)); }).kind,
            ErrorKind::limit_exceeded);
}

TEST(Limits, OfReportedNumbersAreTold) {
  const Refusal refusal =
      refusal_of([] { Simulation simulation(experiment_of("steps 5000000\nx[t] = t\n", 1)); });
  EXPECT_EQ(refusal.kind, ErrorKind::limit_exceeded);
  EXPECT_EQ(refusal.hint, "Report fewer steps: output x[t] every 12.");
}

TEST(Limits, OfFunctionsThatExpandWithoutEndAreTold) {
  std::string text = "function f0(x) = x + 0.5\n";
  for (int i = 1; i <= 60; ++i)
    text += "function " + numbered("f", i) + "(x) = " + numbered("f", i - 1) + "(x + 1) * " +
            numbered("f", i - 1) + "(x * 2)\n";
  const std::vector<CheckRow> rows = check_model(text + "input z = 1\ny = f60(z)\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NE(rows[0].message.find("the model expands to more than"), std::string::npos);
}

TEST(Limits, OfFunctionNestingAreTold) {
  std::string text = "function f0(x) = x\n";
  for (int i = 1; i <= 200; ++i)
    text += "function " + numbered("f", i) + "(x) = " + numbered("f", i - 1) + "(x)\n";
  const std::vector<CheckRow> rows = check_model(text + "y = f200(1)\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message, "functions call each other more than 100 levels deep");
}

TEST(Time, OfManyStepsTakesNoMemoryForThem) {
  const Experiment experiment =
      experiment_of("steps 2000000\nx[0] = 0\nx[t] = x[t-1] + 1\noutput y = x[last]\n", 1);
  EXPECT_EQ(samples_of(experiment)[0][0], 2000000);
}

}  // namespace
}  // namespace sim::testing
