/*
 * experiment_unusable_test.cpp -- a value that is not to be had is an error of those alone that
 * read it, and changes no bit and no key of the others.
 */
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "experiment/content_key.hpp"
#include "experiment/unusable.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

const std::string kHalves = R"(
steps 3
data rates(up, down)
data past(change)
input price = 100 range 0 to 1000
input tariff[t] = 2
input energy ~ normal(80, 12)
input up ~ empirical(rates.up)
input walk ~ historical(past.change)
function lift(x) = x + mean(rates.down)
cost = 0.5 * loop + price
loop = 0.2 * cost + energy
output total = cost + 1
output sum_tariff = sum(tariff[*])
output drawn = up * 2
output lifted = lift(energy)
output plain = energy * 3
output windows = walk
)";

constexpr std::int64_t kTrials = 4;

/* All bound, or some of it not to be had. */
Experiment halves(const std::vector<std::string>& unusable, std::vector<Override> overrides = {}) {
  Experiment experiment = experiment_of(kHalves, kTrials);
  const auto has = [&](const std::string& name) {
    return std::find(unusable.begin(), unusable.end(), name) == unusable.end();
  };
  if (has("rates")) experiment.data.push_back(table_of("rates", {"up", "down"}, {{1, 2}, {3, 4}}));
  if (has("past")) experiment.data.push_back(table_of("past", {"change"}, {{1, 2, 3, 4, 5}}));
  if (has("price")) experiment.bound.push_back({"price", {120}});
  if (has("tariff")) experiment.bound.push_back({"tariff", {4, 5, 6}});
  experiment.unusable = unusable;
  experiment.scenarios[0].overrides = std::move(overrides);
  return experiment;
}

KeyedModel keyed_of(const Experiment& experiment) {
  KeyedModel keyed{experiment.model, experiment.source, {}, {}, experiment.max_steps, {}};
  for (const DataTable& table : experiment.data) {
    TableDigest& digest = keyed.data.emplace_back();
    digest.name = table.name;
    digest.rows = table.rows;
    digest.columns = table.columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      digest.digests.push_back(
          digest_values({table.column(i), static_cast<std::size_t>(table.rows)}));
  }
  for (const BoundInput& bound : experiment.bound)
    keyed.bound.push_back({bound.name, static_cast<std::int64_t>(bound.values.size()),
                           bound.values.at(0), digest_values(bound.values)});
  keyed.unusable = experiment.unusable;
  return keyed;
}

std::map<std::string, OutputKey> keys_of(const Experiment& experiment) {
  std::map<std::string, OutputKey> keys;
  for (const OutputKey& key :
       ContentKeys(keyed_of(experiment)).keys(experiment.scenarios[0], experiment.trials, 1))
    keys[key.output] = key;
  return keys;
}

/* What refuses it; empty where it runs. */
std::string refused_by(const Experiment& experiment) {
  try {
    const Simulation simulation(experiment);
  } catch (const UnusableValue& refusal) {
    EXPECT_EQ(refusal.kind(), ErrorKind::invalid_data);
    EXPECT_EQ(refusal.what(), "the value of \"" + refusal.name() + "\" cannot be used");
    return refusal.name();
  }
  return {};
}

Experiment only(Experiment experiment, const std::string& output) {
  experiment.outputs = {output};
  return experiment;
}

const std::map<std::string, std::string> kReaders = {{"total", "price"},  {"sum_tariff", "tariff"},
                                                     {"drawn", "rates"},  {"lifted", "rates"},
                                                     {"windows", "past"}, {"plain", ""}};

TEST(Unusable, RefusesWhatReadsItAndLeavesAllElseAsItIs) {
  for (const std::string name : {"price", "tariff", "rates", "past"})
    for (const auto& [output, reads] : kReaders) {
      const Experiment experiment = only(halves({name}), output);
      SCOPED_TRACE(output + " without " + name);
      EXPECT_EQ(refused_by(experiment), reads == name ? name : "");
      if (reads == name) continue;
      EXPECT_EQ(samples_of(experiment), samples_of(only(halves({}), output)));
    }
}

TEST(Unusable, NamesTheFirstOfThoseThatAreRead) {
  EXPECT_EQ(refused_by(halves({"past", "price", "rates"})), "past");
  EXPECT_EQ(refused_by(halves({"rates", "price"})), "rates");
  EXPECT_EQ(refused_by(only(halves({"past", "price"}), "total")), "price");
}

TEST(Unusable, IsNoneOfAWantedInputItself) {
  EXPECT_EQ(refused_by(only(halves({"price"}), "price")), "price");
  EXPECT_EQ(refused_by(only(halves({"price"}), "energy")), "");
}

TEST(Unusable, KeysAreThoseOfAnyValue) {
  const std::map<std::string, OutputKey> good = keys_of(halves({}));
  for (const std::string name : {"price", "tariff", "rates", "past"})
    for (const auto& [output, key] : keys_of(halves({name}))) {
      SCOPED_TRACE(output + " without " + name);
      EXPECT_EQ(key.unusable, kReaders.at(output) == name ? name : "");
      EXPECT_EQ(key.key == good.at(output).key, key.unusable.empty());
    }
}

TEST(Unusable, IsNoMatterToAScenarioThatReplacesIt) {
  const std::vector<std::pair<std::string, OverrideValue>> replacements = {
      {"price", 130.0},
      {"price", std::string("energy + 1")},
      {"price", std::string("~ normal(100, 3)")},
      {"tariff", 3.0},
      {"tariff", std::vector<double>{1, 2, 3}},
      {"tariff", std::string("~ uniform(0, 1)")}};
  for (const auto& [name, value] : replacements) {
    const Experiment good = halves({}, {{name, value}});
    const Experiment bad = halves({name}, {{name, value}});
    SCOPED_TRACE(name);
    EXPECT_EQ(refused_by(bad), "");
    EXPECT_EQ(samples_of(bad), samples_of(good));
    EXPECT_EQ(Simulation(bad).slots().size(), Simulation(good).slots().size());
    for (const auto& [output, key] : keys_of(bad)) {
      EXPECT_EQ(key.unusable, "");
      EXPECT_EQ(key.key, keys_of(good).at(output).key) << output;
    }
  }
}

TEST(Unusable, IsReadByAnInputThatIsReplacedByAnExpressionOfIt) {
  const Experiment experiment = halves({"price"}, {{"energy", std::string("price + 1")}});
  EXPECT_EQ(refused_by(only(experiment, "plain")), "price");
  EXPECT_EQ(keys_of(experiment).at("plain").unusable, "price");
}

/* Scenarios that replace numbers by numbers share one program. */
TEST(Unusable, IsLookedForInEachScenario) {
  Experiment experiment = only(halves({"price"}, {{"price", 1.0}}), "total");
  experiment.scenarios.push_back({"low", {{"price", 2.0}}});
  EXPECT_EQ(refused_by(experiment), "");
  experiment.scenarios.push_back({"as it is", {}});
  EXPECT_EQ(refused_by(experiment), "price");
}

TEST(Unusable, RowsThatDecideTheNumberOfTrialsLeaveItOpen) {
  const auto open = [](const Experiment& experiment, std::int64_t trials) {
    return ContentKeys(keyed_of(experiment)).unusable_for_trials(trials, experiment.scenarios);
  };
  EXPECT_EQ(open(halves({"past"}), kAllWindows), "past");
  EXPECT_EQ(open(halves({"past"}), 3), "");
  EXPECT_EQ(open(halves({"rates"}), kAllWindows), "");
  EXPECT_EQ(open(halves({"past"}, {{"walk", 1.0}}), kAllWindows), "");
  EXPECT_EQ(ContentKeys(keyed_of(halves({"rates"}))).trials(kAllWindows, halves({}).scenarios), 5);
}

TEST(Unusable, IsAmongTheInputsWithoutAValue) {
  const Experiment experiment = halves({"price", "rates"});
  std::map<std::string, EffectiveInput> inputs;
  for (const EffectiveInput& input :
       ContentKeys(keyed_of(experiment)).inputs(experiment.scenarios[0]))
    inputs[input.name] = input;
  for (const std::string name : {"price", "rates"}) {
    ASSERT_TRUE(inputs.contains(name)) << name;
    EXPECT_TRUE(inputs[name].unusable);
    EXPECT_EQ(inputs[name].source, EffectiveInput::Source::binding);
    EXPECT_FALSE(inputs[name].value);
    EXPECT_EQ(inputs[name].rows, 0);
  }
  EXPECT_FALSE(inputs["tariff"].unusable);
  EXPECT_EQ(inputs["tariff"].rows, 3);
  const Experiment replaced = halves({"price"}, {{"price", 1.0}});
  for (const EffectiveInput& input : ContentKeys(keyed_of(replaced)).inputs(replaced.scenarios[0]))
    EXPECT_FALSE(input.unusable) << input.name;
}

TEST(Unusable, IsNoMatterToOtherFormulasThatAreConverged) {
  Experiment good = halves({});
  Experiment bad = halves({"price"});
  good.outputs = bad.outputs = {"lifted", "plain"};
  for (const char* name : {"lifted", "plain"})
    EXPECT_EQ(value_of(converge_all(bad), name), value_of(converge_all(good), name)) << name;
  EXPECT_THROW(converge_all(halves({"price"})), UnusableValue);
  bad.outputs = {"loop"};
  EXPECT_THROW(converge_all(bad), UnusableValue);
  EXPECT_EQ(value_of(converge_all(halves({"price"}, {{"price", 120.0}})), "cost"),
            value_of(converge_all(halves({})), "cost"));
}

TEST(Unusable, TravelsWithTheExperiment) {
  EXPECT_EQ(deserialize_experiment(serialize(halves({"past", "price"}))).unusable,
            (std::vector<std::string>{"past", "price"}));
  EXPECT_EQ(serialize(deserialize_experiment(serialize(halves({"price"})))),
            serialize(halves({"price"})));
}

}  // namespace
}  // namespace sim::testing
