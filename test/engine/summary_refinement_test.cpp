/*
 * summary_refinement_test.cpp -- percentiles in bounded memory equal those of all values, bit for
 * bit.
 */
#include "summary/refinement.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "summary_testing.hpp"

namespace sim {
namespace {

using testing::bits_of;
using testing::Columns;
using testing::Course;
using testing::error_of;
using testing::summarize_all;
using testing::summarize_chunks;

const std::vector<double> kProbabilities = {0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.9999, 1};

std::vector<double> draw(const std::function<double(double)>& quantile, std::size_t n) {
  Course course(n);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(quantile(course.uniform()));
  return values;
}

std::vector<Bracket> pilots_of(const Columns& columns) {
  std::vector<Bracket> pilots;
  for (const auto& column : columns) {
    pilots.push_back(
        pilot_bracket(std::span(column).first(std::min<std::size_t>(1024, column.size()))));
  }
  return pilots;
}

struct Outcome {
  std::vector<std::vector<PercentileEstimate>> slots;
  int passes = 0;
  std::size_t memory = 0;  // most that one partial held
};

Outcome refine(const Columns& columns, std::size_t memory, bool intervals = true) {
  BracketRefinement refinement(1, static_cast<std::uint32_t>(columns.size()), kProbabilities,
                               intervals, memory, pilots_of(columns));
  Outcome outcome;
  while (refinement.needs_pass()) {
    check_plan(refinement.plan(), 1, static_cast<std::uint32_t>(columns.size()));
    Partial pass = summarize_all(columns, 4, refinement.plan());
    outcome.memory = std::max(outcome.memory, pass.memory());
    refinement.take(std::move(pass));
    if (refinement.passes() > 100) {
      ADD_FAILURE() << "does not end";
      return outcome;
    }
  }
  outcome.passes = refinement.passes();
  for (std::uint32_t slot = 0; slot < columns.size(); ++slot) {
    outcome.slots.push_back(refinement.percentiles(0, slot));
  }
  return outcome;
}

void expect_exact(const Columns& columns, const Outcome& outcome) {
  for (std::size_t slot = 0; slot < columns.size(); ++slot) {
    std::vector<double> finite;
    for (const double value : columns[slot]) {
      if (std::isfinite(value)) finite.push_back(value);
    }
    const auto expected = exact_percentile_estimates(finite, kProbabilities);
    ASSERT_EQ(outcome.slots[slot].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const PercentileEstimate& found = outcome.slots[slot][i];
      EXPECT_EQ(found.has_lower, expected[i].has_lower);
      EXPECT_EQ(found.has_upper, expected[i].has_upper);
      const std::vector<double> a = {found.value, found.lower, found.upper};
      const std::vector<double> b = {expected[i].value, expected[i].lower, expected[i].upper};
      for (std::size_t k = 0; k < 3; ++k) {
        if (std::isnan(b[k])) {
          EXPECT_TRUE(std::isnan(a[k]));
        } else {
          EXPECT_EQ(bits_of(std::span(a).subspan(k, 1)), bits_of(std::span(b).subspan(k, 1)))
              << "slot " << slot << " at " << kProbabilities[i];
        }
      }
    }
  }
}

const std::function<double(double)> kBell = [](double u) { return std::log(u / (1 - u)); };
const std::function<double(double)> kHeavy = [](double u) {
  return std::tan(3.14159265 * (u - 0.5));
};
const std::function<double(double)> kAtoms = [](double u) { return u < 0.9 ? 0.0 : 100 * u; };
const std::function<double(double)> kConstant = [](double) { return 42.5; };
const std::function<double(double)> kMagnitudes = [](double u) {
  return std::ldexp(u < 0.5 ? -1 : 1, static_cast<int>(u * 4000) % 2000 - 1000);
};
const std::function<double(double)> kTwo = [](double u) { return u < 0.999 ? 1.0 : -3.0; };
const std::function<double(double)> kZeros = [](double u) { return u < 0.5 ? -0.0 : 0.0; };
const std::function<double(double)> kFailing = [](double u) {
  return u < 0.3 ? std::numeric_limits<double>::quiet_NaN() : 1e6 * u;
};

TEST(Refinement, GivesThePercentilesOfAllValuesForEveryShape) {
  Columns columns;
  for (const auto& shape :
       {kBell, kHeavy, kAtoms, kConstant, kMagnitudes, kTwo, kZeros, kFailing}) {
    columns.push_back(draw(shape, 60000));
  }
  for (const std::size_t memory :
       {std::size_t{1} << 30, std::size_t{1} << 22, std::size_t{200000}, std::size_t{20000}}) {
    expect_exact(columns, refine(columns, memory));
    expect_exact(columns, refine(columns, memory, true));
  }
}

TEST(Refinement, EndsWithNoMemoryAtAll) {
  const Columns columns = {draw(kBell, 5000), draw(kHeavy, 5000), draw(kAtoms, 5000)};
  expect_exact(columns, refine(columns, 0));
}

TEST(Refinement, TakesTwoPassesAsARuleAndThreeForHeavyTails) {
  const std::size_t memory = 600000;
  EXPECT_EQ(refine({draw(kBell, 300000)}, memory).passes, 2);
  EXPECT_LE(refine({draw(kHeavy, 300000)}, memory).passes, 3);
  EXPECT_EQ(refine({draw(kConstant, 300000)}, memory).passes, 1);
}

TEST(Refinement, StaysWithinItsMemory) {
  Columns columns;
  for (int i = 0; i < 20; ++i) columns.push_back(draw(i % 2 == 0 ? kBell : kHeavy, 100000));
  for (const std::size_t memory : {500000u, 2000000u, 4000000u}) {
    const Outcome outcome = refine(columns, memory);
    EXPECT_LE(outcome.memory, memory + 20 * 20000) << outcome.passes;
    expect_exact(columns, outcome);
  }
}

TEST(Refinement, DoesNotNeedAGoodPilot) {
  Columns columns = {draw(kBell, 50000)};
  for (std::size_t i = 0; i < 1024; ++i) columns[0][i] = 1e9;
  const Outcome outcome = refine(columns, 200000);
  expect_exact(columns, outcome);
  EXPECT_LE(outcome.passes, 4);
}

TEST(Refinement, HandlesFewTrialsAndNone) {
  for (const std::size_t n : {1u, 2u, 5u}) {
    const Columns columns = {draw(kBell, n), draw(kFailing, n)};
    expect_exact(columns, refine(columns, 1 << 20));
  }
  const Columns failed = {std::vector<double>(5, std::numeric_limits<double>::infinity())};
  const Outcome outcome = refine(failed, 1 << 20);
  EXPECT_TRUE(std::isnan(outcome.slots[0][0].value));
  EXPECT_EQ(outcome.passes, 1);
}

TEST(Refinement, RefusesPassesOverOtherTrials) {
  const Columns columns = {draw(kBell, 50000)};
  Columns other = columns;
  for (double& value : other[0]) value += 1e-3;
  BracketRefinement refinement(1, 1, kProbabilities, true, 200000, pilots_of(columns));
  refinement.take(summarize_all(columns, 1, refinement.plan()));
  ASSERT_TRUE(refinement.needs_pass());
  EXPECT_EQ(error_of([&] { refinement.take(summarize_all(other, 1, refinement.plan())); }),
            "corrupt_state");

  BracketRefinement shorter(1, 1, kProbabilities, true, 200000, pilots_of(columns));
  shorter.take(summarize_all(columns, 1, shorter.plan()));
  const Columns half = {std::vector<double>(columns[0].begin(), columns[0].begin() + 25000)};
  EXPECT_EQ(error_of([&] { shorter.take(summarize_all(half, 1, shorter.plan())); }),
            "corrupt_state");
}

TEST(Refinement, RefusesAProbabilityOutsideZeroToOne) {
  const std::vector<Bracket> pilots = {{0, 1, 16}};
  EXPECT_EQ(error_of([&] { BracketRefinement(1, 1, {1.5}, false, 1000, pilots); }),
            "invalid_parameter");
}

}  // namespace
}  // namespace sim
