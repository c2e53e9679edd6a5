/*
 * catalogue_normal_test.cpp -- the standard normal distribution: batches, values, edges.
 */
#include "catalogue/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/instruction_set.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

std::vector<double> probabilities() {
  std::vector<double> p = {0,           1,          0.075,
                           0.925,       0.5,        1e-300,
                           5e-324,      1e-11,      1.3887943864964021e-11,
                           1 - 0x1p-53, 0x1p-54,    -0.1,
                           1.1,         math::kNaN, math::kInfinity};
  for (int i = 1; i < 3000; ++i) {
    p.push_back(i / 3000.0);
    p.push_back(std::ldexp(1.0, -i % 1074));
  }
  return p;
}

TEST(Normal, GivesTheSameBitsInBatchesOnEveryInstructionSet) {
  const std::vector<double> p = probabilities();
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    std::vector<double> quantiles(p.size());
    std::vector<double> cdf = p;  // in place
    std::vector<double> density(p.size());
    normal_quantile(p.data(), quantiles.data(), p.size());
    normal_cdf(cdf.data(), cdf.data(), p.size());
    normal_density(p.data(), density.data(), p.size());
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (std::isnan(normal_quantile(p[i]))) {
        EXPECT_TRUE(std::isnan(quantiles[i])) << p[i];
      } else {
        EXPECT_EQ(quantiles[i], normal_quantile(p[i])) << p[i];
      }
      if (std::isnan(p[i])) continue;
      EXPECT_EQ(cdf[i], normal_cdf(p[i])) << p[i];
      EXPECT_EQ(density[i], normal_density(p[i])) << p[i];
    }
  }
  force_instruction_set(best_instruction_set());
}

TEST(Normal, QuantileIsInfiniteAtTheEndsAndNaNOutside) {
  EXPECT_EQ(normal_quantile(0), -math::kInfinity);
  EXPECT_EQ(normal_quantile(1), math::kInfinity);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_TRUE(std::isnan(normal_quantile(-1e-300)));
  EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
  EXPECT_TRUE(std::isnan(normal_quantile(math::kNaN)));
}

TEST(Normal, QuantileInvertsTheProbability) {
  for (double p = 1e-250; p < 0.5; p *= 1.7) {
    const double z = normal_quantile(p);
    // d ln(p) = density / p * dz, and z itself is exact to a few units in the last place.
    const double tolerance = 1e-13 + 8 * 1.2e-16 * std::fabs(z) * normal_density(z) / p;
    EXPECT_NEAR(normal_cdf(z) / p, 1, tolerance) << p;
    if (p > 1e-16) {
      EXPECT_NEAR(normal_quantile(1 - p), -z, 2e-16 / normal_density(z)) << p;
    }
  }
}

TEST(Normal, QuantileIsMonotoneAcrossTheSeamsOfItsFormulas) {
  for (const double seam : {0.075, 0.925, 1.3887943864964021e-11}) {
    double before = normal_quantile(seam * (1 - 1e-12));
    for (int i = -999; i < 1000; ++i) {
      const double z = normal_quantile(seam * (1 + i * 1e-15));
      EXPECT_LE(before, z + 3e-15) << seam;
      before = z;
    }
  }
}

TEST(Normal, KnowsProbabilities) {
  EXPECT_EQ(normal_cdf(0), 0.5);
  EXPECT_NEAR(normal_cdf(-10) / 7.619853024160526e-24, 1, 2e-14);
  EXPECT_NEAR(normal_cdf(-37.5) / 4.60535300958196e-308, 1, 2e-13);
  EXPECT_DOUBLE_EQ(normal_cdf(1.959963984540054), 0.975);
  EXPECT_EQ(normal_cdf(math::kInfinity), 1);
  EXPECT_EQ(normal_cdf(-math::kInfinity), 0);
  EXPECT_DOUBLE_EQ(normal_density(0), 0.3989422804014327);
  EXPECT_EQ(normal_density(math::kInfinity), 0);
}

}  // namespace
}  // namespace sim
