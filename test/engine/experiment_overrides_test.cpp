/*
 * experiment_overrides_test.cpp -- what replaces inputs: numbers, arrays, texts; ranges, layers,
 * structures; refusals.
 */
#include <gtest/gtest.h>

#include <algorithm>

#include "experiment/prepare.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

constexpr const char* kModel =
    "steps 3\ninput price = 10 unit 'EUR' range 0 to 100\ninput volume ~ normal(5, 1)\n"
    "input growth[t] = 0.5\ninput noise[t] ~ uniform(0, 1)\ninput rate = price / 10\n"
    "x[0] = price\nx[t] = x[t-1] + growth[t]\nrevenue = price * volume\n"
    "output revenue\noutput x[t]\noutput noise[t]\noutput rate\n";

Experiment with(std::vector<Override> overrides, std::int64_t trials = 3) {
  Experiment experiment = experiment_of(kModel, trials);
  experiment.scenarios[0].overrides = std::move(overrides);
  return experiment;
}

double end_of_x(std::vector<Override> overrides) {
  return samples_of(with(std::move(overrides)), "x", 3)[0];
}

Refusal refusal_with(std::vector<Override> overrides) {
  return refusal_of([&] { Simulation simulation(with(std::move(overrides))); });
}

TEST(Overrides, AreNumbersArraysOrTexts) {
  EXPECT_EQ(end_of_x({}), 11.5);
  EXPECT_EQ(end_of_x({{"price", 20.0}}), 21.5);
  EXPECT_EQ(end_of_x({{"growth", 2.0}}), 16);
  EXPECT_EQ(end_of_x({{"growth", std::vector<double>{1, 2, 4}}}), 17);
  EXPECT_EQ(end_of_x({{"growth", "t * 2"}}), 22);
  EXPECT_EQ(end_of_x({{"growth", "x[t-1]"}}), 80);
  EXPECT_EQ(end_of_x({{"growth", "price / 10 + rate"}}), 16);
  EXPECT_EQ(end_of_x({{"price", "3 * 4"}}), 13.5);
}

TEST(Overrides, MakeAnInputUncertainOrCertain) {
  EXPECT_NE(samples_of(with({{"price", "~ uniform(1, 2)"}}), "revenue")[0],
            samples_of(with({}), "revenue")[0]);
  const std::vector<double> certain = samples_of(with({{"volume", 2.0}}), "revenue");
  EXPECT_EQ(certain, (std::vector<double>{20, 20, 20}));
  const std::vector<double> drawn = samples_of(with({{"growth", "~ normal(0, t)"}}), "x", 3);
  EXPECT_NE(drawn[0], drawn[1]);
}

TEST(Overrides, OfADistributionKeepTheStreamOfTheInput) {
  const std::vector<double> base = samples_of(with({}, 100), "revenue");
  const std::vector<double> moved =
      samples_of(with({{"volume", "~ normal(6, 1)"}}, 100), "revenue");
  for (std::size_t i = 0; i < base.size(); ++i) EXPECT_NEAR(moved[i], base[i] + 10, 1e-12);
}

TEST(Overrides, LeaveAnInputWithoutStepZeroWithoutIt) {
  for (const OverrideValue& value :
       {OverrideValue(0.25), OverrideValue("t / 4"), OverrideValue("0.25"),
        OverrideValue(std::vector<double>{1, 1, 1})}) {
    const Simulation simulation(with({{"noise", value}}));
    for (const Slot& slot : simulation.slots())
      EXPECT_FALSE(slot.output == "noise" && slot.step == 0);
  }
}

TEST(Overrides, OfUnknownInputsAreRefusedWithAHint) {
  const Refusal refusal = refusal_with({{"prize", 1.0}});
  EXPECT_EQ(refusal.kind, ErrorKind::undefined_name);
  EXPECT_EQ(refusal.message, "an override names an unknown input \"prize\"");
  EXPECT_EQ(refusal.hint, "Did you mean \"price\"?");
}

TEST(Overrides, OfFormulasAreRefusedWithAHint) {
  const Refusal refusal = refusal_with({{"revenue", 1.0}});
  EXPECT_EQ(refusal.kind, ErrorKind::undefined_name);
  EXPECT_EQ(refusal.message, "an override names \"revenue\", which is a formula");
  EXPECT_NE(refusal.hint.find("Only inputs can be replaced"), std::string::npos);
}

TEST(Overrides, OutsideTheRangeNameInputValueAndRange) {
  const Refusal refusal = refusal_with({{"price", 100.5}});
  EXPECT_EQ(refusal.kind, ErrorKind::out_of_range);
  EXPECT_EQ(refusal.message, "the value 100.5 of input \"price\" is outside its range");
  EXPECT_EQ(refusal.detail, "The range is from 0 to 100 EUR.");
  EXPECT_EQ(refusal_with({{"price", "50 + 51"}}).kind, ErrorKind::out_of_range);
  EXPECT_EQ(refusal_with({{"price", std::nan("")}}).kind, ErrorKind::out_of_range);
  EXPECT_EQ(refusal_with({{"price", 100.0}}).message, "");
}

TEST(Overrides, OfLaterScenariosAreCheckedToo) {
  Experiment experiment = with({});
  experiment.scenarios.push_back({"high", {{"price", 101.0}}});
  EXPECT_EQ(refusal_of([&] { Simulation simulation(experiment); }).kind, ErrorKind::out_of_range);
  experiment.scenarios[1].overrides = {{"nothing", 1.0}};
  EXPECT_EQ(refusal_of([&] { Simulation simulation(experiment); }).message,
            "scenario \"high\" names an unknown input \"nothing\"");
}

TEST(Overrides, OfTheWrongLengthAreRefused) {
  EXPECT_EQ(refusal_with({{"growth", std::vector<double>{1, 2}}}).message,
            "an override gives 2 values for input \"growth\", which takes one for each of 3 steps");
  EXPECT_EQ(refusal_with({{"price", std::vector<double>{1, 2}}}).message,
            "an override gives 2 values for input \"price\", which takes one");
}

TEST(Overrides, WithWrongTextShowTheTextAndThePlace) {
  const Refusal refusal = refusal_with({{"growth", "0.5 * pricee"}});
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_model);
  EXPECT_EQ(refusal.message, "an override gives input \"growth\" a value with an error");
  EXPECT_EQ(refusal.detail,
            "line 1, column 7: unknown name \"pricee\"\n  0.5 * pricee\n        ^^^^^^");
  EXPECT_EQ(refusal.hint, "Did you mean \"price\"?");
  EXPECT_NE(refusal_with({{"growth", "~ normal(0)"}}).message, "");
  EXPECT_NE(refusal_with({{"growth", "~ normal(0, -1)"}}).message, "");
  EXPECT_NE(refusal_with({{"growth", "sum(x[*])"}}).message, "");
  EXPECT_NE(refusal_with({{"price", "t"}}).message, "");
  EXPECT_NE(refusal_with({{"price", ""}}).message, "");
}

TEST(Overrides, ThatCloseACircleThroughAnInputAreRefused) {
  for (const std::vector<Override>& overrides :
       {std::vector<Override>{{"price", "rate"}}, {{"growth", "x[t]"}}}) {
    const Refusal refusal = refusal_with(overrides);
    EXPECT_EQ(refusal.message, "an override makes the model wrong");
    EXPECT_NE(refusal.detail.find("depends on itself"), std::string::npos) << refusal.detail;
  }
}

TEST(Overrides, OfAnInputByItselfSayThatTheyReadWhatTheyReplace) {
  const Refusal refusal = refusal_with({{"price", "1.1 * price"}});
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_model);
  EXPECT_EQ(refusal.message, "an override gives input \"price\" a value with an error");
  EXPECT_EQ(refusal.detail,
            "line 1, column 7: the override of \"price\" reads \"price\", which is what it "
            "replaces\n  1.1 * price\n        ^^^^^");
  EXPECT_EQ(refusal.hint, "Make the factor an input of the model, or override with a number.");
  EXPECT_NE(refusal_with({{"price", "~ normal(price, 1)"}}).detail.find("reads \"price\""),
            std::string::npos);
  EXPECT_NE(refusal_with({{"growth", "growth[t] * 2"}}).detail.find("reads \"growth\""),
            std::string::npos);
}

TEST(Overrides, ThatReadTheirInputAStepBeforeAreTaken) {
  EXPECT_EQ(refusal_with({{"growth", "if(t > 1, growth[t-1], 0.5)"}}).message, "");
}

TEST(Overrides, ThatReadMissingStepsAreShownWhereTheInputStands) {
  const Refusal refusal = refusal_with({{"growth", "x[t-2]"}});
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_model);
  EXPECT_NE(refusal.detail.find("line 4, column 7"), std::string::npos) << refusal.detail;
  EXPECT_NE(refusal.detail.find("\"growth\" at step 1 reads step -1 of \"x\""), std::string::npos)
      << refusal.detail;
}

TEST(Scenarios, StartFromTheModelsDefaultsWhateverStandsBeforeThem) {
  Experiment experiment = with({{"price", 20.0}});
  experiment.scenarios.push_back({"plain", {}});
  experiment.scenarios.push_back({"slow", {{"growth", 0.0}}});
  experiment.scenarios.push_back({"odd", {{"volume", 3.0}}});
  experiment.scenarios.push_back({"even", {{"volume", 4.0}, {"price", 1.0}}});
  experiment.scenarios.push_back({"last", {{"volume", 5.0}}});
  EXPECT_EQ(samples_of(experiment, "x", 3, 0)[0], 21.5);
  EXPECT_EQ(samples_of(experiment, "x", 3, 1)[0], 11.5);
  EXPECT_EQ(samples_of(experiment, "x", 3, 2)[0], 10);
  EXPECT_EQ(samples_of(experiment, "revenue", -1, 3)[0], 30);
  EXPECT_EQ(samples_of(experiment, "revenue", -1, 4)[0], 4);
  EXPECT_EQ(samples_of(experiment, "revenue", -1, 5)[0], 50);
}

TEST(Scenarios, OfOneStructureShareAProgram) {
  Experiment experiment = with({});
  for (int i = 0; i < 20; ++i)
    experiment.scenarios.push_back({"n" + std::to_string(i), {{"price", 1.0 * i}}});
  experiment.scenarios.push_back({"text", {{"price", "~ normal(1, 2)"}}});
  experiment.scenarios.push_back({"same text", {{"price", "~ normal(1, 2)"}}});
  experiment.scenarios.push_back({"number for a draw", {{"volume", 1.0}}});
  experiment.scenarios.push_back({"another", {{"volume", 2.0}, {"price", 3.0}}});
  const PreparedExperiment prepared =
      prepare_experiment(experiment, Chance::drawn, Reports::outputs);
  EXPECT_EQ(prepared.groups.size(), 3u);
}

TEST(Scenarios, AreTheSameAloneAndTogether) {
  Experiment together = with({}, 10);
  together.scenarios.push_back({"a", {{"price", 3.0}, {"volume", "~ uniform(0, 2)"}}});
  together.scenarios.push_back({"b", {{"growth", std::vector<double>{1, 2, 3}}}});
  for (std::uint32_t s = 0; s < 3; ++s) {
    Experiment alone = together;
    alone.scenarios = {together.scenarios[s]};
    EXPECT_TRUE(same_bits(samples_of(alone), samples_of(together, s)));
  }
}

TEST(Scenarios, OfOneProgramSolveTheirOwnLoops) {
  Experiment together = experiment_of(
      "steps 3\ninput k = 0.5\ninput e ~ normal(1, 0.1)\na = k * b + e\nb = 0.5 * a\n"
      "x[0] = 1\nx[t] = x[t-1] + k * y[t]\ny[t] = 0.25 * x[t] + e\n",
      300);
  together.scenarios.push_back({"less", {{"k", 0.25}}});
  together.scenarios.push_back({"more", {{"k", 0.75}}});
  const Simulation simulation(together);
  for (const std::uint32_t scenario : {0u, 2u, 1u, 0u, 2u}) {
    Experiment alone = together;
    alone.scenarios = {together.scenarios[scenario]};
    EXPECT_TRUE(same_bits(samples_of(simulation, scenario), samples_of(alone)));
  }
  const double k[] = {0.5, 0.25, 0.75};
  const std::vector<double> e =
      samples_of(experiment_of("input e ~ normal(1, 0.1)\noutput e\n", 300), "e");
  for (std::uint32_t scenario = 0; scenario < 3; ++scenario)
    EXPECT_NEAR(samples_of(simulation, scenario)[0][7], e[7] / (1 - k[scenario] / 2), 1e-14);
}

TEST(Bound, ValuesStandBetweenDefaultsAndOverrides) {
  Experiment experiment = with({});
  experiment.bound = {{"price", {7}}, {"growth", {1, 2, 3}}};
  EXPECT_EQ(samples_of(experiment, "x", 3)[0], 13);
  experiment.scenarios[0].overrides = {{"growth", 0.0}};
  EXPECT_EQ(samples_of(experiment, "x", 3)[0], 7);
  experiment.bound = {{"price", {7, 8}}};
  EXPECT_EQ(refusal_of([&] { Simulation simulation(experiment); }).message,
            "a binding of model \"m@1\" gives 2 values for input \"price\", which takes one");
  experiment.bound = {{"price", {-1}}};
  EXPECT_EQ(refusal_of([&] { Simulation simulation(experiment); }).kind, ErrorKind::out_of_range);
}

TEST(Outputs, AreThoseNamedInThatOrderEachOnce) {
  Experiment experiment = with({});
  experiment.outputs = {"rate", "revenue", "rate"};
  const Simulation simulation(experiment);
  ASSERT_EQ(simulation.slots().size(), 2u);
  EXPECT_EQ(simulation.slots()[0].output, "rate");
  EXPECT_EQ(simulation.slots()[1].output, "revenue");
  experiment.outputs = {"revenu"};
  const Refusal refusal = refusal_of([&] { Simulation other(experiment); });
  EXPECT_EQ(refusal.message, "model \"m@1\" has no output \"revenu\"");
  EXPECT_EQ(refusal.hint, "Did you mean \"revenue\"?");
}

TEST(Outputs, MissingInOneScenarioFailInAllItsTrials) {
  // With drawn growth there is no step 0 of y; the base has one.
  Experiment experiment = experiment_of("steps 2\ninput g[t] = 1\ny[t] = g[t] * 2\n", 3000);
  experiment.scenarios.push_back({"series", {{"g", std::vector<double>{3, 4}}}});
  const Simulation simulation(experiment);
  ASSERT_EQ(simulation.slots().size(), 3u);
  const Samples series = samples_of(simulation, 1);
  const auto all_are = [&](std::size_t slot, double wanted) {
    return series[slot].size() == 3000 &&
           std::all_of(series[slot].begin(), series[slot].end(),
                       [&](double value) { return same_bits(value, wanted); });
  };
  EXPECT_TRUE(all_are(0, std::nan("")));
  EXPECT_TRUE(all_are(1, 6));
  EXPECT_TRUE(all_are(2, 8));
  Unstoppable control;
  Partial all;
  for (std::int64_t c = 0; c < simulation.chunk_count(); ++c)
    all.merge(simulation.summarize(simulation.chunk(c), KeepPlan{}, control));
  EXPECT_EQ(all.total(1, 0).failed, 3000);
  EXPECT_EQ(all.total(1, 1).count, 3000);
}

}  // namespace
}  // namespace sim::testing
