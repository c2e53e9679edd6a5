/*
 * experiment_differential_test.cpp -- random models against their plain evaluation, one trial at a
 * time, bit for bit.
 */
#include <gtest/gtest.h>

#include "experiment_naive.hpp"
#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"
#include "model/model.hpp"

namespace sim::testing {
namespace {

Experiment random_experiment(std::uint64_t seed) {
  Experiment experiment = experiment_of(RandomModel(seed).text(), 300, seed);
  std::vector<std::vector<double>> rows(2);
  Dice dice(seed + 1000);
  for (int row = 0; row < 17; ++row)
    for (std::vector<double>& column : rows)
      column.push_back(static_cast<double>(dice.below(2000)) / 64 - 10);
  experiment.data.push_back(table_of("rows_", {"a", "b"}, rows));
  return experiment;
}

/* Trials at the ends and seams of batches. */
constexpr std::int64_t kTrials[] = {0, 1, 127, 128, 255, 256, 299};

void expect_equal_to_plain_evaluation(const Experiment& experiment) {
  Diagnostics diagnostics;
  const Model model = analyse_model(experiment.source, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors())
      << experiment.source << render_errors(diagnostics, experiment.source);
  const Simulation simulation(experiment);
  const Samples samples = samples_of(simulation);
  for (const std::int64_t trial : kTrials) {
    NaiveTrial naive(model, experiment.data, experiment.seed, trial);
    for (std::size_t slot = 0; slot < samples.size(); ++slot) {
      const Slot& reported = simulation.slots()[slot];
      const double wanted = naive.value(model.variable_index.at(reported.output), reported.step);
      const double found = samples[slot][static_cast<std::size_t>(trial)];
      ASSERT_TRUE(same_bits(wanted, found))
          << reported.output << "[" << reported.step << "] of trial " << trial << ": " << found
          << " instead of " << wanted << "\n"
          << experiment.source;
    }
  }
}

TEST(RandomModels, GiveTheBitsOfPlainEvaluation) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_equal_to_plain_evaluation(random_experiment(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(RandomModels, AreNotFullOfFailedValues) {
  std::size_t finite = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::vector<double>& slot : samples_of(random_experiment(seed)))
      for (const double value : slot) {
        ++all;
        finite += std::isfinite(value) ? 1 : 0;
      }
  EXPECT_GT(finite, all / 3) << "too little is compared in the tests above";
}

}  // namespace
}  // namespace sim::testing
