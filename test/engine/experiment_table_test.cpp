/*
 * experiment_table_test.cpp -- what is the same in all trials of a step is computed once for all
 * trials, with the bits it would have in each of them.
 */
#include <gtest/gtest.h>

#include "execute_testing.hpp"
#include "experiment_step_models.hpp"
#include "experiment_testing.hpp"
#include "language/diagnostics.hpp"
#include "model/compile.hpp"

namespace sim::testing {
namespace {

Program program_of(const std::string& source, Optimisation optimisation = Optimisation::on,
                   Chance chance = Chance::drawn) {
  Diagnostics diagnostics;
  const Model model = analyse_model(source, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << render_errors(diagnostics, source);
  return compile_program(model, model.outputs, chance, {}, optimisation);
}

std::size_t count(const ActionList& actions, ActionKind kind) {
  return static_cast<std::size_t>(std::count_if(
      actions.begin(), actions.end(), [&](const Action& action) { return action.kind == kind; }));
}

const ActionList& usual_step(const Program& program) { return program.phases.back().actions; }
const ActionList& usual_row(const Program& program) {
  return program.table_phases.back().phase.actions;
}

Samples without_optimisation(Experiment experiment, std::uint32_t scenario = 0) {
  experiment.optimisation = Optimisation::off;
  return samples_of(Simulation(experiment), scenario);
}

constexpr const char* kDrawn = "input u[t] ~ normal(0, 1)\ninput rate = 0.03\n";

TEST(StepTable, HoldsWhatReadsTheStepAndParameters) {
  const Program program = program_of(
      std::string("steps 9\n") + kDrawn +
      "discount[t] = (1 + rate) ^ (-t / 12)\ncost[t] = u[t] * discount[t]\noutput cost[t]\n");
  EXPECT_EQ(program.table_width, 1u);
  EXPECT_EQ(count(usual_step(program), ActionKind::tabled), 1u);
  EXPECT_EQ(count(usual_step(program), ActionKind::operation), 1u);
  EXPECT_GE(count(usual_row(program), ActionKind::operation), 2u);
}

TEST(StepTable, HoldsWhatLooksBackAtSuchValues) {
  const Program program = program_of(
      std::string("steps 9\n") + kDrawn +
      "index[0] = 1\nindex[t] = index[t-1] * (1 + rate)\nold[t] = if(t > 2, index[t-2], 0)\n"
      "x[0] = 0\nx[t] = x[t-1] + u[t] * index[t] + old[t]\noutput y = x[last]\n");
  EXPECT_EQ(program.table_width, 2u);
  EXPECT_EQ(count(usual_step(program), ActionKind::operation), 2u) << "a product and two sums";
}

TEST(StepTable, LeavesOutWhatADrawReaches) {
  const Program program = program_of(
      std::string("steps 9\n") + kDrawn +
      "a[0] = 1\na[t] = a[t-1] * 1.5\nb[0] = 0\nb[t] = b[t-1] + c[t-1] + a[t]\n"
      "c[0] = 0\nc[t] = u[t] * 2\nd[0] = 1\nd[t] = if(t > 3, b[3], 0) * 2\noutput d[t]\n");
  EXPECT_EQ(program.table_width, 2u) << "a, and whether t > 3";
}

TEST(StepTable, HoldsLoopsAndAggregatesOfSuchValues) {
  const Program program =
      program_of(std::string("steps 9\n") + kDrawn +
                 "g[t] = cos(g[t]) * rate + t / 100\nx[t] = g[t] * u[t]\noutput x[t]\n"
                 "output y = sum(g[*]) * x[3]\n");
  EXPECT_EQ(count(usual_step(program), ActionKind::solve), 0u);
  EXPECT_EQ(count(usual_row(program), ActionKind::solve), 1u);
  ASSERT_EQ(program.aggregates.size(), 1u);
  EXPECT_TRUE(program.aggregates[0].same_in_trials);
  ASSERT_EQ(program.captures.size(), 1u);
  EXPECT_FALSE(program.captures[0].same_in_trials);
}

TEST(StepTable, IsMadeForTrialsOnly) {
  const std::string source = std::string("steps 9\n") + kDrawn +
                             "discount[t] = (1 + rate) ^ -t\ncost[t] = u[t] * discount[t]\n"
                             "output cost[t]\n";
  EXPECT_TRUE(program_of(source, Optimisation::off).table_phases.empty());
  EXPECT_TRUE(program_of(source, Optimisation::on, Chance::means).table_phases.empty());
  EXPECT_TRUE(program_of("steps 9\nx[t] = exp(t)\noutput x[t]\n").table_phases.empty())
      << "one trial is computed of what draws nothing";
}

TEST(StepTable, IsLeftOutWhereItWouldBeTooLarge) {
  const std::string rules = std::string(kDrawn) +
                            "a[t] = exp(rate * t / 1e6)\nb[t] = ln(1 + t)\nx[0] = 0\n"
                            "x[t] = x[t-1] + a[t] * u[t] + b[t]\noutput y = x[last]\n"
                            "output z = sum(b[*]) + a[last] + u[2]\n";
  const std::string fits = "steps " + std::to_string(kMaxTableValues / 2 - 1) + "\n" + rules;
  const std::string exceeds = "steps " + std::to_string(kMaxTableValues / 2) + "\n" + rules;
  EXPECT_EQ(program_of(fits).table_width, 2u);
  EXPECT_TRUE(program_of(exceeds).table_phases.empty());
  for (const std::string& source : {fits, exceeds}) {
    const Experiment experiment = experiment_of(source, 3);
    EXPECT_TRUE(same_bits(without_optimisation(experiment), samples_of(experiment)));
  }
}

TEST(StepTable, IsMadeAnewForEachScenario) {
  Experiment experiment =
      experiment_of(std::string("steps 20\n") + kDrawn +
                        "input k[t] = rate * t\nindex[0] = 1\nindex[t] = index[t-1] * (1 + k[t])\n"
                        "x[0] = 0\nx[t] = 0.5 * x[t-1] + u[t] * index[t]\noutput x[t] every 5\n"
                        "output index[t] every 4\noutput m = max(index[*]) + index[7]\n",
                    300);
  experiment.scenarios.push_back({"high", {{"rate", 0.2}}});
  experiment.scenarios.push_back({"drawn", {{"rate", "~ uniform(0.1, 0.2)"}}});
  experiment.scenarios.push_back({"low", {{"rate", -0.1}}});
  const Simulation simulation(experiment);
  for (const std::uint32_t scenario : {0u, 1u, 0u, 3u, 2u, 1u})
    EXPECT_TRUE(
        same_bits(without_optimisation(experiment, scenario), samples_of(simulation, scenario)))
        << scenario;
}

Experiment random_experiment(std::uint64_t seed) {
  Experiment experiment = experiment_of(StepModel(seed).text(), 150, seed);
  experiment.data.push_back(
      table_of("rows_", {"a", "b"}, {{1, -2, 0.5, 3, 0, 7}, {0.25, 4, -1, 2, 8, -0.5}}));
  experiment.scenarios.push_back({"other", {{"k0", 0.75}, {"k1", -2.0}}});
  experiment.scenarios.push_back({"drawn", {{"k1", "~ normal(1, 1)"}}});
  return experiment;
}

/* Whether the program of a random model has a table. */
bool is_tabled(const std::string& source) {
  Diagnostics diagnostics;
  const Model model = analyse_model(source, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << render_errors(diagnostics, source) << source;
  const DataTable rows = table_of("rows_", {"a", "b"}, {{1, 2}, {3, 4}});
  return !compile_program(model, model.outputs, Chance::drawn, std::span(&rows, 1))
              .table_phases.empty();
}

TEST(StepTable, ChangesNoBitOfRandomModels) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Experiment experiment = random_experiment(seed);
    Simulation narrow(experiment);
    narrow.set_batch_lanes(8);
    const Simulation usual(experiment);
    Experiment plain = experiment;
    plain.optimisation = Optimisation::off;
    const Simulation slow(plain);
    for (const std::uint32_t scenario : {0u, 1u, 2u}) {
      const Samples wanted = samples_of(slow, scenario);
      ASSERT_TRUE(same_bits(wanted, samples_of(usual, scenario))) << "seed " << seed << "\n"
                                                                  << experiment.source;
      ASSERT_TRUE(same_bits(wanted, samples_of(narrow, scenario))) << "seed " << seed << "\n"
                                                                   << experiment.source;
    }
    EXPECT_TRUE(is_tabled(experiment.source)) << "seed " << seed;
  }
}

TEST(StepTable, HasTheSameBitsOnEveryInstructionSet) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Experiment experiment = random_experiment(seed);
    const Samples wanted = samples_of(experiment);
    on_each_instruction_set([&] { EXPECT_TRUE(same_bits(samples_of(experiment), wanted)); });
  }
}

}  // namespace
}  // namespace sim::testing
