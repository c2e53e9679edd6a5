/*
 * random_draws_test.cpp -- draws have the distribution they claim: moments, Kolmogorov-Smirnov,
 * chi-square.
 *
 * Seeds are fixed, so a test either always passes or always fails; the significance says how likely
 * a correct generator would have been to fail with a seed picked blindly.  Probabilities come from
 * Boost.Math in double, which shares no elementary function with the code under test.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <boost/math/distributions/weibull.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "random/philox.hpp"
#include "random/quantile.hpp"
#include "random_reference.hpp"

namespace sim {
namespace {

namespace bm = boost::math;

std::vector<double> draw(DistributionKind kind, const std::vector<double>& parameters,
                         std::size_t n) {
  std::vector<double> x(n);
  const RandomKey key = make_random_key(20, distribution(kind).name);
  uniforms(key, 1, 0, 0, x.data(), n);
  Quantile::prepare(kind, parameters).apply(x.data(), x.data(), n);
  return x;
}

struct ContinuousCase {
  DistributionKind kind;
  std::vector<double> parameters;
  std::function<double(double)> cdf;
};

std::vector<ContinuousCase> continuous_cases() {
  const double variance = std::log1p(0.04);
  return {
      {DistributionKind::normal, {80, 12}, [](double x) { return bm::cdf(bm::normal(80, 12), x); }},
      {DistributionKind::lognormal,
       {100, 20},
       [=](double x) {
         return bm::cdf(bm::lognormal(std::log(100.0) - variance / 2, std::sqrt(variance)), x);
       }},
      {DistributionKind::lognormal_log,
       {4.6, 0.25},
       [](double x) { return bm::cdf(bm::lognormal(4.6, 0.25), x); }},
      {DistributionKind::uniform, {-5, 12.5}, [](double x) { return (x + 5) / 17.5; }},
      {DistributionKind::triangular,
       {20, 25, 40},
       [](double x) { return bm::cdf(bm::triangular(20, 25, 40), x); }},
      {DistributionKind::pert,
       {20, 25, 40},
       [](double x) { return bm::cdf(bm::beta_distribution<>(2, 4), (x - 20) / 20); }},
      {DistributionKind::exponential,
       {0.5},
       [](double x) { return bm::cdf(bm::exponential(0.5), x); }},
      {DistributionKind::gamma,
       {2.5, 0.5},
       [](double x) { return bm::cdf(bm::gamma_distribution<>(2.5, 2), x); }},
      {DistributionKind::weibull,
       {1.5, 10},
       [](double x) { return bm::cdf(bm::weibull(1.5, 10), x); }},
      {DistributionKind::beta,
       {0.3, 0.4},
       [](double x) { return bm::cdf(bm::beta_distribution<>(0.3, 0.4), x); }},
      {DistributionKind::student_t, {5}, [](double x) { return bm::cdf(bm::students_t(5), x); }}};
}

TEST(Draws, PassKolmogorovAndSmirnovAtOneInAThousand) {
  constexpr std::size_t kCount = 20000;
  for (const ContinuousCase& test : continuous_cases()) {
    std::vector<double> x = draw(test.kind, test.parameters, kCount);
    std::sort(x.begin(), x.end());
    double distance = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      const double f = test.cdf(x[i]);
      distance = std::max({distance, f - double(i) / kCount, double(i + 1) / kCount - f});
    }
    // The limit distribution exceeds 1.9495 with probability 0.001.
    EXPECT_LT(distance * std::sqrt(double(kCount)), 1.9495) << distribution(test.kind).name;
  }
}

struct DiscreteCase {
  DistributionKind kind;
  std::vector<double> parameters;
  std::vector<double> values;
  std::function<double(double)> pdf;
};

std::vector<double> counts_from(int first, int last) {
  std::vector<double> values;
  for (int k = first; k <= last; ++k) values.push_back(k);
  return values;
}

TEST(Draws, PassTheChiSquareTestAtOneInAThousand) {
  constexpr std::size_t kCount = 20000;
  const std::vector<DiscreteCase> cases = {
      {DistributionKind::poisson,
       {3.5},
       counts_from(0, 11),
       [](double k) { return bm::pdf(bm::poisson(3.5), k); }},
      {DistributionKind::poisson,
       {1e4},
       counts_from(9850, 10150),
       [](double k) { return bm::pdf(bm::poisson(1e4), k); }},
      {DistributionKind::binomial,
       {20, 0.3},
       counts_from(1, 12),
       [](double k) { return bm::pdf(bm::binomial(20, 0.3), k); }},
      {DistributionKind::bernoulli, {0.3}, {0, 1}, [](double k) { return k == 1 ? 0.3 : 0.7; }},
      {DistributionKind::discrete, {40, 0.3, 10, 0.2, 20, 0.5}, {10, 20, 40}, [](double v) {
         return v == 10 ? 0.2 : v == 20 ? 0.5 : 0.3;
       }}};
  for (const DiscreteCase& test : cases) {
    const std::vector<double> x = draw(test.kind, test.parameters, kCount);
    double chi_square = 0;
    double rest_seen = kCount;
    double rest_expected = kCount;
    for (const double value : test.values) {
      const auto seen = double(std::count(x.begin(), x.end(), value));
      const double expected = kCount * test.pdf(value);
      ASSERT_GT(expected, 5) << distribution(test.kind).name << " " << value;
      chi_square += (seen - expected) * (seen - expected) / expected;
      rest_seen -= seen;
      rest_expected -= expected;
    }
    auto freedom = double(test.values.size()) - 1;
    if (rest_expected > 5) {
      chi_square += (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
      ++freedom;
    }
    EXPECT_LT(chi_square, bm::quantile(bm::complement(bm::chi_squared(freedom), 0.001)))
        << distribution(test.kind).name << " with " << freedom << " degrees of freedom";
  }
}

TEST(Draws, HaveTheMomentsOfTheReferenceWithinFourStandardErrors) {
  constexpr std::size_t kCount = 20000;
  int checked = 0;
  for (const ReferenceMoments& row : reference_moments()) {
    // A distribution whose kurtosis is too large or infinite has no usable error of its variance.
    if (row.label == "lognormal mean=5;sd=15" || row.label == "student_t df=1.5") continue;
    const std::vector<double> x = draw(row.kind, row.parameters, kCount);
    double sum = 0;
    for (const double value : x) sum += value - row.mean;
    double squares = 0;
    double fourths = 0;
    for (const double value : x) {
      const double square = (value - row.mean) * (value - row.mean);
      squares += square;
      fourths += square * square;
    }
    const double variance = squares / kCount;
    EXPECT_LT(std::fabs(sum / kCount), 4 * std::sqrt(row.variance / kCount)) << row.label;
    EXPECT_LT(std::fabs(variance - row.variance),
              4 * std::sqrt((fourths / kCount - variance * variance) / kCount) + 1e-12)
        << row.label;
    ++checked;
  }
  EXPECT_GT(checked, 25);
}

TEST(Draws, HaveNoCorrelationBetweenInputsOrStepsBeyondChance) {
  constexpr std::size_t kCount = 50000;
  const auto z = [](std::string_view name, std::uint32_t step) {
    std::vector<double> x(kCount);
    uniforms(make_random_key(1, name), 1, step, 0, x.data(), kCount);
    Quantile::prepare(DistributionKind::normal, std::vector<double>{0, 1})
        .apply(x.data(), x.data(), kCount);
    return x;
  };
  const auto correlation = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < kCount; ++i) sum += a[i] * b[i];
    return sum / kCount;
  };
  // Standard error 0.00447; four of them.
  EXPECT_LT(std::fabs(correlation(z("a", 1), z("b", 1))), 0.0179);
  EXPECT_LT(std::fabs(correlation(z("a", 1), z("a", 2))), 0.0179);
}

}  // namespace
}  // namespace sim
