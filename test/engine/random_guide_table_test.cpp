/*
 * random_guide_table_test.cpp -- places of numbers in lists of all kinds, tables of many counts,
 * and counts too many for a table.
 */
#include "random/guide_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <vector>

#include "core/instruction_set.hpp"
#include "random/count_quantile.hpp"
#include "random/philox.hpp"
#include "random/quantile.hpp"

namespace sim {
namespace {

std::vector<double> random_numbers(std::size_t n) {
  std::vector<double> u(n);
  uniforms(make_random_key(4, "places"), 1, 0, 0, u.data(), n);
  return u;
}

/* Lists with crowds, steps as wide as everything, and repeated limits. */
std::vector<std::vector<double>> lists() {
  std::vector<std::vector<double>> all = {{1}, {0.3, 1}, {0.5, 0.5, 0.5, 1}, {0, 0, 0.25, 1}};
  std::vector<double> crowd;
  for (int i = 0; i < 500; ++i) crowd.push_back(0.7 + i * 1e-9);
  for (int i = 0; i < 500; ++i) crowd.push_back(1 - std::ldexp(1.0, -5 - i / 20));
  all.push_back(crowd);
  all.push_back(random_numbers(20000));
  std::sort(all.back().begin(), all.back().end());
  return all;
}

TEST(GuideTable, FindsWhatASearchFinds) {
  for (const std::vector<double>& limits : lists()) {
    const GuideTable table(limits);
    std::vector<double> u = random_numbers(3000);
    for (const double limit : limits) {
      for (const double near : {limit, std::nextafter(limit, 0), std::nextafter(limit, 1)}) {
        if (near < 1) u.push_back(near);
      }
    }
    for (const auto set :
         {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
      if (!force_instruction_set(set)) continue;
      std::vector<double> places = u;
      table.apply(places.data(), places.data(), places.size());
      for (std::size_t i = 0; i < u.size(); ++i) {
        const auto found = std::lower_bound(limits.begin(), limits.end() - 1, u[i]);
        ASSERT_EQ(places[i], static_cast<double>(found - limits.begin())) << u[i];
      }
    }
    force_instruction_set(best_instruction_set());
  }
}

using Long = long double;

/* The count is the smallest whose probability reaches u, but for numbers within 1e-12 of a border,
 * relative to the smaller tail. */
template <class Lower, class Upper>
void expect_counts(const Quantile& quantile, std::vector<double> u, Lower lower, Upper upper) {
  for (double t = 0.4; t > 0x1p-54; t *= 0.7) u.insert(u.end(), {t, 1 - t});
  std::vector<double> counts(u.size());
  quantile.apply(u.data(), counts.data(), u.size());
  for (std::size_t i = 0; i < u.size(); ++i) {
    const Long k = counts[i];
    if (u[i] <= 0.5) {
      EXPECT_GE(lower(k), u[i] * (1 - 1e-12L)) << u[i];
      EXPECT_LT(k > 0 ? lower(k - 1) : 0, u[i] * (1 + 1e-12L)) << u[i];
    } else {
      const Long tail = 1 - static_cast<Long>(u[i]);
      EXPECT_LE(upper(k), tail * (1 + 1e-12L)) << u[i];
      EXPECT_GT(k > 0 ? upper(k - 1) : 1, tail * (1 - 1e-12L)) << u[i];
    }
  }
}

void expect_poisson_counts(double mean, const std::vector<double>& u) {
  expect_counts(
      Quantile::prepare(DistributionKind::poisson, std::vector<double>{mean}), u,
      [=](Long k) { return boost::math::gamma_q(k + 1, static_cast<Long>(mean)); },
      [=](Long k) { return boost::math::gamma_p(k + 1, static_cast<Long>(mean)); });
}

void expect_binomial_counts(double n, double p, const std::vector<double>& u) {
  const Long trials = n;
  const Long chance = p;
  expect_counts(
      Quantile::prepare(DistributionKind::binomial, std::vector<double>{n, p}), u,
      [=](Long k) { return k >= trials ? 1 : boost::math::ibetac(k + 1, trials - k, chance); },
      [=](Long k) { return k >= trials ? 0 : boost::math::ibeta(k + 1, trials - k, chance); });
}

TEST(CountTable, HoldsThousandsOfPoissonCounts) {
  for (const double mean : {0.3, 3000.0, 5000.0, 1e6}) {
    ASSERT_TRUE(CountTable::make(CountDistribution::poisson(mean)));
    expect_poisson_counts(mean, random_numbers(2000));
  }
}

TEST(CountTable, HoldsThousandsOfBinomialCounts) {
  for (const auto& [n, p] : {std::pair{30.0, 0.2}, {20000.0, 0.7}, {1e6, 0.01}}) {
    ASSERT_TRUE(CountTable::make(CountDistribution::binomial(n, p)));
    expect_binomial_counts(n, p, random_numbers(2000));
  }
}

TEST(LargeCount, GivesPoissonCountsTheirProbability) {
  for (const double mean : {1.45e6, 1.5001e6, 4321234.56, 3e7, 1e9}) {
    expect_poisson_counts(mean, random_numbers(100));
  }
}

TEST(LargeCount, GivesBinomialCountsTheirProbability) {
  for (const auto& [n, p] : {std::pair{1.6e6, 0.05},
                             {1e9, 0.00151},
                             {6.1e6, 0.5},
                             {987654321.0, 0.3},
                             {1e9, 0.9984},
                             {1e9, 0.5}}) {
    expect_binomial_counts(n, p, random_numbers(100));
  }
}

/* Beyond what random/philox.hpp makes, too. */
TEST(LargeCount, GivesTinyNumbersTheirProbability) {
  const double mean = 2e7;
  const Quantile quantile = Quantile::prepare(DistributionKind::poisson, std::vector<double>{mean});
  for (const double u : {0x1p-54, std::nextafter(0x1p-54, 0), 1e-20, 1e-100, 1e-300}) {
    const Long k = quantile(u);
    const Long rate = mean;
    EXPECT_GE(boost::math::gamma_q(k + 1, rate), u * (1 - 1e-12L)) << u;
    EXPECT_LT(boost::math::gamma_q(k, rate), u * (1 + 1e-12L)) << u;
  }
}

TEST(LargeCount, StaysAmongTheCounts) {
  for (const auto& [n, p] : {std::pair{1e9, 0.5}, {1e9, 0.9984}}) {
    const Quantile quantile =
        Quantile::prepare(DistributionKind::binomial, std::vector<double>{n, p});
    double before = 0;
    for (const double u : {1e-300, 1e-20, 0x1p-54, 1e-9, 0.3, 0.5, 0.9, 1 - 1e-9, 1 - 0x1p-53}) {
      EXPECT_GT(quantile(u), before) << u;
      before = quantile(u);
    }
    EXPECT_LE(before, n);
  }
}

TEST(LargeCount, GivesTheSameCountsInBatchesAndInLanesOnEveryInstructionSet) {
  const double mean = 7654321.5;
  const Quantile quantile = Quantile::prepare(DistributionKind::poisson, std::vector<double>{mean});
  std::vector<double> u = random_numbers(777);
  u[300] = 1e-20;
  const std::vector<double> means(u.size(), mean);
  const double* parameters[] = {means.data()};
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    std::vector<double> batch = u;  // in place
    std::vector<double> lanes(u.size());
    quantile.apply(batch.data(), batch.data(), u.size());
    quantile_lanes(DistributionKind::poisson, parameters, 1, u.data(), lanes.data(), u.size());
    for (std::size_t i = 0; i < u.size(); ++i) EXPECT_EQ(batch[i], quantile(u[i])) << u[i];
    EXPECT_EQ(lanes, batch);
  }
  force_instruction_set(best_instruction_set());
}

}  // namespace
}  // namespace sim
