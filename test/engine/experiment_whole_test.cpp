/*
 * experiment_whole_test.cpp -- random models of the whole language, computed in all the ways that
 * must give the same bits and the same errors. test/soak/ does the same for as long as one likes.
 */
#include <gtest/gtest.h>

#include "experiment_comparisons.hpp"
#include "experiment_naive_comparison.hpp"
#include "experiment_whole_cases.hpp"

namespace sim::testing {
namespace {

constexpr std::uint64_t kCases = 50;

TEST(WholeModels, GiveTheSameBitsAndErrorsHoweverTheyAreComputed) {
  std::uint64_t sampled = 0, converged = 0;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    const WholeCase whole = whole_case(seed);
    Comparison comparison(whole);
    ASSERT_EQ(comparison.run(), "") << "seed " << seed << "\n" << whole.experiment.source;
    sampled += comparison.samples().error.empty() ? 1 : 0;
    converged += comparison.solved().error.empty() ? 1 : 0;
  }
  EXPECT_GT(sampled, kCases / 2) << "too many models are wrong: little is compared";
  EXPECT_GT(converged, kCases / 2) << "too many models are wrong: little is compared";
}

TEST(WholeModels, HaveTheValuesOfNaiveEvaluation) {
  for (std::uint64_t seed = 1; seed <= 5 * kCases; ++seed) {
    const WholeCase whole = whole_case(seed);
    ASSERT_EQ(difference_from_naive(whole), "") << "seed " << seed << "\n"
                                                << whole.experiment.source;
  }
}

}  // namespace
}  // namespace sim::testing
