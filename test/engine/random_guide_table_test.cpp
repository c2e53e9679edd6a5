/*
 * random_guide_table_test.cpp -- places of numbers in lists of all kinds, and tables of many
 * counts.
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
void expect_counts(const CountDistribution& distribution, Lower lower, Upper upper) {
  const auto table = CountTable::make(distribution);
  ASSERT_TRUE(table);
  std::vector<double> u = random_numbers(2000);
  for (double t = 0.4; t > 0x1p-54; t *= 0.7) u.insert(u.end(), {t, 1 - t});
  std::vector<double> counts(u.size());
  table->apply(u.data(), counts.data(), u.size());
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

TEST(CountTable, HoldsThousandsOfPoissonCounts) {
  for (const double mean : {0.3, 3000.0, 5000.0, 1e6}) {
    expect_counts(
        CountDistribution::poisson(mean),
        [=](Long k) { return boost::math::gamma_q(k + 1, static_cast<Long>(mean)); },
        [=](Long k) { return boost::math::gamma_p(k + 1, static_cast<Long>(mean)); });
  }
}

TEST(CountTable, HoldsThousandsOfBinomialCounts) {
  for (const auto& [n, p] : {std::pair{30.0, 0.2}, {20000.0, 0.7}, {1e6, 0.01}}) {
    const Long trials = n;
    const Long chance = p;
    expect_counts(
        CountDistribution::binomial(n, p),
        [=](Long k) { return k >= trials ? 1 : boost::math::ibetac(k + 1, trials - k, chance); },
        [=](Long k) { return k >= trials ? 0 : boost::math::ibeta(k + 1, trials - k, chance); });
  }
}

}  // namespace
}  // namespace sim
