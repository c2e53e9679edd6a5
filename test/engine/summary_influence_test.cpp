/*
 * summary_influence_test.cpp -- influence functions against what removing a value does, and against
 * spread.
 */
#include "summary/influence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/bytes.hpp"
#include "summary/percentile.hpp"
#include "summary_testing.hpp"

namespace sim {
namespace {

using testing::Columns;
using testing::Course;
using testing::error_of;
using testing::summarize_all;

Moments total_of(const std::vector<double>& values) {
  return summarize_all(Columns{values}).total(0, 0);
}

std::vector<double> influence_of(const InfluenceSpec& spec, const std::vector<double>& values) {
  std::vector<double> out(values.size());
  influence(spec, values.data(), out.data(), values.size());
  return out;
}

std::vector<double> skewed_values(std::size_t n, std::uint64_t seed) {
  Course course(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(50 - 10 * std::log(1 - course.uniform()));
  return values;
}

TEST(Statistic, IsReadByItsNameInSql) {
  EXPECT_EQ(parse_statistic("stddev").kind, Statistic::Kind::stddev);
  EXPECT_EQ(parse_statistic("median").probability, 0.5);
  EXPECT_EQ(parse_statistic("p05").probability, 0.05);
  EXPECT_EQ(parse_statistic("p99.9").probability, 0.999);
  EXPECT_EQ(parse_statistic("p100").probability, 1);
  EXPECT_FALSE(parse_statistic("max").has_influence());
  EXPECT_TRUE(parse_statistic("p05").has_influence());
  for (const char* name : {"", "p", "p101", "p-5", "p1e1", "p5x", "p.", "average", "Mean"}) {
    EXPECT_EQ(error_of([&] { parse_statistic(name); }), "invalid_parameter") << name;
  }
}

TEST(Statistic, HasTheValueOfItsColumn) {
  const Moments total = total_of({1, 2, 6, std::numeric_limits<double>::quiet_NaN()});
  const auto value = [&](const char* name) {
    return statistic_value(parse_statistic(name), total, 17);
  };
  EXPECT_EQ(value("trials"), 4);
  EXPECT_EQ(value("failed_trials"), 1);
  EXPECT_EQ(value("mean"), 3);
  EXPECT_EQ(value("min"), 1);
  EXPECT_EQ(value("max"), 6);
  EXPECT_EQ(value("p25"), 17);
  EXPECT_EQ(value("stddev"), total.stddev());
  EXPECT_TRUE(std::isnan(statistic_value(parse_statistic("min"), Moments{}, 0)));
}

/* To first order, adding a share e of the value x moves a statistic by e times its influence. */
TEST(Influence, IsTheDerivativeOfTheStatisticForMoreOfAValue) {
  const std::vector<double> values = skewed_values(2000, 3);
  const Moments total = total_of(values);
  const double n = static_cast<double>(values.size());
  const auto population = [](const Moments& m, Statistic::Kind kind) {
    const double count = static_cast<double>(m.count);
    const double sd = std::sqrt(m.m2 / count);
    if (kind == Statistic::Kind::mean) return m.mean;
    if (kind == Statistic::Kind::stddev) return sd;
    if (kind == Statistic::Kind::skewness) return m.m3 / count / std::pow(sd, 3);
    return m.m4 / count / std::pow(sd, 4);
  };
  for (const char* name : {"mean", "stddev", "skewness", "kurtosis"}) {
    const Statistic statistic = parse_statistic(name);
    const InfluenceSpec spec = make_influence(statistic, total, 0, 0);
    for (const double x : {45.0, 58.0, 60.5, 75.0}) {
      const Moments more = merge(total, block_moments(&x, 1));
      const double e = 1 / (n + 1);
      const double derivative =
          (population(more, statistic.kind) - population(total, statistic.kind)) / e;
      const double expected = influence_of(spec, {x})[0];
      EXPECT_NEAR(derivative, expected, 0.01 * std::abs(expected) + 0.02) << name << " at " << x;
    }
  }
}

TEST(Influence, HasMeanZeroAndTheSpreadOfTheStatisticOverSamples) {
  constexpr std::size_t kSize = 1500;
  constexpr int kSamples = 400;
  for (const char* name : {"mean", "stddev", "std_error", "skewness", "median", "p90"}) {
    const Statistic statistic = parse_statistic(name);
    const bool is_percentile = statistic.kind == Statistic::Kind::percentile;
    double sum = 0, squares = 0, errors = 0;
    for (int sample = 0; sample < kSamples; ++sample) {
      std::vector<double> values = skewed_values(kSize, 1000 + static_cast<std::uint64_t>(sample));
      const Moments total = total_of(values);
      double percentile = 0, density = 0;
      if (is_percentile) {
        const Neighbours near = density_neighbours(statistic.probability, kSize);
        const std::vector<double> p = {statistic.probability, near.lower, near.upper};
        std::vector<double> scratch = values;
        const auto found = exact_percentiles(scratch, p);
        percentile = found[0];
        density = estimate_density(near, found[1], found[2]);
      }
      const InfluenceSpec spec = make_influence(statistic, total, percentile, density);
      const Moments moved = total_of(influence_of(spec, values));
      EXPECT_NEAR(moved.mean, 0, 1e-3 * moved.stddev()) << name;
      errors += moved.std_error();
      const double value = statistic_value(statistic, total, percentile);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / kSamples;
    const double spread = std::sqrt((squares - kSamples * mean * mean) / (kSamples - 1));
    EXPECT_NEAR(errors / kSamples / spread, 1, 0.15) << name;
  }
}

TEST(Influence, GivesTheErrorOfAPairedDifference) {
  /* The difference of means of x and x + 0.1 y, on the same trials, has the error of mean(0.1 y).
   */
  Course course(4);
  std::vector<double> x, other, expected;
  for (int i = 0; i < 5000; ++i) {
    x.push_back(100 + 20 * course.bell());
    expected.push_back(0.1 * course.bell());
    other.push_back(x.back() + expected.back());
  }
  const Statistic mean = parse_statistic("mean");
  const auto a = influence_of(make_influence(mean, total_of(x), 0, 0), x);
  const auto b = influence_of(make_influence(mean, total_of(other), 0, 0), other);
  std::vector<double> difference;
  for (std::size_t i = 0; i < a.size(); ++i) difference.push_back(b[i] - a[i]);
  const double error = total_of(difference).std_error();
  EXPECT_NEAR(error, total_of(expected).std_error(), 1e-9);
}

TEST(Influence, IsZeroWhereNothingVariesAndNaNWhereThereIsNone) {
  const std::vector<double> same(100, 3.5);
  const auto first = [&](const char* name, double density) {
    return influence_of(make_influence(parse_statistic(name), total_of(same), 3.5, density),
                        same)[0];
  };
  EXPECT_EQ(first("mean", 0), 0);
  EXPECT_EQ(first("stddev", 0), 0);
  EXPECT_EQ(first("median", 0), 0);
  EXPECT_TRUE(std::isnan(first("max", 0)));
  EXPECT_TRUE(std::isnan(first("trials", 0)));
  const std::vector<double> two = {0, 0, 0, 1};
  const Neighbours near = density_neighbours(0.5, 4);
  const auto spec =
      make_influence(parse_statistic("median"), total_of(two), 0, estimate_density(near, 0, 0));
  EXPECT_EQ(influence_of(spec, two), std::vector<double>(4, 0.0));
}

TEST(Influence, OfAFailedTrialFails) {
  const std::vector<double> values = {1, 2, 5};
  for (const char* name : {"mean", "kurtosis", "median"}) {
    const auto spec = make_influence(parse_statistic(name), total_of(values), 2, 0.3);
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      EXPECT_TRUE(std::isnan(influence_of(spec, {bad})[0])) << name;
    }
    EXPECT_TRUE(std::isfinite(influence_of(spec, {2})[0])) << name;
  }
}

TEST(Influence, TravelsAsBytes) {
  const auto spec =
      make_influence(parse_statistic("skewness"), total_of(skewed_values(300, 9)), 0, 0);
  ByteWriter writer;
  write_influence(writer, spec);
  const auto bytes = writer.take();
  ByteReader reader(bytes);
  const InfluenceSpec back = read_influence(reader);
  EXPECT_NO_THROW(reader.expect_end());
  const std::vector<double> x = {40, 55, 90};
  EXPECT_EQ(influence_of(back, x), influence_of(spec, x));
}

TEST(DensityNeighbours, StayInsideAndCloseInWithMoreValues) {
  for (const double p : {0.001, 0.05, 0.5, 0.95, 0.999}) {
    double before = 2;
    for (const std::int64_t n : {1LL, 100LL, 10000LL, 100000000LL}) {
      const Neighbours near = density_neighbours(p, n);
      EXPECT_GT(near.lower, 0);
      EXPECT_LT(near.upper, 1);
      EXPECT_LT(near.lower, p);
      EXPECT_GT(near.upper, p);
      EXPECT_LE(near.upper - near.lower, before);
      before = near.upper - near.lower;
    }
  }
}

}  // namespace
}  // namespace sim
