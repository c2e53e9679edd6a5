/*
 * catalogue_distributions_test.cpp -- the table of distributions, their rules and their means.
 */
#include "catalogue/distributions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "random_reference.hpp"

namespace sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string error_of(DistributionKind kind, std::vector<double> parameters) {
  return parameter_error(kind, parameters).value_or("");
}

TEST(Distributions, StandInOrderOfTheirKinds) {
  const auto table = distributions();
  ASSERT_EQ(table.size(), static_cast<std::size_t>(DistributionKind::series) + 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(table[i].kind), i);
    EXPECT_EQ(&distribution(table[i].kind), &table[i]);
    EXPECT_EQ(find_distribution(table[i].name), &table[i]);
    EXPECT_EQ(table[i].doc.back(), '.') << table[i].name;
    EXPECT_TRUE(table[i].example.starts_with(std::string(table[i].name) + "("));
  }
  EXPECT_EQ(find_distribution("NORMAL")->kind, DistributionKind::normal);
  EXPECT_EQ(find_distribution("norm"), nullptr);
}

TEST(Distributions, NameTheParameterTheRuleAndTheValue) {
  EXPECT_EQ(error_of(DistributionKind::normal, {0, -1}), "sd must be greater than 0, is -1");
  EXPECT_EQ(error_of(DistributionKind::normal, {kNaN, 1}), "mean must be a finite number, is nan");
  EXPECT_EQ(error_of(DistributionKind::lognormal, {0, 1}), "mean must be greater than 0, is 0");
  EXPECT_EQ(error_of(DistributionKind::uniform, {3, 2}),
            "min must be less than max, they are 3 and 2");
  EXPECT_EQ(error_of(DistributionKind::triangular, {20, 50, 40}),
            "mode must not be greater than max, they are 50 and 40");
  EXPECT_EQ(error_of(DistributionKind::pert, {20, 10, 40}),
            "min must not be greater than mode, they are 20 and 10");
  EXPECT_EQ(error_of(DistributionKind::bernoulli, {1.5}), "p must be between 0 and 1, is 1.5");
  EXPECT_EQ(error_of(DistributionKind::binomial, {2.5, 0.5}), "n must be a whole number, is 2.5");
  EXPECT_EQ(error_of(DistributionKind::poisson, {-1}), "mean must be between 0 and 1e9, is -1");
  EXPECT_EQ(error_of(DistributionKind::gamma, {1e10, 1}), "shape must be at most 1e9, is 1e+10");
  EXPECT_EQ(error_of(DistributionKind::discrete, {1, 0.5, 2, 0.25}),
            "the probabilities must add up to 1, their sum is 0.75");
  EXPECT_EQ(error_of(DistributionKind::discrete, {1, 0.5, 2}),
            "discrete takes pairs of a value and its probability");
  EXPECT_EQ(error_of(DistributionKind::discrete, {1, -0.5, 2, 1.5}),
            "probability must be between 0 and 1, is -0.5");
  EXPECT_EQ(error_of(DistributionKind::normal, {1}), "normal takes mean, sd, 1 parameter is given");
  EXPECT_EQ(error_of(DistributionKind::student_t, {1, 2}),
            "student_t takes df, 2 parameters are given");
}

TEST(Distributions, RefuseEveryParameterThatIsNotFinite) {
  for (const ReferenceMoments& row : reference_moments()) {
    for (std::size_t i = 0; i < row.parameters.size(); ++i) {
      for (const double bad : {kNaN, kInfinity, -kInfinity}) {
        std::vector<double> parameters = row.parameters;
        parameters[i] = bad;
        EXPECT_TRUE(parameter_error(row.kind, parameters)) << row.label << " " << i;
      }
    }
  }
}

TEST(Distributions, AcceptParametersAtTheEdgesOfTheirRules) {
  EXPECT_EQ(error_of(DistributionKind::triangular, {10, 10, 25}), "");
  EXPECT_EQ(error_of(DistributionKind::pert, {10, 25, 25}), "");
  EXPECT_EQ(error_of(DistributionKind::poisson, {0}), "");
  EXPECT_EQ(error_of(DistributionKind::binomial, {0, 0}), "");
  EXPECT_EQ(error_of(DistributionKind::bernoulli, {1}), "");
  EXPECT_EQ(error_of(DistributionKind::discrete, {5, 1}), "");
  EXPECT_EQ(error_of(DistributionKind::discrete, {1, 0.1, 2, 0.2, 3, 0.7}), "");
}

TEST(Distributions, HaveTheMeansOfTheReference) {
  for (const ReferenceMoments& row : reference_moments()) {
    const double mean = distribution_mean(row.kind, row.parameters);
    EXPECT_NEAR(mean, row.mean, 1e-14 * std::fabs(row.mean)) << row.label;
  }
  EXPECT_TRUE(std::isnan(distribution_mean(DistributionKind::student_t, std::vector<double>{1})));
  const std::vector<double> prices = {10, 0.25, 20, 0.5, 40, 0.25};
  EXPECT_DOUBLE_EQ(distribution_mean(DistributionKind::discrete, prices), 22.5);
}

}  // namespace
}  // namespace sim
