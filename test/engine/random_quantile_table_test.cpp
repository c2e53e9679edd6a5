/*
 * random_quantile_table_test.cpp -- draws from tables have the probability they should have, never
 * fall, and are the same bits however they are asked for.
 *
 * The distribution functions of the reference are Boost.Math's in long double.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/instruction_set.hpp"
#include "core/math.hpp"
#include "random/direct_quantile.hpp"
#include "random/large_beta.hpp"
#include "random/large_gamma.hpp"
#include "random/philox.hpp"
#include "random/quantile.hpp"
#include "random/standard_tables.hpp"

namespace sim {
namespace {

using Long = long double;

struct Example {
  DistributionKind kind;
  std::vector<double> parameters;
  std::function<Long(Long)> lower;  // P(X <= x)
  std::function<Long(Long)> upper;  // P(X > x)

  std::string label() const {
    std::string text(distribution(kind).name);
    for (const double p : parameters) text += " " + std::to_string(p);
    return text;
  }
};

Example gamma_example(Long shape) {
  return {DistributionKind::gamma,
          {static_cast<double>(shape), 1},
          [=](Long x) { return boost::math::gamma_p(shape, x); },
          [=](Long x) { return boost::math::gamma_q(shape, x); }};
}

Example beta_example(Long alpha, Long beta) {
  return {DistributionKind::beta,
          {static_cast<double>(alpha), static_cast<double>(beta)},
          [=](Long x) { return boost::math::ibeta(alpha, beta, x); },
          [=](Long x) { return boost::math::ibetac(alpha, beta, x); }};
}

Example student_t_example(Long df) {
  const boost::math::students_t_distribution<Long> distribution(df);
  return {DistributionKind::student_t,
          {static_cast<double>(df)},
          [=](Long x) { return boost::math::cdf(distribution, x); },
          [=](Long x) { return boost::math::cdf(distribution, -x); }};
}

Example weibull_example(Long shape) {
  const auto power = [=](Long x) { return std::pow(x, shape); };
  return {DistributionKind::weibull,
          {static_cast<double>(shape), 1},
          [=](Long x) { return -std::expm1(-power(x)); },
          [=](Long x) { return std::exp(-power(x)); }};
}

Example normal_example() {
  const Long root = std::sqrt(2.0L);
  return {DistributionKind::normal,
          {0, 1},
          [=](Long x) { return boost::math::erfc(-x / root) / 2; },
          [=](Long x) { return boost::math::erfc(x / root) / 2; }};
}

Example exponential_example() {
  return {DistributionKind::exponential,
          {1},
          [](Long x) { return -std::expm1(-x); },
          [](Long x) { return std::exp(-x); }};
}

Example lognormal_example(Long meanlog, Long sdlog) {
  const auto standard = [=](Long x) { return (std::log(x) - meanlog) / (sdlog * std::sqrt(2.0L)); };
  return {DistributionKind::lognormal_log,
          {static_cast<double>(meanlog), static_cast<double>(sdlog)},
          [=](Long x) { return boost::math::erfc(-standard(x)) / 2; },
          [=](Long x) { return boost::math::erfc(standard(x)) / 2; }};
}

/* By the value's mean and standard deviation. */
Example lognormal_value_example(double mean, double sd) {
  const Long variance = std::log1p((Long{sd} / mean) * (Long{sd} / mean));
  Example example = lognormal_example(std::log(Long{mean}) - variance / 2, std::sqrt(variance));
  example.kind = DistributionKind::lognormal;
  example.parameters = {mean, sd};
  return example;
}

const std::vector<Example>& examples() {
  static const std::vector<Example> list = [] {
    std::vector<Example> all = {normal_example(), exponential_example()};
    for (const Long shape : {0.05L, 0.1L, 0.5L, 1.L, 2.5L, 30.L, 1e3L, 1e5L, 1e6L, 1.1e6L, 3e7L}) {
      all.push_back(gamma_example(static_cast<double>(shape)));
    }
    for (const auto& [alpha, beta] : {std::pair{2., 3.},
                                      {0.5, 0.5},
                                      {0.1, 0.2},
                                      {1., 1.},
                                      {1., 5.},
                                      {4., 2.},
                                      {0.05, 50.},
                                      {50., 0.05},
                                      {20., 30.},
                                      {10., 31.6},
                                      {316., 100.},
                                      {3e3, 1e5},
                                      {1e6, 1e6}}) {
      all.push_back(beta_example(alpha, beta));
    }
    for (const double df : {0.5, 1., 2., 3., 5., 30., 1e3, 1e6})
      all.push_back(student_t_example(df));
    for (const double shape : {0.1, 0.5, 1., 1.5, 20.}) all.push_back(weibull_example(shape));
    for (const double sdlog : {1e-12, 1e-6, 0.01, 0.25, 1., 2.5, 5., 30.}) {
      all.push_back(lognormal_example(0, sdlog));
    }
    all.push_back(lognormal_example(4.5, 0.25));
    all.push_back(lognormal_example(-600, 2));
    all.push_back(lognormal_value_example(60, 12));
    all.push_back(lognormal_value_example(1e-20, 1e-19));
    return all;
  }();
  return list;
}

/* Numbers in both tails, evenly in the logarithm, and where cells begin and end. */
const std::vector<double>& probabilities() {
  static const std::vector<double> list = [] {
    std::vector<double> all;
    for (double t = 0.4999; t > 0x1p-53; t *= 0.83) all.insert(all.end(), {t, 1 - t});
    for (double t = 0x1p-54; t > 1e-20; t *= 0.1) all.push_back(t);
    for (int exponent = -18; exponent <= -2; ++exponent) {
      for (const double place : {1.0, 1.0625, 1.5, 1.984375}) {
        const double t = std::ldexp(place, exponent);
        all.insert(all.end(), {t, std::nextafter(t, 0), 1 - t, std::nextafter(1 - t, 0)});
      }
    }
    all.push_back(0.5);
    return all;
  }();
  return list;
}

Quantile prepare(const Example& example) {
  return Quantile::prepare(example.kind, example.parameters);
}

/* By how much x misses the probability u, relative to the smaller tail; two units in the last place
 * of x are forgiven. */
double miss(const Example& example, double u, double x) {
  const auto probability = [&](double at) {
    const double end = example.kind == DistributionKind::beta ? 1 : HUGE_VAL;
    return u <= 0.5 ? example.lower(std::min(at, end)) : example.upper(std::min(at, end));
  };
  const Long tail = u <= 0.5 ? u : 1 - u;
  const double end_below = x > 0 ? 0 : -HUGE_VAL;
  const Long before = probability(std::nextafter(std::nextafter(x, end_below), end_below));
  const Long after = probability(std::nextafter(std::nextafter(x, HUGE_VAL), HUGE_VAL));
  const Long outside = std::max(std::min(before, after) - tail, tail - std::max(before, after));
  return static_cast<double>(outside / tail);
}

template <class Function>
double worst_miss(const Example& example, Function quantile) {
  double worst = 0;
  for (const double u : probabilities()) {
    const double x = quantile(u);
    if (std::fabs(x) < 1e-300) continue;  // its rounding is no longer relative
    worst = std::max(worst, miss(example, u, x));
  }
  return worst;
}

TEST(QuantileTable, GivesEachNumberItsProbability) {
  for (const Example& example : examples()) {
    EXPECT_LE(worst_miss(example, prepare(example)), 1e-12) << example.label();
  }
}

TEST(QuantileLanes, GiveEachNumberItsProbability) {
  for (const Example& example : examples()) {
    std::vector<const double*> parameters;
    for (const double& p : example.parameters) parameters.push_back(&p);
    const auto quantile = [&](double u) {
      double x;
      quantile_lanes(example.kind, parameters.data(), parameters.size(), &u, &x, 1);
      return x;
    };
    EXPECT_LE(worst_miss(example, quantile), 1e-12) << example.label();
  }
}

/* The reference takes milliseconds for a probability. */
TEST(QuantileTable, GivesEachNumberItsProbabilityForTheLargestShape) {
  const Example example = gamma_example(1e9L);
  const Quantile quantile = prepare(example);
  for (double t = 0.4999; t > 0x1p-53; t *= 0.3) {
    for (const double u : {t, 1 - t})
      EXPECT_LE(miss(example, u, quantile(u)), 1e-12) << example.label() << " at " << u;
  }
}

/* A long double has too few digits for the logarithms of the reference. */
/* For the largest parameters a long double has too few digits. */
TEST(LargeBeta, GivesEachNumberItsProbability) {
  using Quad = boost::multiprecision::cpp_bin_float_quad;
  for (const auto& [alpha, beta] :
       {std::pair{2.01e6, 2.01e6}, {1e9, 2.1e6}, {1e9, 1e9}, {3e6, 7e8}, {12345678.9, 3e7}}) {
    const Quad a = alpha;
    const Quad b = beta;
    const Quantile quantile =
        Quantile::prepare(DistributionKind::beta, std::vector<double>{alpha, beta});
    for (const double u : {0x1p-54, 1e-12, 1e-5, 0.1, 0.5, 0.75, 0.999, 1 - 1e-9, 1 - 0x1p-53}) {
      const Quad tail = u <= 0.5 ? Quad(u) : 1 - Quad(u);
      const auto probability = [&](double x) -> Quad {
        return u <= 0.5 ? boost::math::ibeta(a, b, Quad(x)) : boost::math::ibetac(a, b, Quad(x));
      };
      const double x = quantile(u);
      const double ulps = 2 * (std::nextafter(x, 1) - x);
      const double allowed =
          1e-12 * static_cast<double>(tail) + ulps * large_beta_density(alpha, beta, x);
      EXPECT_LE(static_cast<double>(abs(probability(x) - tail)), allowed)
          << alpha << " " << beta << " at " << u;
    }
  }
}

/* Of whole parameters, a small and a large one. */
TEST(DirectBeta, HasAccurateTails) {
  using Quad = boost::multiprecision::cpp_bin_float_quad;
  for (const double alpha : {1.0, 2.0, 10.0, 39.0}) {
    for (const double beta : {1e4, 1e6, 1e9}) {
      for (const double u : {1e-9, 0.1, 0.5, 0.9, 0.999, 1 - 1e-9, 1 - 1e-15}) {
        const double x = beta_quantile(alpha, beta, u);
        const Quad exact = u <= 0.5 ? boost::math::ibeta(Quad(alpha), Quad(beta), Quad(x))
                                    : boost::math::ibetac(Quad(alpha), Quad(beta), Quad(x));
        const double own = u <= 0.5 ? beta_lower(alpha, beta, x) : beta_upper(alpha, beta, x);
        EXPECT_LE(static_cast<double>(abs(own / exact - 1)), 1e-13)
            << alpha << " " << beta << " at " << u;
        const Quad tail = u <= 0.5 ? Quad(u) : 1 - Quad(u);
        EXPECT_LE(static_cast<double>(abs(exact / tail - 1)), 1e-12)
            << alpha << " " << beta << " at " << u;
      }
    }
  }
}

TEST(LargeGamma, HasAccurateTails) {
  using Quad = boost::multiprecision::cpp_bin_float_quad;
  for (const double shape : {1e6, 4e8}) {
    for (const double w : {-37.1, -20.3, -8.4, -2.5, -0.01, 0.0, 0.7, 5.1, 12.3, 37.4}) {
      const Quad a = shape;
      const Quad x = a + sqrt(a) * w;
      const auto error = [](double value, const Quad& exact) {
        return static_cast<double>(abs(value / exact - 1));
      };
      const double lower = large_gamma_lower(shape, w);
      const double upper = large_gamma_upper(shape, w);
      const Quad density = sqrt(a) * boost::math::gamma_p_derivative(a, x);
      EXPECT_LE(error(lower, boost::math::gamma_p(a, x)), 3e-13) << shape << " " << w;
      EXPECT_LE(error(upper, boost::math::gamma_q(a, x)), 3e-13) << shape << " " << w;
      EXPECT_LE(error(large_gamma_density(shape, w), density), 3e-13) << shape << " " << w;
      if (lower < 0.5) {
        EXPECT_NEAR(large_gamma_quantile(shape, lower), w, 1e-14) << shape << " " << w;
      }
    }
  }
}

TEST(LargeBeta, HasAnAccurateDensity) {
  for (const auto& [alpha, beta] :
       {std::pair{100., 100.}, {500., 800.}, {3e3, 1e5}, {1e6, 200.}, {1e6, 1e6}, {1e9, 1e9}}) {
    const double mean = alpha / (alpha + beta);
    const double sd = std::sqrt(mean * (1 - mean) / (alpha + beta));
    for (double z = -9; z <= 9; z += 0.25) {
      const double x = mean + z * sd;
      if (x <= 0 || x >= 1) continue;
      const Long exact = boost::math::ibeta_derivative(Long{alpha}, Long{beta}, Long{x});
      EXPECT_LE(std::fabs(large_beta_density(alpha, beta, x) / exact - 1),
                alpha > 1e8 ? 1e-11 : 5e-14)
          << alpha << " " << beta << " " << z;
    }
  }
}

TEST(QuantileTable, IsMadeForAllButExtremeParameters) {
  for (const double shape : {0.05, 1.0, 2.5, 1e6, 1e9}) EXPECT_TRUE(gamma_table(shape)) << shape;
  for (const double df : {0.2, 5.0, 1e15}) EXPECT_TRUE(student_t_table(df)) << df;
  EXPECT_TRUE(beta_table(0.05, 50));
  EXPECT_TRUE(beta_table(2, 3));
  EXPECT_TRUE(beta_table(3e3, 1e5));
  for (const double sdlog : {1e-12, 0.2, 1.0, 4.0}) EXPECT_TRUE(lognormal_table(sdlog)) << sdlog;
  EXPECT_FALSE(lognormal_table(20));
  EXPECT_FALSE(gamma_table(1e-3));
  EXPECT_FALSE(beta_table(1e-3, 1e-3));
  EXPECT_FALSE(student_t_table(1e-3));
}

/* Half of such a distribution is near 0 and half of it near 1: seen from 1, the median 1e-7 is too
 * coarse. */
TEST(QuantileTable, IsNotMadeWhereNeitherEndSeesHalfOfABetaWell) {
  for (const auto& [alpha, beta] :
       {std::pair{0.0327, 0.278}, {0.04015, 0.5336}, {0.0384, 0.3126}}) {
    EXPECT_FALSE(beta_table(alpha, beta)) << alpha << " " << beta;
    const Example example = beta_example(alpha, beta);
    const Quantile quantile = prepare(example);
    for (double u = 0.5; u < 0.6; u += 0.0007) {
      EXPECT_LE(miss(example, u, quantile(u)), 1e-12) << example.label() << " at " << u;
    }
  }
}

TEST(QuantileTable, LeavesExtremeParametersToTheDirectQuantile) {
  const std::vector<double> shapes = {1e-3, 1e-300};
  for (const double shape : shapes) {
    const double rate = 2;
    const double* parameters[] = {&shape, &rate};
    const Quantile quantile =
        Quantile::prepare(DistributionKind::gamma, std::vector<double>{shape, rate});
    for (const double u : {1e-5, 0.3, 0.5, 0.999}) {
      double x;
      quantile_lanes(DistributionKind::gamma, parameters, 2, &u, &x, 1);
      EXPECT_EQ(quantile(u), x) << shape << " at " << u;
      EXPECT_FALSE(std::isnan(x));
    }
  }
}

TEST(QuantileTable, LeavesExtremeLognormalsToTheFormula) {
  for (const auto& [meanlog, sdlog] : {std::pair{0., 40.}, {705., 1.}, {-705., 1.}, {-800., 0.1}}) {
    const double* parameters[] = {&meanlog, &sdlog};
    const Quantile quantile =
        Quantile::prepare(DistributionKind::lognormal_log, std::vector<double>{meanlog, sdlog});
    for (const double u : {1e-5, 0.3, 0.5, 0.999}) {
      double x;
      quantile_lanes(DistributionKind::lognormal_log, parameters, 2, &u, &x, 1);
      EXPECT_EQ(quantile(u), x) << meanlog << " " << sdlog << " at " << u;
    }
  }
}

TEST(QuantileTable, OfALognormalIsScaledByItsMedian) {
  const Quantile standard =
      Quantile::prepare(DistributionKind::lognormal_log, std::vector<double>{0, 0.75});
  const Quantile scaled =
      Quantile::prepare(DistributionKind::lognormal_log, std::vector<double>{-3, 0.75});
  for (const double u : probabilities()) EXPECT_EQ(scaled(u), math::exp(-3) * standard(u)) << u;
}

TEST(QuantileTable, NeverFallsFromOneCellToTheNext) {
  constexpr int kCells = 64;  // in an octave, or fewer
  std::vector<double> borders;
  for (int exponent = -17; exponent < -1; ++exponent) {
    for (int i = 0; i < kCells; ++i) {
      const double t = std::ldexp(1 + i / static_cast<double>(kCells), exponent);
      borders.insert(borders.end(), {std::nextafter(t, 0), t, 1 - t, std::nextafter(1 - t, 1)});
    }
  }
  borders.push_back(0.5);
  std::sort(borders.begin(), borders.end());
  for (const Example& example : examples()) {
    const Quantile quantile = prepare(example);
    for (std::size_t i = 1; i < borders.size(); ++i) {
      EXPECT_LE(quantile(borders[i - 1]), quantile(borders[i]))
          << example.label() << " at " << borders[i];
    }
  }
}

TEST(QuantileTable, IsSymmetricWhereTheDistributionIs) {
  for (const Example& example : {normal_example(), student_t_example(4)}) {
    const Quantile quantile = prepare(example);
    for (const double u : {0.49, 0.25, 0.125, 0x1p-17, 0x1p-30}) {
      EXPECT_EQ(quantile(u), -quantile(1 - u)) << example.label() << " at " << u;
    }
  }
}

TEST(QuantileTable, StaysInsideTheUnitIntervalForBeta) {
  for (const auto& [alpha, beta] : {std::pair{0.05, 0.05}, {0.3, 0.1}, {2.0, 0.05}, {5.0, 0.5}}) {
    const Quantile quantile =
        Quantile::prepare(DistributionKind::beta, std::vector<double>{alpha, beta});
    for (const double u : probabilities()) {
      EXPECT_GE(quantile(u), 0) << alpha << " " << beta << " at " << u;
      EXPECT_LE(quantile(u), 1) << alpha << " " << beta << " at " << u;
    }
  }
}

TEST(QuantileTable, StretchesABetaToAPert) {
  const Quantile pert = Quantile::prepare(DistributionKind::pert, std::vector<double>{20, 25, 40});
  const Quantile beta = Quantile::prepare(DistributionKind::beta, std::vector<double>{2, 4});
  for (const double u : probabilities()) EXPECT_EQ(pert(u), 20 + 20 * beta(u)) << u;
}

std::vector<double> draws(const Quantile& quantile, std::size_t n) {
  std::vector<double> x(n);
  uniforms(make_random_key(9, "table"), 1, 0, 0, x.data(), n);
  std::fill_n(x.begin(), 3, 1e-7);  // beyond the table
  quantile.apply(x.data(), x.data(), n);
  return x;
}

/* Asks for so many other tables that those from before are forgotten. */
void forget_tables() {
  for (int i = 0; i < 200; ++i) lognormal_table(1.001 + 0.01 * i);
}

TEST(QuantileTable, HasTheSameBitsMadeOnEveryInstructionSet) {
  for (const Example& example : examples()) {
    const std::vector<double> wanted = draws(prepare(example), 5000);
    for (const auto set : {InstructionSet::baseline, InstructionSet::avx2}) {
      if (!force_instruction_set(set)) continue;
      forget_tables();
      EXPECT_EQ(draws(prepare(example), 5000), wanted) << example.label();
    }
    force_instruction_set(best_instruction_set());
  }
}

TEST(QuantileTable, GivesTheSameBitsInBatchesOfAnySize) {
  for (const Example& example : examples()) {
    const Quantile quantile = prepare(example);
    std::vector<double> u(700);
    uniforms(make_random_key(9, "table"), 1, 0, 0, u.data(), u.size());
    u[300] = 1e-9;
    std::vector<double> whole(u.size());
    quantile.apply(u.data(), whole.data(), u.size());
    for (const std::size_t size : {1u, 3u, 8u, 255u, 257u}) {
      std::vector<double> parts = u;  // in place
      for (std::size_t i = 0; i < u.size(); i += size) {
        quantile.apply(&parts[i], &parts[i], std::min(size, u.size() - i));
      }
      EXPECT_EQ(parts, whole) << example.label() << " by " << size;
    }
  }
}

TEST(QuantileTable, IsKeptForTheSameParameters) {
  forget_tables();
  const SharedTable first = gamma_table(2.5);
  EXPECT_EQ(gamma_table(2.5), first);
  EXPECT_NE(gamma_table(2.25), first);
  EXPECT_EQ(gamma_table(2.5), first);
  forget_tables();
  EXPECT_NE(gamma_table(2.5), first);
}

TEST(QuantileTable, IsKeptWhileAHundredOthersAreAskedForInTurn) {
  std::vector<SharedTable> tables;
  for (int i = 0; i < 100; ++i) tables.push_back(lognormal_table(0.1 + 0.01 * i));
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(lognormal_table(0.1 + 0.01 * i), tables.at(static_cast<std::size_t>(i))) << i;
}

}  // namespace
}  // namespace sim
