/*
 * summary_percentile_test.cpp -- percentiles against PostgreSQL's and against sorting; intervals
 * against coverage.
 */
#include "summary/percentile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "summary_testing.hpp"

namespace sim {
namespace {

using testing::bits_of;
using testing::Course;
using testing::error_of;

const std::vector<double> kProbabilities = {0,   0.001, 0.01, 0.05, 0.1,  0.25,  1.0 / 3, 0.5,
                                            0.6, 0.75,  0.9,  0.95, 0.99, 0.999, 1};

/* Rows (dataset, probability or empty, hexadecimal double): the values, then what percentile_cont
 * gave. */
TEST(Percentile, HasTheBitsOfPercentileCont) {
  std::ifstream file(SIM_REFERENCE_DIR "/summary_percentile_cont.csv");
  ASSERT_TRUE(file);
  std::map<std::string, std::vector<double>> values;
  std::string line;
  std::getline(file, line);
  int compared = 0;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string name, probability, bits;
    std::getline(fields, name, ',');
    std::getline(fields, probability, ',');
    std::getline(fields, bits, ',');
    const double value = std::bit_cast<double>(std::stoull(bits, nullptr, 16));
    if (probability.empty()) {
      values[name].push_back(value);
      continue;
    }
    std::vector<double> scratch = values[name];
    const std::vector<double> p = {std::stod(probability)};
    EXPECT_EQ(bits_of(exact_percentiles(scratch, p)), bits_of(std::vector<double>{value}))
        << name << " at " << probability;
    ++compared;
  }
  EXPECT_GE(compared, 60);
}

std::vector<double> draw(int shape, std::size_t n, Course& course) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = course.uniform();
    switch (shape) {
      case 0:
        values.push_back(321 + 15 * course.bell());
        break;
      case 1:  // heavy tails on both sides
        values.push_back(std::tan(3.14159 * (u - 0.5)) * 1e3);
        break;
      case 2:  // atoms
        values.push_back(u < 0.6 ? 0 : std::floor(10 * u));
        break;
      case 3:  // all magnitudes of doubles
        values.push_back(std::ldexp(u - 0.5, static_cast<int>(course.below(2000)) - 1000));
        break;
      case 4:  // one value far away
        values.push_back(i == n / 2 ? 1e300 : 1 + u * 1e-9);
        break;
      default:
        values.push_back(-7.25);
    }
  }
  return values;
}

TEST(Percentile, IsThatOfTheSortedValuesForEveryShapeAndSize) {
  Course course(17);
  for (int shape = 0; shape < 6; ++shape) {
    for (const std::size_t n : {1u, 2u, 3u, 100u, 4097u, 10000u, 32769u, 200000u}) {
      std::vector<double> values = draw(shape, n, course);
      std::vector<double> sorted = values;
      std::sort(sorted.begin(), sorted.end());
      std::vector<double> expected;
      for (const double p : kProbabilities) {
        const double position = p * static_cast<double>(n - 1);
        const double low = sorted[static_cast<std::size_t>(std::floor(position))];
        const double high = sorted[static_cast<std::size_t>(std::ceil(position))];
        expected.push_back(low + (position - std::floor(position)) * (high - low));
      }
      EXPECT_EQ(bits_of(exact_percentiles(values, kProbabilities)), bits_of(expected))
          << "shape " << shape << ", " << n << " values";
    }
  }
}

/* Many values are narrowed by every 64th of them: here these say nothing of the others, or the
 * values have an order, or runs of equal ones begin and end beside the wanted rows. */
TEST(Percentile, HoldsWhereASampleOfTheValuesMisleads) {
  constexpr std::size_t kCount = 300000;
  Course course(5);
  const auto value_of = [&](int kind, std::size_t i) {
    const double place = static_cast<double>(i);
    switch (kind) {
      case 0:
        return i % 64 == 0 ? 1e6 + course.uniform() : course.uniform();
      case 1:
        return i % 64 == 0 ? 0.5 : course.bell();
      case 2:
        return place;
      case 3:
        return -place;
      case 4:
        return std::floor(place / 3000);
      case 5:
        return course.uniform() < 0.25 ? 0 : course.uniform() < 0.5 ? 1 : 1 + course.uniform();
      default:
        return i % 128 < 64 ? course.uniform() : 2.0;
    }
  };
  for (int kind = 0; kind < 7; ++kind) {
    std::vector<double> values;
    for (std::size_t i = 0; i < kCount; ++i) values.push_back(value_of(kind, i));
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (int round = 0; round < 8; ++round) {
      std::vector<std::int64_t> rows = {kCount / 4 - 1, kCount / 4, kCount - 1};
      if (round > 0) {
        for (std::int64_t& row : rows) row = static_cast<std::int64_t>(course.below(kCount));
      }
      std::vector<double> expected;
      for (const std::int64_t row : rows) expected.push_back(sorted[static_cast<std::size_t>(row)]);
      std::vector<double> scratch = values;
      EXPECT_EQ(order_statistics(scratch, rows), expected) << "kind " << kind;
    }
  }
}

TEST(Percentile, OfZerosIsPositiveZeroWhateverTheirSigns) {
  std::vector<double> values = {-0.0, 0.0, -0.0, -0.0};
  for (const double value : exact_percentiles(values, kProbabilities)) {
    EXPECT_EQ(value, 0);
    EXPECT_FALSE(std::signbit(value));
  }
}

TEST(Percentile, OfNothingIsNaN) {
  std::vector<double> none;
  const auto percentiles = exact_percentiles(none, kProbabilities);
  EXPECT_EQ(percentiles.size(), kProbabilities.size());
  for (const double value : percentiles) EXPECT_TRUE(std::isnan(value));
  EXPECT_FALSE(exact_percentile_estimates(none, kProbabilities)[3].has_lower);
}

TEST(Percentile, RefusesAProbabilityOutsideZeroToOne) {
  std::vector<double> values = {1, 2};
  for (const double p : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    const std::vector<double> probabilities = {p};
    EXPECT_EQ(error_of([&] { exact_percentiles(values, probabilities); }), "invalid_parameter");
  }
}

TEST(OrderStatistics, AreInTheOrderOfTheRowsAskedFor) {
  std::vector<double> values = {5, 3, 9, 1};
  const std::vector<std::int64_t> rows = {3, 0, 0, 2};
  EXPECT_EQ(order_statistics(values, rows), (std::vector<double>{9, 1, 1, 5}));
  EXPECT_TRUE(order_statistics(values, std::vector<std::int64_t>{}).empty());
}

/* P(B = k) for B ~ binomial(n, p), by another way than the code under test. */
long double binomial(std::int64_t n, std::int64_t k, double p) {
  return std::exp(std::lgammal(n + 1.0L) - std::lgammal(k + 1.0L) - std::lgammal(n - k + 1.0L) +
                  k * std::log(static_cast<long double>(p)) +
                  (n - k) * std::log1p(-static_cast<long double>(p)));
}

TEST(RankInterval, LeavesAtMostTheTailOnEachSideAndIsNoWiderThanNeeded) {
  for (const std::int64_t n : {1, 2, 5, 20, 59, 73, 100, 1000}) {
    for (const double p : {0.01, 0.05, 0.3, 0.5, 0.77, 0.95, 0.99}) {
      std::vector<long double> up_to;  // P(B <= k)
      long double sum = 0;
      for (std::int64_t k = 0; k <= n; ++k) up_to.push_back(sum += binomial(n, k, p));
      const auto below = [&](std::int64_t k) {  // P(B < k)
        return k <= 0 ? 0.0L : up_to[static_cast<std::size_t>(k) - 1];
      };
      const RankInterval interval = rank_interval(p, n);
      /* X_(l) > q exactly when fewer than l values are at most q; l = row + 1. */
      const std::int64_t lower = interval.has_lower ? interval.lower + 1 : 0;
      EXPECT_LE(below(lower), 0.025L);
      EXPECT_GT(below(lower + 1), 0.025L) << n << " " << p;
      const std::int64_t upper = interval.has_upper ? interval.upper + 1 : n + 1;
      EXPECT_LE(1 - below(upper), 0.025L + 1e-15L);
      EXPECT_GT(1 - below(upper - 1), 0.025L) << n << " " << p;
    }
  }
}

TEST(RankInterval, HasTheTabulatedRowsOfTheMedian) {
  /* Conover 1999, table A3 by symmetry: n = 20 gives the 6th and 15th value, n = 10 the 2nd and
   * 9th. */
  const RankInterval twenty = rank_interval(0.5, 20);
  EXPECT_EQ(twenty.lower, 5);
  EXPECT_EQ(twenty.upper, 14);
  const RankInterval ten = rank_interval(0.5, 10);
  EXPECT_EQ(ten.lower, 1);
  EXPECT_EQ(ten.upper, 8);
}

TEST(RankInterval, LacksALimitThatTheValuesCannotGive) {
  EXPECT_FALSE(rank_interval(0.5, 5).has_lower);
  EXPECT_TRUE(rank_interval(0.5, 6).has_lower);
  EXPECT_FALSE(rank_interval(0.5, 5).has_upper);
  EXPECT_FALSE(rank_interval(0.95, 71).has_upper);
  EXPECT_TRUE(rank_interval(0.95, 72).has_upper);
  EXPECT_FALSE(rank_interval(0.5, 0).has_lower);
  const RankInterval smallest = rank_interval(0, 10);
  EXPECT_FALSE(smallest.has_lower);
  EXPECT_TRUE(smallest.has_upper);
  EXPECT_EQ(smallest.upper, 0);
  const RankInterval largest = rank_interval(1, 10);
  EXPECT_FALSE(largest.has_upper);
  EXPECT_EQ(largest.lower, 9);
}

TEST(RankInterval, ApproachesTheNormalOneForManyValues) {
  for (const std::int64_t n : {1000000LL, 10000000000LL}) {
    for (const double p : {0.05, 0.5, 0.99}) {
      const RankInterval interval = rank_interval(p, n);
      const double mean = static_cast<double>(n) * p;
      const double sd = std::sqrt(mean * (1 - p));
      EXPECT_NEAR((static_cast<double>(interval.lower) - mean) / sd, -1.95996, 0.02);
      EXPECT_NEAR((static_cast<double>(interval.upper) - mean) / sd, 1.95996, 0.02);
    }
  }
}

TEST(RankInterval, HoldsTheQuantileInNineteenOfTwentySamples) {
  Course course(23);
  const std::vector<double> p = {0.9};
  int held = 0;
  constexpr int kSamples = 4000;
  for (int sample = 0; sample < kSamples; ++sample) {
    std::vector<double> values;
    for (int i = 0; i < 200; ++i) values.push_back(course.uniform());
    const auto estimate = exact_percentile_estimates(values, p)[0];
    EXPECT_LE(estimate.lower, estimate.value);
    EXPECT_GE(estimate.upper, estimate.value);
    held += estimate.lower <= 0.9 && 0.9 <= estimate.upper;
  }
  /* At least 95 %; below 94 % only with probability 0.002 if it were exactly 95 %. */
  EXPECT_GE(held, 0.94 * kSamples);
  EXPECT_LE(held, 0.985 * kSamples);
}

}  // namespace
}  // namespace sim
