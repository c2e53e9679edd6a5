/*
 * core_math_test.cpp -- the transcendental functions: same bits from every form, right values,
 * right limits.
 */
#include "core/math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/instruction_set.hpp"

namespace sim {
namespace {

using Scalar = double (*)(double);
using Batch = void (*)(const double*, double*, std::size_t);
using Truth = long double (*)(long double);

struct Unary {
  const char* name;
  Scalar scalar;
  Batch batch;
  Truth truth;
  double low;  // where `truth` is compared, within `units` in the last place
  double high;
  double units;
};

#define SIM_CASE(name, truth, low, high, units) \
  Unary { #name, math::name, math::name, truth, low, high, units }

const Unary kUnary[] = {
    SIM_CASE(exp, std::exp, -745, 709, 1),       SIM_CASE(expm1, std::expm1, -40, 709, 1),
    SIM_CASE(ln, std::log, 1e-300, 1e3, 1),      SIM_CASE(log10, std::log10, 1e-300, 1e3, 1),
    SIM_CASE(log2, std::log2, 1e-300, 1e3, 1),   SIM_CASE(log1p, std::log1p, -1, 1e3, 1),
    SIM_CASE(sin, std::sin, -1e6, 1e6, 1),       SIM_CASE(cos, std::cos, -1e6, 1e6, 1),
    SIM_CASE(tan, std::tan, -1e3, 1e3, 1),       SIM_CASE(asin, std::asin, -1, 1, 1),
    SIM_CASE(acos, std::acos, -1, 1, 1),         SIM_CASE(atan, std::atan, -1e3, 1e3, 1),
    SIM_CASE(sinh, std::sinh, -710, 710, 3.5),   SIM_CASE(cosh, std::cosh, -710, 710, 3.5),
    SIM_CASE(tanh, std::tanh, -20, 20, 1.01),    SIM_CASE(asinh, std::asinh, -1e5, 1e5, 1.01),
    SIM_CASE(acosh, std::acosh, 1, 1e5, 1.01),   SIM_CASE(atanh, std::atanh, -1, 1, 1.01),
    SIM_CASE(cbrt, std::cbrt, -1e6, 1e6, 1),     SIM_CASE(gamma, std::tgamma, 0, 170, 1),
    SIM_CASE(lgamma, std::lgamma, 0.01, 1e5, 1), SIM_CASE(erf, std::erf, -6, 6, 1.01),
    SIM_CASE(erfc, std::erfc, -6, 26, 1.5)};

std::uint64_t next_word(std::uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state ^ (state >> 29);
}

/* Special values, random bit patterns, and numbers of every ordinary size. */
std::vector<double> wide_arguments() {
  std::vector<double> x = {0.0,
                           -0.0,
                           1.0,
                           -1.0,
                           0.5,
                           709.0,
                           709.9,
                           -745.1,
                           -746.0,
                           710.3,
                           1e15,
                           1e22,
                           math::kInfinity,
                           -math::kInfinity,
                           math::kNaN,
                           5e-324,
                           -5e-324,
                           1e-310,
                           std::numeric_limits<double>::max(),
                           std::numeric_limits<double>::lowest(),
                           std::numeric_limits<double>::min(),
                           171.6,
                           171.7,
                           -170.5,
                           1e300,
                           -1e300};
  std::uint64_t state = 1;
  for (int i = 0; i < 4000; ++i) {
    x.push_back(std::bit_cast<double>(next_word(state)));
    const double unit = static_cast<double>(next_word(state) >> 11) * 0x1p-53;
    x.push_back(unit);
    x.push_back((unit - 0.5) * 1500);
    x.push_back(1 + (unit - 0.5) * 1e-3);
    x.push_back(std::floor(unit * 400 - 200) / 2);
  }
  return x;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/* Runs the body once for each instruction set of this CPU and restores the best one. */
template <class Body>
void for_each_instruction_set(Body body) {
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    SCOPED_TRACE(static_cast<int>(set));
    body();
  }
  force_instruction_set(best_instruction_set());
}

TEST(Math, GivesTheSameBitsFromEveryInstructionSetAndForOneValue) {
  const std::vector<double> x = wide_arguments();
  for_each_instruction_set([&] {
    for (const Unary& f : kUnary) {
      std::vector<double> y(x.size());
      f.batch(x.data(), y.data(), x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_TRUE(same_bits(f.scalar(x[i]), y[i])) << f.name << "(" << x[i] << ")";
      }
    }
  });
}

TEST(Math, GivesTheSameBitsForTwoOperands) {
  const std::vector<double> x = wide_arguments();
  std::vector<double> y(x.rbegin(), x.rend());
  for_each_instruction_set([&] {
    std::vector<double> powers(x.size());
    std::vector<double> angles(x.size());
    math::pow(x.data(), y.data(), powers.data(), x.size());
    math::atan2(x.data(), y.data(), angles.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_TRUE(same_bits(math::pow(x[i], y[i]), powers[i])) << x[i] << " ^ " << y[i];
      ASSERT_TRUE(same_bits(math::atan2(x[i], y[i]), angles[i])) << x[i] << ", " << y[i];
    }
  });
}

TEST(Math, GivesTheSameBitsForEveryLengthAndInPlaceAndTouchesNothingElse) {
  for_each_instruction_set([&] {
    for (std::size_t n = 0; n <= 20; ++n) {
      std::vector<double> x(n + 1, 0.3);
      for (std::size_t i = 0; i < n; ++i) x[i] = 0.1 + static_cast<double>(i);
      const std::vector<double> before = x;
      x[n] = -7;
      math::ln(x.data(), x.data(), n);
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(x[i], math::ln(before[i])) << n;
      EXPECT_EQ(x[n], -7);
    }
  });
}

TEST(Math, AgreesWithExtendedPrecisionWithinItsBounds) {
  for (const Unary& f : kUnary) {
    double worst = 0;
    double at = 0;
    for (int i = 1; i < 20000; ++i) {
      const double x = f.low + (f.high - f.low) * (i / 20000.0);
      const long double truth = f.truth(x);
      const auto rounded = static_cast<double>(truth);
      const double unit = std::nextafter(std::fabs(rounded), math::kInfinity) - std::fabs(rounded);
      const double error = static_cast<double>(std::fabs(f.scalar(x) - truth)) / unit;
      if (!(error <= worst)) {
        worst = error;
        at = x;
      }
    }
    EXPECT_LE(worst, f.units) << f.name << " at " << at;
  }
}

/* In units in the last place of the nearest double; 0 where both are infinite or not a number. */
double error_in_units(double value, long double truth) {
  const auto rounded = static_cast<double>(truth);
  if (!std::isfinite(rounded) || !std::isfinite(value)) return same_bits(value, rounded) ? 0 : 1e9;
  const double size = std::fabs(rounded);
  const double above = std::nextafter(size, math::kInfinity);
  const double unit = std::isinf(above) ? size - std::nextafter(size, 0) : above - size;
  return static_cast<double>(std::fabs(value - truth) / unit);
}

TEST(Math, AgreesWithExtendedPrecisionForArgumentsOfEverySize) {
  for (const Unary& f : kUnary) {
    const bool has_poles = f.scalar == static_cast<Scalar>(math::gamma) ||
                           f.scalar == static_cast<Scalar>(math::lgamma);
    const bool is_erf = f.scalar == static_cast<Scalar>(math::erf);
    for (double x : wide_arguments()) {
      for (const double scale : {1.0, 0x1p-30, 0x1p40}) {
        const double at = x * scale;
        if (has_poles && !(at > 0 && at < 1e305)) continue;
        const double units = is_erf && std::fabs(at) < 1e-300 ? 1.2 : std::max(f.units, 1.01);
        EXPECT_LE(error_in_units(f.scalar(at), f.truth(at)), units) << f.name << " at " << at;
      }
    }
  }
}

TEST(Math, AgreesWithExtendedPrecisionForTwoOperands) {
  std::uint64_t state = 7;
  const auto unit = [&] { return static_cast<double>(next_word(state) >> 11) * 0x1p-53; };
  const auto compare = [](double x, double y) {
    EXPECT_LE(error_in_units(math::pow(x, y), std::pow(static_cast<long double>(x), y)), 1)
        << x << " ^ " << y;
    const long double angle = std::atan2(static_cast<long double>(x), static_cast<long double>(y));
    EXPECT_LE(error_in_units(math::atan2(x, y), angle), std::fabs(angle) < 1e-307L ? 2 : 1)
        << x << ", " << y;
  };
  for (int i = 0; i < 20000; ++i) {
    compare(std::exp((unit() - 0.5) * 1400), (unit() - 0.5) * 3);
    compare(1 + (unit() - 0.5) * 1e-3, (unit() - 0.5) * 1e6);
    compare(std::exp((unit() - 0.5) * 20), (unit() - 0.5) * 60);
    compare(-std::floor(unit() * 50), std::floor((unit() - 0.5) * 400));
    compare(std::bit_cast<double>(next_word(state)), std::bit_cast<double>(next_word(state)));
  }
}

TEST(Math, ReducesHugeAngles) {
  // 10^22 is the classic case; values from 60-digit arithmetic.
  EXPECT_DOUBLE_EQ(math::sin(1e22), -0.8522008497671888);
  EXPECT_DOUBLE_EQ(math::cos(1e22), 0.5232147853951389);
}

TEST(Math, IsExactWhereTheResultIs) {
  for (int base = -100; base <= 100; ++base) {
    double power = 1;
    for (int exponent = 0; exponent <= 7; ++exponent, power *= base) {
      EXPECT_EQ(math::pow(base, exponent), power) << base << " ^ " << exponent;
    }
    EXPECT_EQ(math::cbrt(double(base) * base * base), base);
  }
  double factorial = 1;
  for (int n = 1; n <= 22; ++n) {
    factorial *= n;
    EXPECT_EQ(math::gamma(n + 1), factorial) << n;
  }
  for (int i = -300; i <= 300; ++i) EXPECT_EQ(math::log2(std::ldexp(1, i)), i);
}

TEST(Math, FollowsTheStandardAtSpecialValues) {
  EXPECT_EQ(math::ln(0), -math::kInfinity);
  EXPECT_TRUE(std::isnan(math::ln(-1)));
  EXPECT_EQ(math::exp(-math::kInfinity), 0);
  EXPECT_EQ(math::exp(1000), math::kInfinity);
  EXPECT_EQ(math::pow(2, -math::kInfinity), 0);
  EXPECT_TRUE(std::isnan(math::pow(-8, 1.0 / 3)));
  EXPECT_EQ(math::gamma(math::kInfinity), math::kInfinity);
  EXPECT_TRUE(std::isnan(math::gamma(-3)));
  EXPECT_EQ(math::lgamma(-3), math::kInfinity);
  EXPECT_TRUE(std::signbit(math::sin(-0.0)));
  EXPECT_EQ(math::fmod(-7, 3), -1);
  EXPECT_TRUE(std::isnan(math::fmod(1, 0)));
}

TEST(Math, DoesNotOverflowBeforeTheResultDoes) {
  EXPECT_NEAR(math::cosh(710) / 1.1169973830808557e308, 1, 1e-14);
  EXPECT_NEAR(math::sinh(-710) / -1.1169973830808557e308, 1, 1e-14);
  EXPECT_NEAR(math::log1p(1e308), 709.1962086421661, 1e-12);
  EXPECT_NEAR(math::asinh(-1e300), -691.468675078774, 1e-12);
  EXPECT_NEAR(math::acosh(1e300), 691.468675078774, 1e-12);
}

TEST(InstructionSet, RefusesWhatTheCpuLacks) {
  EXPECT_TRUE(force_instruction_set(InstructionSet::baseline));
  EXPECT_EQ(instruction_set(), InstructionSet::baseline);
  if (best_instruction_set() != InstructionSet::avx512) {
    EXPECT_FALSE(force_instruction_set(InstructionSet::avx512));
    EXPECT_EQ(instruction_set(), InstructionSet::baseline);
  }
  EXPECT_TRUE(force_instruction_set(best_instruction_set()));
}

}  // namespace
}  // namespace sim
