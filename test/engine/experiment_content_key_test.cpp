/*
 * experiment_content_key_test.cpp -- equal keys mean equal bits, and what changes nothing changes
 * no key.
 */
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "experiment/content_key.hpp"
#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

KeyedModel keyed_of(const Experiment& experiment) {
  KeyedModel keyed{experiment.model, experiment.source, {}, {}, experiment.max_steps};
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
  return keyed;
}

using Keys = std::map<std::string, Sha256Digest>;

Keys keys_of(const Experiment& experiment, std::size_t scenario = 0) {
  ContentKeys content(keyed_of(experiment));
  const std::int64_t trials = content.trials(experiment.trials, experiment.scenarios);
  Keys keys;
  for (const OutputKey& key : content.keys(experiment.scenarios[scenario], trials, experiment.seed))
    keys[key.output] = key.key;
  return keys;
}

Keys keys_of(const std::string& source) { return keys_of(experiment_of(source, 100)); }

Keys keys_with(const std::string& source, std::vector<Override> overrides) {
  Experiment experiment = experiment_of(source, 100);
  experiment.scenarios[0].overrides = std::move(overrides);
  return keys_of(experiment);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

const std::string kCost = R"(
input material = 100 unit 'EUR/t' range 0 to 10000
input energy ~ normal(80, 12)
input idle = 7
function twice(x) = x * 2
disposal = 0.8 * material + co2
co2 = 0.1 * energy + 0.05 * disposal
output total = twice(material) + energy + disposal + co2
output fuel = energy * 3
)";

TEST(ContentKey, IgnoresHowTheTextIsWritten) {
  const Keys keys = keys_of(kCost);
  EXPECT_EQ(keys, keys_of(replaced(kCost, "0.8 * material", "(8e-1 *   (MATERIAL)) -- share\n")));
  EXPECT_EQ(keys, keys_of(replaced(kCost, "= 100 unit 'EUR/t' range 0 to 10000", "= 1e2")));
  EXPECT_EQ(keys,
            keys_of(replaced(kCost, "function twice(x) = x * 2", "function twice(y) = y * 2")));
  EXPECT_EQ(keys, keys_of(replaced(kCost, "input idle = 7\n", "") + "input idle = 7\n"));
}

TEST(ContentKey, KnowsWhatAnOutputReads) {
  const Keys keys = keys_of(kCost);
  const auto changed = [&](const std::string& what, const std::string& by) {
    std::set<std::string> names;
    for (const auto& [output, key] : keys_of(replaced(kCost, what, by)))
      if (!keys.contains(output) || keys.at(output) != key) names.insert(output);
    return names;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(changed("idle = 7", "idle = 8"), Names{});
  EXPECT_EQ(changed("= 100", "= 101"), Names{"total"});
  EXPECT_EQ(changed("x * 2", "x * 3"), Names{"total"});
  EXPECT_EQ(changed("0.05", "0.06"), Names{"total"});
  EXPECT_EQ(changed("energy * 3", "energy * 4"), Names{"fuel"});
  EXPECT_EQ(changed("12)", "13)"), (Names{"fuel", "total"}));
}

TEST(ContentKey, DependsOnTrialsAndSeed) {
  EXPECT_NE(keys_of(experiment_of(kCost, 100)), keys_of(experiment_of(kCost, 101)));
  EXPECT_NE(keys_of(experiment_of(kCost, 100, 1)), keys_of(experiment_of(kCost, 100, 2)));
}

TEST(ContentKey, TakesOverridesByTheirEffect) {
  const Keys keys = keys_of(kCost);
  EXPECT_EQ(keys, keys_with(kCost, {{"material", 100.0}}));
  EXPECT_EQ(keys, keys_with(kCost, {{"idle", 9.0}}));
  EXPECT_EQ(keys, keys_with(kCost, {{"energy", "~ normal( 8e1, 12 )"}}));
  EXPECT_EQ(keys, keys_with(kCost, {{"material", "1e2"}}));
  const Keys other = keys_with(kCost, {{"material", 120.0}});
  EXPECT_NE(keys.at("total"), other.at("total"));
  EXPECT_EQ(keys.at("fuel"), other.at("fuel"));
  EXPECT_EQ(other, keys_of(replaced(kCost, "= 100", "= 120")));
  EXPECT_NE(keys_with(kCost, {{"energy", 80.0}}), keys);
  EXPECT_EQ(keys_with(kCost, {{"energy", 80.0}}),
            keys_of(replaced(kCost, "energy ~ normal(80, 12)", "energy = 80")));
}

TEST(ContentKey, TwoStructuresDoNotMeet) {
  Experiment experiment = experiment_of(kCost, 100);
  experiment.scenarios = {
      {"base", {}}, {"fixed", {{"energy", 70.0}}}, {"higher", {{"energy", 71.0}}}};
  std::set<Sha256Digest> seen;
  ContentKeys content(keyed_of(experiment));
  for (const Scenario& scenario : experiment.scenarios)
    for (const OutputKey& key : content.keys(scenario, 100, 1)) seen.insert(key.key);
  EXPECT_EQ(seen.size(), 6u);
}

TEST(ContentKey, RefusesWhatASimulationRefuses) {
  const auto refusals = [](const std::string& source, std::vector<Override> overrides) {
    Experiment experiment = experiment_of(source, 10);
    experiment.scenarios[0].overrides = std::move(overrides);
    const Refusal wanted = refusal_of([&] { samples_of(experiment); });
    const Refusal found = refusal_of([&] { keys_of(experiment); });
    EXPECT_FALSE(wanted.message.empty());
    EXPECT_EQ(wanted.message, found.message);
    EXPECT_EQ(wanted.detail, found.detail);
    EXPECT_EQ(wanted.hint, found.hint);
  };
  refusals(kCost, {{"material", -1.0}});
  refusals(kCost, {{"matrial", 1.0}});
  refusals(kCost, {{"material", "2 +"}});
  refusals(kCost, {{"material", std::vector<double>{1, 2}}});
  refusals(kCost, {{"total", 1.0}});
  refusals(kCost + "x = \n", {});
  refusals(kCost + "data unbound(a)\n", {});
}

TEST(ContentKey, KnowsRowsByTheirDigests) {
  const std::string source =
      "data d(a, b)\ninput x ~ bootstrap(d.a)\noutput y = x\noutput z = mean(d.b)\n";
  Experiment experiment = experiment_of(source, 100);
  experiment.data.push_back(table_of("d", {"a", "b"}, {{1, 2, 3}, {4, 5, 6}}));
  const Keys keys = keys_of(experiment);
  experiment.data[0].values = {1, 3, 2, 4, 5, 6};
  EXPECT_NE(keys_of(experiment).at("y"), keys.at("y"));
  EXPECT_EQ(keys_of(experiment).at("z"), keys.at("z"));
  experiment.data[0].values = {1, 2, 3, 4, 5, 7};
  EXPECT_EQ(keys_of(experiment).at("y"), keys.at("y"));
  EXPECT_NE(keys_of(experiment).at("z"), keys.at("z"));
}

TEST(ContentKey, TakesBoundValuesAsOverrides) {
  const std::string source =
      "steps 3\ninput p[t] = 1\ninput q = 2\noutput y[t] = p[t] * q\noutput z = q\n";
  Experiment bound = experiment_of(source, 100);
  bound.bound = {{"p", {4, 5, 6}}, {"q", {8}}};
  Experiment overridden = experiment_of(source, 100);
  overridden.scenarios[0].overrides = {{"p", std::vector<double>{4, 5, 6}}, {"q", 8.0}};
  EXPECT_EQ(keys_of(bound), keys_of(overridden));
  EXPECT_NE(keys_of(bound).at("y"), keys_of(source).at("y"));
  // Values that were inside one range may be outside another: then they are looked at again.
  bound.source = replaced(source, "p[t] = 1", "p[t] = 1 range 0 to 10");
  EXPECT_NE(keys_of(bound).at("y"), keys_of(overridden).at("y"));
  EXPECT_EQ(keys_of(bound).at("z"), keys_of(overridden).at("z"));
}

TEST(ContentKey, TellsTheStepsOfAnOutput) {
  const std::string source =
      "steps 10\ninput e[t] ~ normal(0, 1)\nx[0] = 1\nx[t] = x[t-1] + e[t]\n"
      "output x[t] every 3\noutput e[t] every 4\noutput last_x = x[last]\n";
  const Experiment experiment = experiment_of(source, 10);
  const Simulation simulation(experiment);
  std::vector<std::pair<std::string, std::int64_t>> wanted, found;
  for (const Slot& slot : simulation.slots()) wanted.emplace_back(slot.output, slot.step);
  ContentKeys content(keyed_of(experiment));
  for (const OutputKey& key : content.keys({}, 10, 1))
    for (std::int64_t step = key.first_step; step <= key.last_step; step += key.every)
      found.emplace_back(key.output, step);
  EXPECT_EQ(wanted, found);
}

TEST(ContentKey, SettlesTrialsAsASimulationDoes) {
  Experiment experiment = experiment_of(
      "steps 3\ndata d(a)\ndata f(a)\ninput x[t] ~ historical(d.a)\ninput y ~ historical(f.a)\n"
      "input n ~ normal(0, 1)\noutput z = sum(x[*]) + y + n\n",
      kAllWindows);
  experiment.data = {table_of("d", {"a"}, {{1, 2, 3, 4, 5, 6, 7}}),
                     table_of("f", {"a"}, {std::vector<double>(9, 1.0)})};
  experiment.scenarios.push_back({"fixed", {{"x", std::vector<double>{1, 2, 3}}}});
  experiment.scenarios.push_back({"free", {{"x", "~ normal(0, 1)"}, {"y", 3.0}}});
  const auto settled = [&] {
    return ContentKeys(keyed_of(experiment)).trials(kAllWindows, experiment.scenarios);
  };
  EXPECT_EQ(settled(), 5);
  EXPECT_EQ(settled(), Simulation(experiment).trials());
  experiment.scenarios.erase(experiment.scenarios.begin());
  EXPECT_EQ(settled(), 9);
  EXPECT_EQ(settled(), Simulation(experiment).trials());
  experiment.scenarios.erase(experiment.scenarios.begin());
  EXPECT_EQ(settled(), kDefaultTrials);
  EXPECT_EQ(settled(), Simulation(experiment).trials());
}

TEST(ContentKey, KnowsTheOrderWhereFormulasTakeEachOthersNewValues) {
  const std::string first = "a = 0.5 * cos(b) + 1\nb = 0.3 * sin(a) + 0.1\noutput y = a\n";
  const std::string second = "b = 0.3 * sin(a) + 0.1\na = 0.5 * cos(b) + 1\noutput y = a\n";
  EXPECT_EQ(keys_of(first), keys_of(second));
  EXPECT_NE(keys_of("solve method gauss_seidel\n" + first),
            keys_of("solve method gauss_seidel\n" + second));
  // A loop over time is no loop that is solved.
  const std::string walk = "steps 4\na[0] = 0\nb[0] = 1\noutput z = a[last]\n";
  const std::string one = "a[t] = b[t-1] + 1\n", two = "b[t] = a[t-1] * 2\n";
  EXPECT_EQ(keys_of("solve method gauss_seidel\n" + walk + one + two),
            keys_of("solve method gauss_seidel\n" + walk + two + one));
  EXPECT_NE(keys_of("solve tolerance 1e-6\n" + first), keys_of(first));
  EXPECT_EQ(keys_of("solve tolerance 1e-6\n" + walk + one + two), keys_of(walk + one + two));
}

TEST(ContentKey, DescribesTheInputsThatOutputsRead) {
  Experiment experiment = experiment_of(kCost + "data d(a)\noutput m = mean(d.a)\n", 100);
  experiment.data.push_back(table_of("d", {"a"}, {{1, 2, 3}}));
  ContentKeys content(keyed_of(experiment));
  const std::vector<EffectiveInput> inputs = content.inputs({"hot", {{"energy", 90.0}}});
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].name, "material");
  EXPECT_EQ(inputs[0].source, EffectiveInput::Source::model);
  EXPECT_EQ(inputs[0].value, 100.0);
  EXPECT_EQ(inputs[1].name, "energy");
  EXPECT_EQ(inputs[1].source, EffectiveInput::Source::override_value);
  EXPECT_EQ(inputs[1].value, 90.0);
  EXPECT_EQ(inputs[2].name, "d");
  EXPECT_EQ(inputs[2].rows, 3);
  const std::vector<EffectiveInput> base = content.inputs({});
  EXPECT_EQ(base[1].definition, "~ normal(80, 12)");
  EXPECT_EQ(base[1].value, std::nullopt);
  EXPECT_EQ(base[0].hash, inputs[0].hash);
  EXPECT_NE(base[1].hash, inputs[1].hash);
}

/* The samples of each output, its steps one after the other. */
using ByOutput = std::map<std::string, Samples>;

ByOutput by_output(const Experiment& experiment) {
  const Simulation simulation(experiment);
  const Samples samples = samples_of(simulation);
  ByOutput outputs;
  for (std::size_t slot = 0; slot < samples.size(); ++slot)
    outputs[simulation.slots()[slot].output].push_back(samples[slot]);
  return outputs;
}

Experiment random_experiment(std::uint64_t seed, std::string source) {
  Experiment experiment = experiment_of(std::move(source), 130, 7);
  std::vector<std::vector<double>> rows(2);
  Dice dice(seed + 1000);
  for (int row = 0; row < 17; ++row)
    for (std::vector<double>& column : rows)
      column.push_back(static_cast<double>(dice.below(2000)) / 64 - 10);
  experiment.data.push_back(table_of("rows_", {"a", "b"}, rows));
  return experiment;
}

TEST(ContentKey, EqualKeysMeanEqualBitsInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomModel model(seed);
    const Experiment one = random_experiment(seed, model.text());
    const Experiment two = random_experiment(seed, model.text());
    const Keys first = keys_of(one), second = keys_of(two);
    const ByOutput samples = by_output(one), others = by_output(two);
    std::size_t equal = 0;
    for (const auto& [output, key] : first) {
      if (second.at(output) != key) continue;
      ++equal;
      EXPECT_TRUE(same_bits(samples.at(output), others.at(output))) << output;
    }
    EXPECT_GT(equal, 0u);
  }
}

class InAnyOrder : public ::testing::TestWithParam<const char*> {};

TEST_P(InAnyOrder, TheKeyIsTheSameWithoutSweeps) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomModel model(seed);
    const auto text = [&] { return replaced(model.text(), "method gauss_seidel ", GetParam()); };
    const Experiment one = random_experiment(seed, text());
    const Experiment two = random_experiment(seed, text());
    EXPECT_EQ(keys_of(one), keys_of(two));
    const ByOutput samples = by_output(one), others = by_output(two);
    for (const auto& [output, values] : samples)
      EXPECT_TRUE(same_bits(values, others.at(output))) << output << "\n" << one.source;
  }
}
INSTANTIATE_TEST_SUITE_P(Methods, InAnyOrder, ::testing::Values("", "method jacobi "));

/* The text with one of its numbers changed, by chance. */
std::string with_another_number(std::string text, Dice& dice) {
  std::vector<std::size_t> digits;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char before = text[i - 1];
    const bool begins = before == ' ' || before == '(' || before == '.' || before == '-';
    if (text[i] >= '0' && text[i] <= '9' && begins) digits.push_back(i);
  }
  text[dice.pick(digits)] = static_cast<char>('1' + dice.below(9));
  return text;
}

/* Equal keys must mean equal bits; says how many keys were equal. */
std::size_t expect_keys_to_tell(const Experiment& one, const Experiment& two) {
  const Keys first = keys_of(one), second = keys_of(two);
  const ByOutput samples = by_output(one), others = by_output(two);
  std::size_t equal = 0;
  for (const auto& [output, key] : first) {
    const auto other = second.find(output);
    if (other == second.end() || other->second != key) continue;
    ++equal;
    const auto values = samples.find(output), known = others.find(output);
    EXPECT_EQ(values == samples.end(), known == others.end()) << output;
    if (values == samples.end() || known == others.end()) continue;
    EXPECT_TRUE(same_bits(values->second, known->second)) << output << "\n"
                                                          << one.source << "\nand\n"
                                                          << two.source;
  }
  return equal;
}

TEST(ContentKey, TellsModelsApartThatDifferInANumber) {
  std::size_t compared = 0, equal = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Experiment one = random_experiment(seed, RandomModel(seed).text());
    Dice dice(seed);
    for (int change = 0; change < 4; ++change) {
      Experiment two = one;
      two.source = with_another_number(one.source, dice);
      if (!refusal_of([&] { by_output(two); }).message.empty()) continue;
      ++compared;
      equal += expect_keys_to_tell(one, two);
    }
  }
  EXPECT_GT(compared, 80u);
  EXPECT_GT(equal, 200u);
}

TEST(ContentKey, TellsScenariosAndRowsApart) {
  std::size_t equal = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Experiment one = random_experiment(seed, RandomModel(seed).text());
    const std::vector<std::vector<Override>> all = {{{"n0", 2.5}},
                                                    {{"d2", 1.5}},
                                                    {{"d3", "~ uniform(1, 2)"}},
                                                    {{"e0", "n1 + 1"}},
                                                    {{"j1", "~ empirical(rows_.b)"}},
                                                    {{"d1", "d2 * 2"}}};
    for (const std::vector<Override>& overrides : all) {
      Experiment two = one;
      two.scenarios[0].overrides = overrides;
      if (!refusal_of([&] { by_output(two); }).message.empty()) continue;
      equal += expect_keys_to_tell(one, two);
    }
    Experiment two = one;
    two.data[0].values.back() += 1;
    equal += expect_keys_to_tell(one, two);
  }
  EXPECT_GT(equal, 100u);
}

using Converged = std::map<std::pair<std::string, std::int64_t>, double>;

Converged converged_by_name(const Experiment& experiment) {
  const ConvergeResult result = converge_all(experiment, false);
  Converged values;
  for (const ConvergedValue& value : result.values)
    values[{result.names[value.variable], value.step}] = value.value;
  return values;
}

Sha256Digest converged_key(const Experiment& experiment, const Scenario& scenario = {}) {
  KeyedModel keyed = keyed_of(experiment);
  keyed.all_formulas = true;
  return ContentKeys(keyed).converged_key(scenario);
}

TEST(ConvergedKey, OfEqualModelsMeansEqualBits) {
  std::size_t solved = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomModel model(seed);
    const auto text = [&] { return replaced(model.text(), "method gauss_seidel ", ""); };
    const Experiment one = random_experiment(seed, text());
    const Experiment two = random_experiment(seed, text());
    EXPECT_EQ(converged_key(one), converged_key(two));
    // At their means some distributions have no parameters that make sense.
    if (!refusal_of([&] { converged_by_name(one); }).message.empty()) continue;
    ++solved;
    const Converged first = converged_by_name(one), second = converged_by_name(two);
    ASSERT_EQ(first.size(), second.size());
    for (const auto& [place, value] : first)
      EXPECT_TRUE(same_bits(value, second.at(place))) << place.first;
  }
  EXPECT_GT(solved, 20u);
}

TEST(ConvergedKey, KnowsAllFormulas) {
  const auto key = [](const std::string& source, const Scenario& scenario = {}) {
    return converged_key(experiment_of(source), scenario);
  };
  EXPECT_EQ(key(kCost), key(replaced(kCost, "output fuel", "fuel")));
  EXPECT_NE(key(kCost), key(kCost + "more = 1\n"));
  EXPECT_EQ(key(kCost), key(kCost, {"same", {{"idle", 3.0}}}));
  EXPECT_NE(key(kCost), key(kCost, {"dear", {{"material", 101.0}}}));
  EXPECT_EQ(key(replaced(kCost, "= 100", "= 101")), key(kCost, {"dear", {{"material", 101.0}}}));
  EXPECT_NE(converged_key(experiment_of("output x = 1")), keys_of("output x = 1").at("x"));
}

void expect_same_alone(const Experiment& experiment) {
  for (const auto& [output, values] : by_output(experiment)) {
    Experiment alone = experiment;
    alone.outputs = {output};
    EXPECT_TRUE(same_bits(values, by_output(alone).at(output))) << output << "\n"
                                                                << experiment.source;
  }
}

TEST(Outputs, GiveTheSameBitsAloneAsTogether) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_same_alone(random_experiment(seed, RandomModel(seed).text()));
    expect_same_alone(
        random_experiment(seed, replaced(RandomModel(seed).text(), "method gauss_seidel ", "")));
  }
}

/* A rule of its own at step 5 must not turn what others compute there into constants. */
TEST(Outputs, DoNotDependOnStepsThatOthersTreatSpecially) {
  expect_same_alone(
      experiment_of("steps 8\ninput e[t] ~ gamma(t + 0.5, 1)\noutput y[t] = e[t]\n"
                    "w[5] = 3\noutput w[t] = 2\noutput v[t] = if(t > 5, w[5], 0)\n",
                    200));
  expect_same_alone(experiment_of(
      "steps 8\ninput e[t] ~ normal(0.1, 0.02)\ninput n ~ normal(3, 1)\n"
      "x[t] = (t / 9.7) * y[t] + 0.3 * z[t] + t / 7\ny[t] = e[t] * x[t] + 0.21 * z[t] + 1 / n\n"
      "z[t] = 0.17 * x[t] + (0.3 - t / 31) * y[t] + n\n"
      "output x[t]\nw[5] = 3\noutput w[t] = 2\nw[3] = 1\nw[7] = 2\n",
      200));
}

/* Raise kNumericalVersion and store the new hash: results of an older engine must not be found. */
TEST(NumericalVersion, IsRaisedWhenResultsChange) {
  std::ifstream file(SIM_REFERENCE_DIR "/fingerprints.txt", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(text.empty());
  Sha256 hash;
  hash.update(text);
  std::string hex;
  for (const std::uint8_t byte : hash.finish()) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(hex, "985aa69c907ac0370c9c27469728a1897ae4437424b068e4cece665f06bddafd");
  EXPECT_EQ(kNumericalVersion, 3u);
}

}  // namespace
}  // namespace sim::testing
