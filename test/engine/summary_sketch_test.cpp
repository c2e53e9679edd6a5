/*
 * summary_sketch_test.cpp -- sketches bound what they do not know; counts and pairs are those of
 * the definitions.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "summary/narrowed_percentiles.hpp"
#include "summary/pair_statistics.hpp"
#include "summary/percentile.hpp"
#include "summary/point_counts.hpp"
#include "summary/quantile_sketch.hpp"

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/* Spread, with an atom at 0 and a heavy tail. */
std::vector<double> make_values(std::size_t n, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = uniform(generator);
    values.push_back(u < 0.3 ? 0.0 : 1 / (1.0000001 - u));
  }
  return values;
}

std::vector<double> sketch_of(std::vector<double> values, std::span<const double> levels) {
  return sim::exact_percentiles(values, levels);
}

double exceedance(const std::vector<double>& values, double limit, bool inclusive) {
  const auto above = std::count_if(values.begin(), values.end(), [&](double value) {
    return value > limit || (inclusive && value == limit);
  });
  return static_cast<double>(above) / static_cast<double>(values.size());
}

TEST(QuantileSketch, LevelsRunFrom0To1AndHoldTheColumnsOfMonteCarlo) {
  for (const std::size_t slots : {std::size_t{1}, sim::kMostFineSlots, sim::kMostFineSlots + 1}) {
    const auto levels = sim::sketch_levels(slots);
    EXPECT_EQ(levels.size(), slots <= sim::kMostFineSlots ? 211U : 47U);
    EXPECT_EQ(levels.front(), 0);
    EXPECT_EQ(levels.back(), 1);
    EXPECT_TRUE(std::is_sorted(levels.begin(), levels.end()));
    EXPECT_EQ(std::adjacent_find(levels.begin(), levels.end()), levels.end());
    for (const double wanted : {0.001, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.995, 0.999}) {
      EXPECT_TRUE(std::binary_search(levels.begin(), levels.end(), wanted)) << wanted;
    }
  }
}

TEST(QuantileSketch, BoundsHoldTheExactPercentileAndLevelsAreExact) {
  for (const std::size_t n : {1, 2, 7, 100, 5000}) {
    const std::vector<double> values = make_values(n, 1);
    for (const std::size_t slots : {std::size_t{1}, std::size_t{1000}}) {
      const auto levels = sim::sketch_levels(slots);
      const std::vector<double> sketch = sketch_of(values, levels);
      for (double p = 0; p <= 1; p += 1.0 / 1024) {
        std::vector<double> copy = values;
        const double exact = sim::exact_percentiles(copy, std::vector<double>{p})[0];
        const sim::BoundedNumber found = sim::sketch_percentile({levels, sketch}, p);
        EXPECT_LE(found.lower, exact);
        EXPECT_GE(found.upper, exact);
        EXPECT_LE(found.lower, found.value);
        EXPECT_GE(found.upper, found.value);
      }
      for (std::size_t i = 0; i < levels.size(); ++i) {
        const sim::BoundedNumber found = sim::sketch_percentile({levels, sketch}, levels[i]);
        EXPECT_EQ(found.value, sketch[i]);
        EXPECT_EQ(found.lower, found.upper);
      }
    }
  }
}

TEST(QuantileSketch, BoundsHoldTheExactExceedance) {
  for (const std::size_t n : {1, 2, 7, 100, 5000}) {
    const std::vector<double> values = make_values(n, 2);
    const auto levels = sim::sketch_levels(1);
    const std::vector<double> sketch = sketch_of(values, levels);
    std::vector<double> limits = {-1, 0, 0.5, 1e9};
    limits.insert(limits.end(), values.begin(), values.begin() + std::min<std::ptrdiff_t>(n, 300));
    limits.insert(limits.end(), sketch.begin(), sketch.end());
    for (const double limit : limits) {
      for (const bool inclusive : {false, true}) {
        const double exact = exceedance(values, limit, inclusive);
        const auto found = sim::sketch_exceedance({levels, sketch}, static_cast<std::int64_t>(n),
                                                  limit, inclusive);
        EXPECT_LE(found.lower, exact) << n << " " << limit;
        EXPECT_GE(found.upper, exact) << n << " " << limit;
        EXPECT_LE(found.lower, found.value);
        EXPECT_GE(found.upper, found.value);
        if (n == 5000) {
          EXPECT_LE(found.upper - found.lower, 0.0055) << limit;
        }
      }
    }
  }
}

TEST(QuantileSketch, IsWithinHalfAPercentOfTheTrialsWhereValuesAreSpread) {
  std::vector<double> values;
  for (int i = 0; i < 10000; ++i) values.push_back(i);
  const auto levels = sim::sketch_levels(1);
  const std::vector<double> sketch = sketch_of(values, levels);
  for (double limit = 0; limit < 9999; limit += 13.7) {
    const auto found = sim::sketch_exceedance({levels, sketch}, 10000, limit, false);
    EXPECT_LE(found.upper - found.lower, 0.0052);
    EXPECT_NEAR(found.value, exceedance(values, limit, false), 0.0003);
  }
}

/* Of the values in pieces, by way of their sketch. */
std::vector<double> narrowed(const std::vector<double>& values, std::size_t slots,
                             const std::vector<double>& probabilities) {
  const auto levels = sim::sketch_levels(slots);
  const std::vector<double> sketch = sketch_of(values, levels);
  sim::NarrowedPercentiles percentiles(probabilities, {levels, sketch},
                                       static_cast<std::int64_t>(values.size()));
  for (std::size_t i = 0; i < values.size(); i += 1000) {
    percentiles.add(std::span(values).subspan(i, std::min<std::size_t>(1000, values.size() - i)));
  }
  return percentiles.finish();
}

std::vector<std::vector<double>> kinds_of_values(std::size_t n) {
  std::vector<double> few;
  std::vector<double> neighbours;
  std::vector<double> negative;
  for (std::size_t i = 0; i < n; ++i) {
    few.push_back(i % 12 == 0 ? 1 : 0);
    neighbours.push_back(i % 3 == 0 ? 1 : std::nextafter(1.0, 2.0));
    negative.push_back(-static_cast<double>(i * 7919 % n));
  }
  return {make_values(n, 4), few, neighbours, negative, std::vector<double>(n, 3)};
}

TEST(NarrowedPercentiles, AreTheExactOnes) {
  std::vector<double> probabilities;
  for (int i = 0; i <= 333; ++i) probabilities.push_back(i / 333.0);
  std::reverse(probabilities.begin(), probabilities.end());
  for (const std::size_t n : {1, 2, 3, 50, 999, 20000}) {
    for (const std::vector<double>& values : kinds_of_values(n)) {
      for (const std::size_t slots : {std::size_t{1}, std::size_t{1000}}) {
        std::vector<double> copy = values;
        EXPECT_EQ(narrowed(values, slots, probabilities),
                  sim::exact_percentiles(copy, probabilities));
        for (const double probability : {0.0, 0.0003, 0.5, 0.7123, 1.0}) {
          copy = values;
          EXPECT_EQ(narrowed(values, slots, {probability}),
                    sim::exact_percentiles(copy, std::vector<double>{probability}));
        }
      }
    }
  }
}

TEST(NarrowedPercentiles, KeepLittleAndLeaveOutWhatFailed) {
  std::vector<double> values = make_values(100000, 5);
  const auto levels = sim::sketch_levels(1);
  const std::vector<double> sketch = sketch_of(values, levels);
  values.push_back(kNaN);
  const std::vector<double> probabilities = {0.1, 0.313, 0.5, 0.9773};
  sim::NarrowedPercentiles percentiles(probabilities, {levels, sketch}, 100000);
  percentiles.add(values);
  EXPECT_LT(percentiles.memory(), 100000 * sizeof(double) / 10);
  values.pop_back();
  EXPECT_EQ(percentiles.finish(), sim::exact_percentiles(values, probabilities));
}

TEST(NarrowedPercentiles, RefuseOtherValues) {
  const std::vector<double> levels = {0, 1};
  const std::vector<double> sketch = {0, 9};
  sim::NarrowedPercentiles percentiles(std::vector<double>{0.5}, {levels, sketch}, 3);
  percentiles.add(std::vector<double>{1, 2});
  EXPECT_THROW(percentiles.finish(), sim::Error);
  EXPECT_THROW(sim::NarrowedPercentiles(std::vector<double>{1.5}, {levels, sketch}, 3), sim::Error);
}

TEST(PointCounts, CountBelowPointsAndBetweenEdges) {
  const std::vector<double> points = {0, 1, 2};
  sim::PointCounts open(points, false);
  sim::PointCounts closed(points, true);
  const std::vector<double> values = {
      0, 0.5, 1, 1, 2, kNaN, std::numeric_limits<double>::infinity()};
  open.add(values);
  closed.add(values);
  EXPECT_EQ(open.below(), (std::vector<std::int64_t>{0, 2, 4, 5}));
  EXPECT_EQ(closed.below(), (std::vector<std::int64_t>{1, 4, 5, 5}));
  EXPECT_EQ(open.between(), (std::vector<std::int64_t>{2, 3}));
  open.add(std::vector<double>{1.5});
  EXPECT_EQ(open.between(), (std::vector<std::int64_t>{2, 4}));
  EXPECT_THROW(sim::PointCounts(std::vector<double>{1, 1}, false), sim::Error);
  EXPECT_THROW(sim::PointCounts(std::vector<double>{kNaN, 1}, false), sim::Error);
}

/* Anscombe, Graphs in statistical analysis (1973); the digits by exact rational arithmetic. */
TEST(PairStatistics, AreRightForAnscombesFirstSet) {
  const std::vector<double> x = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
  const std::vector<double> y = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
  sim::Unstoppable control;
  const sim::PairStatistics found = sim::pair_statistics(x, y, true, control);
  EXPECT_EQ(found.trials, 11);
  EXPECT_NEAR(found.pearson, 0.816420516344840, 1e-13);
  EXPECT_NEAR(found.spearman, 0.818181818181818, 1e-13);
  EXPECT_NEAR(found.mean_difference, 99.0 / 11 - 82.51 / 11, 1e-13);
  EXPECT_NEAR(found.std_error, 0.612392409170719, 1e-13);
}

TEST(PairStatistics, EqualValuesShareTheirRank) {
  const std::vector<double> x = {1, 2, 2, 3};
  const std::vector<double> y = {1, 3, 3, 9};
  sim::Unstoppable control;
  EXPECT_DOUBLE_EQ(sim::pair_statistics(x, y, true, control).spearman, 1);
  const std::vector<double> z = {1, 2, 3, 3};
  /* Ranks 1, 2.5, 2.5, 4 and 1, 2, 3.5, 3.5: 3.75 / 4.5. */
  EXPECT_NEAR(sim::pair_statistics(x, z, true, control).spearman, 3.75 / 4.5, 1e-15);
}

TEST(PairStatistics, LeaveOutTrialsThatFailedInEitherAndSayWhatDoesNotExist) {
  sim::Unstoppable control;
  const std::vector<double> x = {1, kNaN, 2, 5};
  const std::vector<double> y = {1, 7, kNaN, 3};
  const sim::PairStatistics found = sim::pair_statistics(x, y, false, control);
  EXPECT_EQ(found.trials, 2);
  EXPECT_EQ(found.mean_difference, 1);
  EXPECT_EQ(found.std_error, 1);
  EXPECT_TRUE(std::isnan(found.spearman));
  const std::vector<double> same = {4, 4, 4, 4};
  EXPECT_TRUE(std::isnan(sim::pair_statistics(same, y, true, control).pearson));
  EXPECT_EQ(sim::pair_statistics(x, x, false, control).std_error, 0);
  EXPECT_TRUE(std::isnan(sim::pair_statistics({}, {}, true, control).mean_difference));
}

TEST(PairStatistics, ErrorsOfIndependentNumbersAddInSquares) {
  EXPECT_DOUBLE_EQ(sim::independent_error(3, 4), 5);
  EXPECT_DOUBLE_EQ(sim::independent_error(4e-200, 3e-200), 5e-200);
  EXPECT_EQ(sim::independent_error(0, 0), 0);
  EXPECT_TRUE(std::isinf(sim::independent_error(1, std::numeric_limits<double>::infinity())));
}

class Stopping final : public sim::Control {
 public:
  bool stop_requested() noexcept override { return true; }
};

TEST(PairStatistics, StopWhenAsked) {
  const std::vector<double> values = make_values(100000, 3);
  Stopping control;
  EXPECT_THROW(sim::pair_statistics(values, values, true, control), sim::Error);
}

}  // namespace
