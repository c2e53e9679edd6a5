/*
 * experiment_bytes_test.cpp -- experiments as bytes: the round trip, damage of every kind, layers
 * of overrides.
 */
#include <gtest/gtest.h>

#include <algorithm>

#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

Experiment full_experiment() {
  Experiment experiment = experiment_of(
      "steps 2\ndata d(a)\ninput x = 1\ninput y[t] = 2\ninput z[t] ~ bootstrap(d)\no = x\n"
      "w[t] = y[t] + z[t]\n",
      7, 99);
  experiment.data.push_back(table_of("d", {"a"}, {{1, -2.5, 1e300}}));
  experiment.bound.push_back({"x", {3}});
  experiment.scenarios.push_back(
      {"high", {{"x", 2.0}, {"y", std::vector<double>{1, 2}}, {"z", "~ normal(0, 1)"}}});
  experiment.outputs = {"o", "w"};
  experiment.max_steps = 100;
  return experiment;
}

bool equal(const Experiment& a, const Experiment& b) { return serialize(a) == serialize(b); }

TEST(ExperimentBytes, GiveTheExperimentBack) {
  const Experiment wanted = full_experiment();
  const Experiment found = deserialize_experiment(serialize(wanted));
  EXPECT_EQ(found.model, wanted.model);
  EXPECT_EQ(found.source, wanted.source);
  ASSERT_EQ(found.data.size(), 1u);
  EXPECT_EQ(found.data[0].name, "d");
  EXPECT_EQ(found.data[0].columns, wanted.data[0].columns);
  EXPECT_EQ(found.data[0].rows, 3);
  EXPECT_EQ(found.data[0].values, wanted.data[0].values);
  ASSERT_EQ(found.bound.size(), 1u);
  EXPECT_EQ(found.bound[0].name, "x");
  EXPECT_EQ(found.bound[0].values, std::vector<double>{3});
  ASSERT_EQ(found.scenarios.size(), 2u);
  EXPECT_EQ(found.scenarios[1].name, "high");
  EXPECT_EQ(found.scenarios[1].overrides, wanted.scenarios[1].overrides);
  EXPECT_EQ(found.trials, 7);
  EXPECT_EQ(found.seed, 99u);
  EXPECT_EQ(found.outputs, wanted.outputs);
  EXPECT_EQ(found.max_steps, 100);
}

TEST(ExperimentBytes, AreEqualForEqualExperimentsAndDifferForEachDifference) {
  const std::vector<std::uint8_t> bytes = serialize(full_experiment());
  EXPECT_EQ(bytes, serialize(full_experiment()));
  const auto differs = [&](auto change) {
    Experiment other = full_experiment();
    change(other);
    return serialize(other) != bytes;
  };
  EXPECT_TRUE(differs([](Experiment& e) { e.model = "n@1"; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.source += " "; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.data[0].values[1] = -2.25; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.data[0].columns[0] = "b"; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.bound[0].values[0] = 4; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.scenarios[0].name = "other"; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.scenarios[1].overrides[0].value = -2.0; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.scenarios[1].overrides.pop_back(); }));
  EXPECT_TRUE(differs([](Experiment& e) { e.trials = 8; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.seed = 98; }));
  EXPECT_TRUE(differs([](Experiment& e) { e.outputs.pop_back(); }));
  EXPECT_TRUE(differs([](Experiment& e) { e.max_steps = 0; }));
}

TEST(ExperimentBytes, AreThoseOfTheModelAndThoseOfTheRun) {
  const std::vector<std::uint8_t> bytes = serialize(full_experiment());
  const ExperimentBytes parts = split_experiment(bytes);
  EXPECT_EQ(parts.model.size() + parts.run.size(), bytes.size());
  Experiment run = deserialize_run(parts.run);
  EXPECT_TRUE(run.model.empty() && run.source.empty() && run.data.empty() && run.bound.empty());
  const Experiment wanted = full_experiment();
  run.model = wanted.model;
  run.source = wanted.source;
  run.data = wanted.data;
  run.bound = wanted.bound;
  EXPECT_TRUE(equal(run, wanted));
  const auto same_model = [&](auto change) {
    Experiment other = full_experiment();
    change(other);
    const std::vector<std::uint8_t> others = serialize(other);
    return std::ranges::equal(split_experiment(others).model, parts.model);
  };
  EXPECT_TRUE(same_model([](Experiment& e) { e.scenarios[1].overrides.pop_back(); }));
  EXPECT_TRUE(same_model([](Experiment& e) { e.trials = 8, e.seed = 9, e.outputs.clear(); }));
  EXPECT_FALSE(same_model([](Experiment& e) { e.data[0].values[1] = 0; }));
  EXPECT_FALSE(same_model([](Experiment& e) { e.bound[0].values[0] = 4; }));
  EXPECT_FALSE(same_model([](Experiment& e) { e.bound.clear(); }));
}

TEST(ExperimentBytes, KeepTheSignOfZero) {
  Experiment experiment = full_experiment();
  experiment.scenarios[1].overrides[0].value = -0.0;
  const Experiment found = deserialize_experiment(serialize(experiment));
  EXPECT_TRUE(std::signbit(std::get<double>(found.scenarios[1].overrides[0].value)));
}

TEST(ExperimentBytes, RefuseEveryTruncationAndWhatComesAfterTheEnd) {
  std::vector<std::uint8_t> bytes = serialize(full_experiment());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Refusal refusal =
        refusal_of([&] { deserialize_experiment(std::span(bytes).first(length)); });
    EXPECT_EQ(refusal.kind, ErrorKind::corrupt_state);
    EXPECT_EQ(refusal_of([&] {
                deserialize_run(split_experiment(std::span(bytes).first(length)).run);
              }).kind,
              ErrorKind::corrupt_state);
    EXPECT_NE(refusal.message, "") << "the first " << length << " bytes were taken for all";
  }
  bytes.push_back(0);
  EXPECT_NE(refusal_of([&] { deserialize_experiment(bytes); }).message, "");
}

/* A damaged experiment is refused, by its bytes or by what they say, or it runs. */
void run_damaged(const std::vector<std::uint8_t>& bytes) {
  try {
    const ExperimentBytes parts = split_experiment(bytes);
    const Experiment run = deserialize_run(parts.run);
    Experiment experiment = deserialize_experiment(bytes);
    EXPECT_EQ(run.scenarios.size(), experiment.scenarios.size());
    EXPECT_EQ(serialize(experiment), bytes) << "bytes were read that are not written so";
    experiment.trials = std::clamp<std::int64_t>(experiment.trials, -2, 20);
    experiment.max_steps = 100;
    const Simulation simulation(experiment);
    samples_of(simulation, 0);
  } catch (const Error&) {
  }
}

TEST(ExperimentBytes, WithAnyOneByteChangedAreRefusedOrRun) {
  const std::vector<std::uint8_t> bytes = serialize(full_experiment());
  for (std::size_t place = 0; place < bytes.size(); ++place)
    for (const int flip : {0x01, 0x02, 0x10, 0x80, 0xff}) {
      std::vector<std::uint8_t> damaged = bytes;
      damaged[place] = static_cast<std::uint8_t>(damaged[place] ^ flip);
      run_damaged(damaged);
    }
}

TEST(ExperimentBytes, RefuseTablesWithoutColumnsOrOfAnotherShape) {
  const auto message = [](auto change) {
    Experiment experiment = full_experiment();
    change(experiment.data[0]);
    return refusal_of([&] { Simulation simulation(experiment); }).message;
  };
  EXPECT_EQ(message([](DataTable& table) { table.rows = 2; }),
            "data block \"d\" needs at least one row");
  EXPECT_EQ(message([](DataTable& table) { table.columns.clear(); }),
            "data block \"d\" needs at least one row");
  EXPECT_EQ(message([](DataTable& table) { table.values.clear(), table.rows = 0; }),
            "data block \"d\" needs at least one row");
  EXPECT_EQ(message([](DataTable& table) { table.columns = {"b"}; }),
            "the rows bound to data block \"d\" have no column \"a\"");
  EXPECT_EQ(message([](DataTable& table) { table.values[1] = std::nan(""); }),
            "column \"a\" of data block \"d\" is not finite in row 2");
  EXPECT_EQ(message([](DataTable& table) { table.name = "e"; }),
            "data block \"d\" of model \"m@1\" has no rows bound to it");
}

TEST(MergeOverrides, LetsLaterLayersWinAndOrdersByName) {
  const std::vector<std::vector<Override>> layers = {
      {{"b", 1.0}, {"a", 2.0}}, {}, {{"c", "x + 1"}, {"b", std::vector<double>{1, 2}}}};
  const std::vector<Override> wanted = {
      {"a", 2.0}, {"b", std::vector<double>{1, 2}}, {"c", "x + 1"}};
  EXPECT_EQ(merge_overrides(layers), wanted);
}

TEST(ExperimentBytes, OfTheSameMeaningAreEqual) {
  EXPECT_TRUE(equal(full_experiment(), deserialize_experiment(serialize(full_experiment()))));
}

}  // namespace
}  // namespace sim::testing
