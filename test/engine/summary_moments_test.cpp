/*
 * summary_moments_test.cpp -- moments of blocks against reference figures and against each other.
 */
#include "summary/moments.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/instruction_set.hpp"
#include "summary_testing.hpp"

namespace sim {
namespace {

using testing::bits_of;
using testing::Course;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::vector<std::string>> read_table(const std::string& name) {
  std::ifstream file(SIM_REFERENCE_DIR "/" + name);
  EXPECT_TRUE(file) << name;
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    rows.emplace_back();
    while (std::getline(fields, line, ',')) rows.back().push_back(line);
  }
  return rows;
}

std::map<std::string, std::vector<double>> read_data_sets() {
  std::map<std::string, std::vector<double>> sets;
  for (const auto& row : read_table("summary_stats_data.csv")) {
    sets[row[0]].push_back(std::stod(row[2]));
  }
  return sets;
}

Moments reduce(const std::vector<double>& values, std::size_t block = 128) {
  Moments all;
  for (std::size_t i = 0; i < values.size(); i += block) {
    all = merge(all, block_moments(values.data() + i, std::min(block, values.size() - i)));
  }
  return all;
}

void expect_reference(const Moments& moments, const std::vector<std::string>& row,
                      double tolerance) {
  EXPECT_EQ(moments.count, std::stoll(row[2])) << row[0];
  const auto near = [&](double value, const std::string& reference, double relative) {
    const double expected = std::stod(reference);
    EXPECT_NEAR(value, expected, relative * std::abs(expected)) << row[0];
  };
  near(moments.mean, row[3], 1e-13);
  near(moments.stddev(), row[4], tolerance);
  near(moments.skewness(), row[8], 10 * tolerance);
  near(moments.kurtosis(), row[9], 10 * tolerance);
  EXPECT_EQ(moments.min, std::stod(row[11])) << row[0];
  EXPECT_EQ(moments.max, std::stod(row[12])) << row[0];
}

TEST(Moments, OfOneBlockAgreeWithTheReferenceFiguresOfHardData) {
  const auto data = read_data_sets();
  int compared = 0;
  for (const auto& row : read_table("summary_stats.csv")) {
    if (row[1] != "binary64") continue;
    expect_reference(reduce(data.at(row[0])), row, 1e-14);
    ++compared;
  }
  EXPECT_EQ(compared, 3);
}

/* Block means of big_offset round to 1/8 where the spread is 7: the data, not the method, set the
 * limit. */
TEST(Moments, OfManySmallBlocksAgreeWithTheReferenceFiguresOfHardData) {
  const auto data = read_data_sets();
  for (const auto& row : read_table("summary_stats.csv")) {
    if (row[1] != "binary64") continue;
    const double tolerance = row[0] == "big_offset" ? 5e-3 : row[0] == "alternating" ? 1e-8 : 1e-14;
    expect_reference(reduce(data.at(row[0]), 4), row, tolerance);
  }
}

TEST(Moments, OfEqualValuesHaveExactlyThatMeanAndNoSpread) {
  for (const double value : {0.1, -1e300, 12345.678, 0.0}) {
    const Moments moments = reduce(std::vector<double>(1000, value));
    EXPECT_EQ(moments.mean, value);
    EXPECT_EQ(moments.m2, 0);
    EXPECT_EQ(moments.stddev(), 0);
    EXPECT_TRUE(std::isnan(moments.skewness()));
    EXPECT_TRUE(std::isnan(moments.kurtosis()));
  }
}

TEST(Moments, AreNaNForTooFewValues) {
  EXPECT_TRUE(std::isnan(reduce({1}).stddev()));
  EXPECT_TRUE(std::isnan(reduce({}).std_error()));
  EXPECT_EQ(reduce({1, 3}).variance(), 2);
  EXPECT_TRUE(std::isnan(reduce({1, 3}).skewness()));
  EXPECT_FALSE(std::isnan(reduce({1, 3, 4}).skewness()));
  EXPECT_TRUE(std::isnan(reduce({1, 3, 4}).kurtosis()));
  EXPECT_FALSE(std::isnan(reduce({1, 3, 4, 9}).kurtosis()));
}

TEST(Moments, CountFailedTrialsAndLeaveThemOut) {
  Course course(3);
  for (std::size_t n = 1; n <= 128; ++n) {
    std::vector<double> all;
    std::vector<double> finite;
    for (std::size_t i = 0; i < n; ++i) {
      const double bad[] = {kNaN, kInfinity, -kInfinity};
      const bool fails = course.below(5) == 0;
      all.push_back(fails ? bad[course.below(3)] : course.bell());
      if (!fails) finite.push_back(all.back());
    }
    Moments expected = block_moments(finite.data(), finite.size());
    expected.failed = static_cast<std::int64_t>(all.size() - finite.size());
    EXPECT_EQ(bits_of(block_moments(all.data(), n)), bits_of(expected)) << n;
  }
}

TEST(Moments, OfFailedTrialsOnlyAreEmpty) {
  const std::vector<double> failed(100, kNaN);
  const Moments moments = reduce(failed);
  EXPECT_EQ(moments.count, 0);
  EXPECT_EQ(moments.failed, 100);
  const Moments merged = merge(moments, reduce({5, 7}));
  EXPECT_EQ(merged.count, 2);
  EXPECT_EQ(merged.failed, 100);
  EXPECT_EQ(merged.mean, 6);
  EXPECT_EQ(merged.min, 5);
}

TEST(Moments, OfHugeValuesKeepAFiniteMean) {
  const std::vector<double> values = {1.7e308, -1.7e308, 1.7e308, 1.7e308};
  const Moments block = reduce(values);
  EXPECT_EQ(block.count, 4);
  EXPECT_NEAR(block.mean / 1e308, 0.85, 1e-15);
  EXPECT_EQ(block.stddev(), kInfinity);
  EXPECT_NEAR(reduce(values, 1).mean / 1e308, 0.85, 1e-15);
}

struct LongMoments {
  long double mean = 0, m2 = 0, m3 = 0, m4 = 0;
};

LongMoments long_moments(const std::vector<double>& values) {
  LongMoments moments;
  for (const double value : values) moments.mean += value;
  moments.mean /= static_cast<long double>(values.size());
  for (const double value : values) {
    const long double d = value - moments.mean;
    moments.m2 += d * d;
    moments.m3 += d * d * d;
    moments.m4 += d * d * d * d;
  }
  return moments;
}

/* The third power may cancel: its sum is held to what bounds it. */
void expect_long_moments(const std::vector<double>& values, double tolerance) {
  const LongMoments expected = long_moments(values);
  const Moments moments = block_moments(values.data(), values.size());
  const auto near = [&](double value, long double reference, long double scale) {
    EXPECT_NEAR(value, static_cast<double>(reference), tolerance * static_cast<double>(scale))
        << values.size();
  };
  near(moments.mean, expected.mean, std::abs(expected.mean));
  near(moments.m2, expected.m2, expected.m2);
  near(moments.m3, expected.m3, std::sqrt(expected.m2 * expected.m4));
  near(moments.m4, expected.m4, expected.m4);
}

TEST(Moments, AgreeWithLongDoubleSumsForEveryLength) {
  Course course(11);
  for (std::size_t n = 1; n <= 128; ++n) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(50 + course.bell());
    expect_long_moments(values, 1e-14);
  }
}

/* Where the sixteen values that give the center say little or nothing about the others. */
TEST(Moments, AgreeWithLongDoubleSumsWhereTheFirstValuesLieFarFromTheMean) {
  Course course(13);
  for (const double far : {10.0, 1e3, 1e6, 1e12}) {
    for (const std::size_t outliers : {1u, 4u, 16u}) {
      for (const std::size_t n : {2u, 15u, 17u, 100u, 128u}) {
        std::vector<double> values;
        for (std::size_t i = 0; i < n; ++i) {
          values.push_back(i < outliers ? far : 1 + course.bell());
        }
        expect_long_moments(values, 1e-14);
      }
    }
  }
}

TEST(Moments, HaveTheSameBitsWithEveryInstructionSet) {
  Course course(17);
  std::vector<double> values;
  for (int i = 0; i < 128; ++i) values.push_back(course.bell() / 3);
  std::vector<std::vector<std::uint64_t>> found;
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    std::vector<std::uint64_t> bits;
    for (std::size_t n = 1; n <= 128; ++n) {
      for (const std::uint64_t word : bits_of(block_moments(values.data(), n))) {
        bits.push_back(word);
      }
    }
    found.push_back(bits);
  }
  force_instruction_set(best_instruction_set());
  for (const auto& bits : found) EXPECT_EQ(bits, found[0]);
}

TEST(Moments, MergeToThoseOfAllValues) {
  Course course(7);
  std::vector<double> values;
  for (int i = 0; i < 128; ++i) values.push_back(1000 + course.bell() * (i < 30 ? 1 : 5));
  const Moments whole = block_moments(values.data(), 128);
  for (const std::size_t cut : {1u, 30u, 64u, 127u}) {
    const Moments merged =
        merge(block_moments(values.data(), cut), block_moments(values.data() + cut, 128 - cut));
    EXPECT_NEAR(merged.mean, whole.mean, 1e-12);
    EXPECT_NEAR(merged.stddev(), whole.stddev(), 1e-13 * whole.stddev());
    EXPECT_NEAR(merged.skewness(), whole.skewness(), 1e-11);
    EXPECT_NEAR(merged.kurtosis(), whole.kurtosis(), 1e-11);
    EXPECT_EQ(merged.min, whole.min);
    EXPECT_EQ(merged.max, whole.max);
  }
}

}  // namespace
}  // namespace sim
