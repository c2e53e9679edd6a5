/*
 * experiment_converge_test.cpp -- converging: at the means, many scenarios at once, every formula
 * at every step.
 */
#include <gtest/gtest.h>

#include <cmath>

#include "experiment/inspect.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

TEST(Converge, PutsUncertainInputsAtTheirMeans) {
  const std::string model =
      "input mu = 3\ninput a ~ normal(mu * 2, 5)\ninput b ~ exponential(4)\n"
      "input c ~ triangular(0, 3, 6)\ninput d ~ normal(a + b, 1)\ninput e ~ bernoulli(0.25)\n"
      "y = a\nz = b\nw = c\nv = d\nu = e\n";
  const ConvergeResult result = converge_all(experiment_of(model));
  EXPECT_EQ(value_of(result, "y"), 6);
  EXPECT_EQ(value_of(result, "z"), 0.25);
  EXPECT_EQ(value_of(result, "w"), 3);
  EXPECT_EQ(value_of(result, "v"), 6.25);
  EXPECT_EQ(value_of(result, "u"), 0.25);
}

TEST(Converge, TakesParametersThatAreComputedFromOtherMeans) {
  const std::string source =
      "input d ~ normal(7, 1)\ninput e ~ uniform(d - 1, d + 3)\n"
      "x = e * 2 - 20\ny = exp(x) + d\nz = x * y - sqrt(y)\n";
  EXPECT_EQ(converged(source, "x"), -4) << "e stands at 8";
  EXPECT_EQ(converged(source, "z"),
            -4 * converged(source, "y") - std::sqrt(converged(source, "y")));
}

TEST(Converge, PutsRowsOfDataAtTheMeanOfTheirColumn) {
  Experiment experiment = experiment_of(
      "steps 3\ndata m(s, b)\ninput (x[t], y[t]) ~ bootstrap(m, block => 2)\n"
      "input h[t] ~ historical(m.b)\ninput e ~ empirical(m.s)\ninput k[t] ~ series(m.s)\n"
      "p[t] = x[t]\nq[t] = y[t] + h[t]\nr = e\nc[t] = k[t]\n");
  experiment.data.push_back(table_of("m", {"s", "b"}, {{1, 2, 6}, {10, 20, 30}}));
  const ConvergeResult result = converge_all(experiment);
  EXPECT_EQ(value_of(result, "p", 2), 3);
  EXPECT_EQ(value_of(result, "q", 3), 40);
  EXPECT_EQ(value_of(result, "r"), 3);
  EXPECT_EQ(value_of(result, "c", 3), 6) << "a series is certain";
}

TEST(Converge, GivesEveryFormulaInTheOrderOfTheTextAndEveryStep) {
  const ConvergeResult result = converge_all(
      experiment_of("steps 2\nz = sum(x[*])\nx[0] = 1\nx[t] = x[t-1] + 1\noutput a = 5\n"));
  std::vector<std::string> found;
  for (const ConvergedValue& value : result.values)
    found.push_back(result.names[value.variable] + ":" + std::to_string(value.step));
  EXPECT_EQ(found, (std::vector<std::string>{"z:-1", "x:0", "x:1", "x:2", "a:-1"}));
  EXPECT_EQ(value_of(result, "z"), 6);
}

TEST(Converge, OfManyScenariosEqualsOneByOneToTheBit) {
  const std::string model =
      "input energy = 80\ninput k = 0.3\n"
      "disposal = 0.8 * 100 + co2\nco2 = 0.1 * energy + 0.05 * disposal\n"
      "x = k * cos(x) + co2 / 100\ntotal = disposal + x\n";
  Experiment together = experiment_of(model);
  for (int i = 1; i < 1000; ++i)
    together.scenarios.push_back(
        {"s" + std::to_string(i), {{"energy", 0.5 * i}, {"k", 0.001 * i - 0.3}}});
  const ConvergeResult all = converge_all(together);
  ASSERT_EQ(all.values.size(), 4000u);
  ASSERT_EQ(all.loops.size(), 2000u);
  for (std::uint32_t s = 0; s < 1000; s += 7) {
    Experiment alone = together;
    alone.scenarios = {together.scenarios[s]};
    const ConvergeResult one = converge_all(alone);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(all.values[4 * s + i].scenario, s);
      EXPECT_EQ(all.values[4 * s + i].variable, one.values[i].variable);
      EXPECT_TRUE(same_bits(all.values[4 * s + i].value, one.values[i].value));
    }
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(all.loops[2 * s + i].iterations, one.loops[i].iterations);
      EXPECT_TRUE(same_bits(all.loops[2 * s + i].contraction, one.loops[i].contraction));
    }
  }
}

TEST(Converge, OfMixedStructuresKeepsTheOrderOfScenarios) {
  Experiment experiment = experiment_of("input x = 1\ninput y ~ normal(2, 1)\nz = x + y\n");
  experiment.scenarios.push_back({"text", {{"x", "y * 10"}}});
  experiment.scenarios.push_back({"number", {{"x", 5.0}}});
  experiment.scenarios.push_back({"draw", {{"x", "~ uniform(0, 1)"}}});
  const ConvergeResult result = converge_all(experiment);
  const double wanted[] = {3, 22, 7, 2.5};
  ASSERT_EQ(result.values.size(), 4u);
  for (std::uint32_t s = 0; s < 4; ++s) {
    EXPECT_EQ(result.values[s].scenario, s);
    EXPECT_EQ(result.values[s].value, wanted[s]);
  }
}

TEST(Converge, AgreesWithSamplingWhereNothingIsUncertain) {
  const std::string model =
      "steps 6\ninput rate = 0.06\ndebt[0] = 1000\n"
      "interest[t] = rate * (debt[t-1] + debt[t]) / 2\n"
      "debt[t] = debt[t-1] + interest[t] - 150\ny = sum(interest[*])\n";
  const ConvergeResult result = converge_all(experiment_of(model));
  const Simulation simulation(experiment_of(model, 3));
  const Samples samples = samples_of(simulation);
  for (std::size_t slot = 0; slot < samples.size(); ++slot) {
    const Slot& reported = simulation.slots()[slot];
    EXPECT_NEAR(value_of(result, reported.output, reported.step), samples[slot][0], 1e-10);
  }
}

TEST(Describe, TellsVariablesDependenciesLoopsAndData) {
  const ModelDescription model =
      describe_model("m",
                     "steps 3 year\ndata d(a, b)\ninput rate = 0.1 unit '%' range 0 to 1 'yearly'\n"
                     "input r[t] ~ bootstrap(d.a, block => 2)\n\n"
                     "x[0] = 1\nx[t] = x[t-1] * (1 + r[t]) + 0.1 * y[t]\ny[t] = rate * x[t]\n"
                     "output z = sum(x[*] * y[*])\n");
  EXPECT_EQ(model.steps, 3);
  EXPECT_EQ(model.step_label, "year");
  EXPECT_TRUE(model.uncertain);
  ASSERT_EQ(model.variables.size(), 5u);
  EXPECT_EQ(model.variables[0].name, "rate");
  EXPECT_EQ(model.variables[0].definition, "0.1");
  EXPECT_EQ(model.variables[0].unit, "%");
  EXPECT_EQ(model.variables[0].description, "yearly");
  EXPECT_EQ(model.variables[0].range_high, 1);
  EXPECT_EQ(model.variables[0].line, 3);
  EXPECT_EQ(model.variables[1].definition, "~ bootstrap(d.a, block => 2)");
  EXPECT_TRUE(model.variables[1].uncertain);
  EXPECT_EQ(model.variables[2].definition, "[0] = 1\nx[t-1] * (1 + r[t]) + 0.1 * y[t]");
  EXPECT_EQ(model.variables[2].line, 6);
  EXPECT_EQ(model.variables[3].kind, "formula");
  EXPECT_EQ(model.variables[4].kind, "output");
  EXPECT_EQ(model.variables[4].line, 9);
  std::vector<std::string> dependencies;
  for (const DependencyRow& row : model.dependencies)
    dependencies.push_back(row.variable + "<" + row.depends_on + std::to_string(row.lag));
  EXPECT_EQ(dependencies, (std::vector<std::string>{"r<d0", "x<x1", "x<r0", "x<y0", "y<rate0",
                                                    "y<x0", "z<x-1", "z<y-1"}));
  ASSERT_EQ(model.loops.size(), 1u);
  EXPECT_EQ(model.loops[0].variables, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(model.loops[0].method, "direct");
  EXPECT_TRUE(model.loops[0].linear);
  ASSERT_EQ(model.data.size(), 1u);
  EXPECT_TRUE(model.data[0].ordered);
  EXPECT_EQ(model.outputs, std::vector<std::string>{"z"});
}

TEST(Converge, BeginsAgainWithOtherNumbers) {
  const Experiment experiment = experiment_of(
      "input a = 1 range 0 to 9\ninput b ~ normal(a, 1)\nx = a + 0.5 * y\ny = b + cos(x)\n");
  ScenarioSolver solver(experiment);
  std::vector<Scenario> scenarios = {{"base", {{"a", 2.0}}}, {"other", {{"a", 3.0}, {"b", 4.0}}}};
  Unstoppable control;
  const auto values_of = [&](ScenarioSolver& solving) {
    std::vector<double> values;
    while (solving.next(control))
      for (const SolvedScenario& each : solving.solved())
        values.insert(values.end(), each.values.begin(), each.values.end());
    return values;
  };
  solver.begin(scenarios, Unsolved::refuse);
  const std::vector<double> before = values_of(solver);
  for (const double a : {0.25, 8.5, 2.0}) {
    scenarios[0].overrides[0].value = a;
    scenarios[1].overrides[1].value = 6 - a;
    solver.begin_again();
    const std::vector<double> again = values_of(solver);
    ScenarioSolver anew(experiment);
    anew.begin(scenarios, Unsolved::refuse);
    EXPECT_EQ(again, values_of(anew));
  }
  EXPECT_TRUE(values_of(solver).empty()) << "all are solved";
  scenarios[0].overrides[0].value = 9.5;
  EXPECT_EQ(refusal_of([&] { solver.begin_again(); }).kind, ErrorKind::out_of_range);
  scenarios[0].overrides[0].value = 2.0;
  scenarios[1].overrides[1].value = 4.0;
  solver.begin_again();
  EXPECT_EQ(values_of(solver), before);
}

/* A loop over time that reads nothing of its step is solved once, at step 0 in each report. */
TEST(Converge, ReportsTheSameStepOfALoopWhenItBeginsAgain) {
  const Experiment experiment =
      experiment_of("steps 4\ninput k = 1\nx[t] = 0.5 * x[t] + k\ny[t] = x[t] + t\n");
  ScenarioSolver solver(experiment);
  Unstoppable control;
  solver.begin(experiment.scenarios, Unsolved::report);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(solver.next(control));
    ASSERT_EQ(solver.loops().size(), 1u);
    EXPECT_EQ(solver.loops()[0].step, 0) << "round " << round;
    solver.begin_again();
  }
}

TEST(Describe, RefusesAWrongModelWithAllItsErrors) {
  const Refusal refusal = refusal_of([] { describe_model("m", "y = enery + 1\nz = 2 +\n"); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_model);
  EXPECT_EQ(refusal.message, "model \"m\" has 2 errors");
  EXPECT_NE(refusal.detail.find("line 1, column 5: unknown name \"enery\""), std::string::npos);
}

TEST(Explain, TellsWhatIsComputedWhenAndHowMuch) {
  const std::vector<ExplainRow> rows = explain_experiment(experiment_of(
      "input k = 2\ninput e ~ normal(80, 12)\nfixed = k * 3\na = fixed + 0.1 * b + e\nb = 0.5 * a\n"
      "output total = a + b\n",
      100000));
  std::string text;
  for (const ExplainRow& row : rows) text += row.what + ": " + row.how + "\n";
  EXPECT_NE(text.find("once: k, fixed"), std::string::npos) << text;
  EXPECT_NE(text.find("per trial: e drawn by inversion"), std::string::npos) << text;
  EXPECT_NE(text.find("loop {a, b}: linear, solved directly"), std::string::npos) << text;
  EXPECT_NE(text.find("work: 100000 trials in 98 leaves of 1024"), std::string::npos) << text;
}

}  // namespace
}  // namespace sim::testing
