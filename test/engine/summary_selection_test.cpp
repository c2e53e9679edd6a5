/*
 * summary_selection_test.cpp -- the sieve of the selection counts and copies as a plain loop does.
 */
#include "summary/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace sim::testing {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

/* Coarse enough that many are equal to ends of intervals. */
std::vector<double> rough_values(std::size_t n, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(n);
  for (double& value : values) value = std::round(normal(generator) * 64) / 64;
  return values;
}

/* Every other interval of width 1/8 from -1 on, and a point in each third of them. */
std::vector<RowBounds> bounds_of(std::size_t intervals) {
  std::vector<RowBounds> bounds;
  for (std::size_t k = 0; k < intervals; ++k) {
    const double low = -1 + static_cast<double>(k) / 4;
    bounds.push_back({low, low + 0.125});
    if (k % 3 == 1) bounds.push_back({low + 0.0625, low + 0.0625});
  }
  return bounds;
}

std::vector<double> sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

void expect_as_plain(const std::vector<double>& values, std::vector<RowBounds> bounds) {
  std::vector<double> copied{-7.0};  // is kept
  std::vector<double> wanted = copied;
  const std::vector<RowBounds> plain = bounds;
  copy_between(values, bounds, copied, kNoLimit);
  for (std::size_t k = 0; k < plain.size(); ++k) {
    const RowBounds& own = plain[k];
    EXPECT_EQ(bounds[k].below,
              std::ranges::count_if(values, [&](double value) { return value < own.low; }))
        << values.size() << " values, interval " << k;
    EXPECT_EQ(bounds[k].up_to,
              std::ranges::count_if(values, [&](double value) { return value <= own.high; }))
        << values.size() << " values, interval " << k;
    for (const double value : values) {
      if (own.low < own.high && value >= own.low && value <= own.high) wanted.push_back(value);
    }
  }
  EXPECT_EQ(sorted(copied), sorted(wanted)) << values.size();
}

TEST(CopyBetween, CountsAndCopiesAsAPlainLoopDoes) {
  for (const std::size_t n : {0, 1, 15, 16, 17, 255, 256, 257, 511, 512, 3000}) {
    for (std::size_t intervals = 0; intervals <= 12; ++intervals) {
      expect_as_plain(rough_values(n, static_cast<unsigned>(n)), bounds_of(intervals));
    }
  }
}

TEST(CopyBetween, TakesIntervalsWithoutEnd) {
  const std::vector<double> values = rough_values(1000, 1);
  expect_as_plain(values, {{-kInfinity, -1}, {0.5, kInfinity}});
  expect_as_plain(values, {{-kInfinity, kInfinity}});
}

TEST(CopyBetween, AddsToTheCounts) {
  const std::vector<double> values = rough_values(1000, 2);
  std::vector<RowBounds> once{{-0.5, 0.5}, {0.75, 0.75}};
  std::vector<RowBounds> twice = once;
  std::vector<double> copied;
  copy_between(values, once, copied, kNoLimit);
  copy_between(values, twice, copied, kNoLimit);
  copy_between(values, twice, copied, kNoLimit);
  for (std::size_t k = 0; k < once.size(); ++k) {
    EXPECT_EQ(twice[k].below, 2 * once[k].below);
    EXPECT_EQ(twice[k].up_to, 2 * once[k].up_to);
  }
}

TEST(CopyBetween, GivesUpWhereThereIsTooMuch) {
  const std::vector<double> values = rough_values(10000, 3);
  std::vector<RowBounds> all{{-kInfinity, kInfinity}};
  std::vector<double> copied;
  copy_between(values, all, copied, 1000);
  EXPECT_GT(copied.size(), 1000U);
  EXPECT_LT(copied.size(), 2000U);
}

}  // namespace
}  // namespace sim::testing
