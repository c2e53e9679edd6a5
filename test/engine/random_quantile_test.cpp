/*
 * random_quantile_test.cpp -- quantiles against the reference, and the same bits however they are
 * asked for.
 */
#include "random/quantile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/instruction_set.hpp"
#include "random/count_quantile.hpp"
#include "random/philox.hpp"
#include "random_reference.hpp"

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmallestUniform = 0x1p-54;
constexpr double kLargestUniform = 1 - 0x1p-53;

struct Example {
  std::string label;
  DistributionKind kind;
  std::vector<double> parameters;
  double low;  // the support
  double high;
  bool from_table = false;  // with constant parameters; lanes are computed directly
};

const std::vector<Example>& examples() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const std::vector<Example> list = {
      {"normal", DistributionKind::normal, {80, 12}, -kInfinity, kInfinity},
      {"lognormal", DistributionKind::lognormal, {100, 20}, 0, kInfinity, true},
      {"lognormal_log", DistributionKind::lognormal_log, {4.6, 0.25}, 0, kInfinity, true},
      {"lognormal without a table", DistributionKind::lognormal_log, {4.6, 25}, 0, kInfinity},
      {"uniform", DistributionKind::uniform, {0.1, 0.3}, 0.1, 0.3},
      {"triangular", DistributionKind::triangular, {20, 25, 40}, 20, 40},
      {"triangular at the left", DistributionKind::triangular, {0.1, 0.1, 0.7}, 0.1, 0.7},
      {"triangular at the right", DistributionKind::triangular, {0.1, 0.7, 0.7}, 0.1, 0.7},
      {"pert", DistributionKind::pert, {20, 25, 40}, 20, 40, true},
      {"exponential", DistributionKind::exponential, {0.5}, 0, kInfinity},
      {"gamma", DistributionKind::gamma, {2.5, 0.5}, 0, kInfinity, true},
      {"gamma of large shape", DistributionKind::gamma, {5000, 3}, 0, kInfinity, true},
      {"weibull", DistributionKind::weibull, {1.5, 10}, 0, kInfinity},
      {"beta", DistributionKind::beta, {2, 5}, 0, 1, true},
      {"student_t", DistributionKind::student_t, {5}, -kInfinity, kInfinity, true},
      {"poisson", DistributionKind::poisson, {3.5}, 0, kInfinity},
      {"poisson of large mean", DistributionKind::poisson, {1e6}, 0, kInfinity},
      {"binomial", DistributionKind::binomial, {20, 0.3}, 0, 20},
      {"binomial of many", DistributionKind::binomial, {1e6, 0.4}, 0, 1e6},
      {"bernoulli", DistributionKind::bernoulli, {0.3}, 0, 1},
      {"discrete", DistributionKind::discrete, {20, 0.5, 10, 0.2, 40, 0.3, 50, 0}, 10, 40}};
  return list;
}

std::vector<double> uniform_numbers(std::size_t n) {
  std::vector<double> u(n);
  uniforms(make_random_key(3, "u"), 1, 0, 0, u.data(), n);
  return u;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

TEST(Quantile, AgreesWithTheReference) {
  const std::vector<ReferenceQuantile> rows = reference_quantiles();
  ASSERT_GT(rows.size(), 300u);
  std::map<std::string, double> range;
  for (const ReferenceQuantile& row : rows) {
    if (row.p == 0.25) range[row.label] -= row.quantile;
    if (row.p == 0.75) range[row.label] += row.quantile;
  }
  for (const ReferenceQuantile& row : rows) {
    const double x = Quantile::prepare(row.kind, row.parameters)(row.p);
    const double scale = std::max(std::fabs(row.quantile), range.at(row.label));
    EXPECT_LE(std::fabs(x - row.quantile) / scale, row.p < 1e-9 ? 1e-9 : 1e-12)
        << row.label << " at " << row.p << ": " << x << ", not " << row.quantile;
  }
}

TEST(Quantile, KeepsSmallQuantilesRelativelyAccurate) {
  for (const ReferenceQuantile& row : reference_quantiles()) {
    if (row.p >= 0.25 || row.quantile == 0) continue;
    if (row.kind == DistributionKind::uniform || row.kind == DistributionKind::normal) continue;
    const double x = Quantile::prepare(row.kind, row.parameters)(row.p);
    EXPECT_LE(std::fabs(x / row.quantile - 1), 1e-9) << row.label << " at " << row.p;
  }
}

TEST(Quantile, ReturnsTheCountWhoseProbabilityReachesU) {
  for (const ReferenceCount& row : reference_counts()) {
    if (row.k < 0 || row.probability < 1e-13) continue;
    const Quantile quantile = Quantile::prepare(row.kind, row.parameters);
    // Just below the step the count is k, just above it the next one; the middle of the step is
    // safe.
    const double below = row.cumulative - row.probability / 2;
    if (below > 0 && below < 1) {
      EXPECT_EQ(quantile(below), row.k) << row.label << " " << row.k;
    }
    const double edge = row.cumulative * (1 - 1e-10);
    if (row.cumulative < 1 && row.probability > 1e-8) {
      EXPECT_EQ(quantile(edge), row.k) << row.label << " " << row.k;
    }
  }
}

TEST(Quantile, IsExactlyConsistentWithTheProbabilitiesOfCounts) {
  for (const auto& [distribution, largest] :
       {std::pair{CountDistribution::poisson(30), 80.0},
        std::pair{CountDistribution::poisson(0.5), 12.0},
        std::pair{CountDistribution::binomial(20, 0.3), 20.0}}) {
    for (double k = 0; k <= largest; ++k) {
      const double at = distribution.lower(k);
      if (at > 0 && at <= 0.5) {
        EXPECT_EQ(distribution.search(at), k);
        EXPECT_EQ(distribution.search(std::nextafter(at, 1)), k + 1);
      }
      const double above = distribution.upper(k);
      if (above >= 0x1p-50 && above < 0.5 && 1 - (1 - above) == above) {
        EXPECT_EQ(distribution.search(1 - above), k);
        EXPECT_EQ(distribution.search(std::nextafter(1 - above, 1)), k + 1);
      }
    }
  }
}

TEST(CountTable, GivesWhatTheSearchGives) {
  for (const CountDistribution& distribution :
       {CountDistribution::poisson(0), CountDistribution::poisson(1e-9),
        CountDistribution::poisson(0.5), CountDistribution::poisson(30),
        CountDistribution::poisson(900), CountDistribution::binomial(0, 0.5),
        CountDistribution::binomial(20, 0), CountDistribution::binomial(20, 1),
        CountDistribution::binomial(20, 0.3), CountDistribution::binomial(1000, 0.999)}) {
    const auto table = CountTable::make(distribution);
    ASSERT_TRUE(table);
    std::vector<double> u = uniform_numbers(3000);
    u.insert(u.end(), {kSmallestUniform, kLargestUniform, 0.5, 1e-300, 0.25, 0.75});
    for (double k = 0; k < 100; ++k) {
      const double at = distribution.lower(k);
      if (at > 0 && at < 1) u.insert(u.end(), {at, std::nextafter(at, 0), std::nextafter(at, 1)});
    }
    for (const double p : u) {
      if (p > 0 && p < 1) {
        double count;
        table->apply(&p, &count, 1);
        ASSERT_EQ(count, distribution.search(p)) << p;
      }
    }
  }
  EXPECT_FALSE(CountTable::make(CountDistribution::poisson(1e8)));
}

TEST(Quantile, GivesTheSameBitsInBatchesAndInLanesOnEveryInstructionSet) {
  const std::vector<double> u = uniform_numbers(777);
  for (const Example& example : examples()) {
    SCOPED_TRACE(example.label);
    const Quantile quantile = Quantile::prepare(example.kind, example.parameters);
    std::vector<std::vector<double>> columns;
    std::vector<const double*> parameters;
    for (const double p : example.parameters) columns.emplace_back(u.size(), p);
    for (const auto& column : columns) parameters.push_back(column.data());
    for (const auto set :
         {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
      if (!force_instruction_set(set)) continue;
      std::vector<double> batch = u;  // in place
      std::vector<double> lanes(u.size());
      quantile.apply(batch.data(), batch.data(), u.size());
      quantile_lanes(example.kind, parameters.data(), parameters.size(), u.data(), lanes.data(),
                     u.size());
      for (std::size_t i = 0; i < u.size(); ++i) {
        const double x = quantile(u[i]);
        ASSERT_TRUE(same_bits(batch[i], x)) << u[i];
        if (example.from_table) {
          ASSERT_LE(std::fabs(lanes[i] / x - 1), 1e-12) << u[i];
        } else {
          ASSERT_TRUE(same_bits(lanes[i], x)) << u[i];
        }
      }
    }
    force_instruction_set(best_instruction_set());
  }
}

TEST(Quantile, NeverFalls) {
  for (const Example& example : examples()) {
    const Quantile quantile = Quantile::prepare(example.kind, example.parameters);
    double before = quantile(kSmallestUniform);
    for (int i = 1; i < 2000; ++i) {
      const double x = quantile(i / 2000.0);
      ASSERT_LE(before, x) << example.label << " at " << i / 2000.0;
      before = x;
    }
    EXPECT_LE(before, quantile(kLargestUniform)) << example.label;
  }
}

TEST(Quantile, StaysInsideTheSupportAtTheExtremes) {
  for (const Example& example : examples()) {
    const Quantile quantile = Quantile::prepare(example.kind, example.parameters);
    for (const double u : {kSmallestUniform, kLargestUniform, 1e-12, 1 - 1e-12, 0.5}) {
      const double x = quantile(u);
      EXPECT_TRUE(std::isfinite(x)) << example.label << " at " << u;
      EXPECT_GE(x, example.low) << example.label;
      EXPECT_LE(x, example.high) << example.label;
    }
  }
}

TEST(Quantile, IsNaNOutsideTheOpenUnitInterval) {
  for (const Example& example : examples()) {
    const Quantile quantile = Quantile::prepare(example.kind, example.parameters);
    for (const double u : {0.0, 1.0, -0.5, 1.5, kNaN}) {
      EXPECT_TRUE(std::isnan(quantile(u))) << example.label << " at " << u;
    }
  }
}

TEST(Quantile, KeepsTheNeighboursOfANumberOutsideTheOpenUnitInterval) {
  const std::vector<double> good = uniform_numbers(600);
  std::vector<double> u = good;
  const std::map<std::size_t, double> bad = {{5, kNaN}, {17, 0}, {255, 1}, {256, -1}, {599, 2}};
  for (const auto& [place, value] : bad) u[place] = value;
  for (const Example& example : examples()) {
    const Quantile quantile = Quantile::prepare(example.kind, example.parameters);
    for (const auto set :
         {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
      if (!force_instruction_set(set)) continue;
      std::vector<double> x(u.size());
      quantile.apply(u.data(), x.data(), u.size());
      for (std::size_t i = 0; i < u.size(); ++i) {
        ASSERT_TRUE(bad.contains(i) ? std::isnan(x[i]) : x[i] == quantile(good[i]))
            << example.label << " " << i;
      }
    }
    force_instruction_set(best_instruction_set());
  }
}

TEST(Quantile, DrawsListedValuesInAscendingOrderAndNeverOneWithoutProbability) {
  const Quantile quantile = Quantile::prepare(
      DistributionKind::discrete, std::vector<double>{20, 0.5, 5, 0, 10, 0.25, 40, 0.25});
  EXPECT_EQ(quantile(kSmallestUniform), 10);
  EXPECT_EQ(quantile(0.25), 10);
  EXPECT_EQ(quantile(std::nextafter(0.25, 1)), 20);
  EXPECT_EQ(quantile(0.75), 20);
  EXPECT_EQ(quantile(kLargestUniform), 40);
}

TEST(Quantile, MakesCertainEventsCertain) {
  for (const double u : {kSmallestUniform, 0.5, kLargestUniform}) {
    EXPECT_EQ(Quantile::prepare(DistributionKind::bernoulli, std::vector<double>{1})(u), 1);
    EXPECT_EQ(Quantile::prepare(DistributionKind::bernoulli, std::vector<double>{0})(u), 0);
    EXPECT_EQ(Quantile::prepare(DistributionKind::poisson, std::vector<double>{0})(u), 0);
    EXPECT_EQ(Quantile::prepare(DistributionKind::binomial, std::vector<double>{7, 1})(u), 7);
    EXPECT_EQ(Quantile::prepare(DistributionKind::binomial, std::vector<double>{7, 0})(u), 0);
  }
}

TEST(Quantile, RefusesBadParametersByName) {
  try {
    Quantile::prepare(DistributionKind::normal, std::vector<double>{0, -1});
    FAIL() << "a negative sd was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_parameter);
    EXPECT_STREQ(error.what(), "normal: sd must be greater than 0, is -1");
  }
  EXPECT_THROW(Quantile::prepare(DistributionKind::bootstrap, {}), Error);
  EXPECT_THROW(Quantile::prepare(DistributionKind::normal, std::vector<double>{1}), Error);
}

/* Every parameter of every example replaced by each of these: the lane is NaN exactly where the
 * rule is broken. */
TEST(QuantileLanes, AreNaNExactlyWhereAParameterBreaksARule) {
  const std::vector<double> odd = {
      kNaN, std::numeric_limits<double>::infinity(), -1, 0, -0.0, 0.5, 1, 2, 30, 1e300, -1e300,
      1e15};
  for (const Example& example : examples()) {
    const double* arrays[8];
    std::vector<double> parameters = example.parameters;
    for (std::size_t j = 0; j < parameters.size(); ++j) arrays[j] = &parameters[j];
    for (std::size_t j = 0; j < parameters.size(); ++j) {
      for (const double value : odd) {
        parameters = example.parameters;
        parameters[j] = value;
        const double u = 0.3;
        double x = -7;
        quantile_lanes(example.kind, arrays, parameters.size(), &u, &x, 1);
        const bool valid = !parameter_error(example.kind, parameters);
        EXPECT_EQ(!std::isnan(x), valid) << example.label << " " << j << " " << value;
      }
    }
  }
}

TEST(QuantileLanes, KeepTheirNeighboursWhenOneIsBad) {
  std::vector<double> mean(300, 5);
  std::vector<double> sd(300, 2);
  sd[150] = -1;
  mean[151] = kNaN;
  const double* parameters[] = {mean.data(), sd.data()};
  const std::vector<double> u(300, 0.75);
  std::vector<double> x(300);
  quantile_lanes(DistributionKind::normal, parameters, 2, u.data(), x.data(), 300);
  const double expected =
      Quantile::prepare(DistributionKind::normal, std::vector<double>{5, 2})(0.75);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i == 150 || i == 151) {
      EXPECT_TRUE(std::isnan(x[i]));
    } else {
      EXPECT_EQ(x[i], expected);
    }
  }
}

TEST(QuantileLanes, AreNaNWithTooFewParameters) {
  const double mean = 1;
  const double* parameters[] = {&mean};
  const double u = 0.5;
  double x = 0;
  quantile_lanes(DistributionKind::normal, parameters, 1, &u, &x, 1);
  EXPECT_TRUE(std::isnan(x));
}

}  // namespace
}  // namespace sim
