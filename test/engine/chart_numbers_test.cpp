/*
 * chart_numbers_test.cpp -- numbers as people read them.
 */
#include "chart/numbers.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Numbers, GroupThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000000), "1,000,000");
  EXPECT_EQ(format_count(-123456), "-123,456");
  EXPECT_EQ(format_count(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(format_fixed(-1234.5678, 2), "-1,234.57");
}

TEST(Numbers, HaveTheDecimalsAskedFor) {
  EXPECT_EQ(format_fixed(2, 3), "2.000");
  EXPECT_EQ(format_fixed(1234567, -3), "1,235,000");
  EXPECT_EQ(format_fixed(-0.001, 2), "0.00");
  EXPECT_EQ(format_fixed(-0.0, 0), "0");
  EXPECT_EQ(format_fixed(1e15, 2), "1e+15");
  EXPECT_EQ(format_fixed(kInfinity, 2), "Infinity");
  EXPECT_EQ(format_fixed(-kInfinity, 2), "-Infinity");
  EXPECT_EQ(format_fixed(kInfinity - kInfinity, 2), "NaN");
}

TEST(Numbers, HaveTheSignificantDigitsAskedFor) {
  EXPECT_EQ(format_significant(321.31416, 5), "321.31");
  EXPECT_EQ(format_significant(123456789, 6), "123,457,000");
  EXPECT_EQ(format_significant(9.9999, 3), "10");
  EXPECT_EQ(format_significant(0.25, 6), "0.25");
  EXPECT_EQ(format_significant(100, 6), "100");
  EXPECT_EQ(format_significant(3.2e-9, 4), "3.2e-09");
  EXPECT_EQ(format_significant(-2.5e20, 4), "-2.5e+20");
  EXPECT_EQ(format_significant(0, 4), "0");
  EXPECT_EQ(format_significant(5e-324, 3), "4.94e-324");
  EXPECT_EQ(format_significant(1.7e308, 3), "1.7e+308");
}

TEST(Numbers, AreShownAsFarAsTheirErrorLets) {
  EXPECT_EQ(format_with_error(321.3141, 0.0156), "321.31 ± 0.02");
  EXPECT_EQ(format_with_error(9.9968, 0.096), "10.0 ± 0.1");
  EXPECT_EQ(format_with_error(1234567.8, 1234), "1,235,000 ± 1,000");
  EXPECT_EQ(format_with_error(0, 0.003), "0.000 ± 0.003");
  EXPECT_EQ(format_with_error(1.2345678e-9, 1e-12), "1.235e-09 ± 1e-12");
  EXPECT_EQ(format_with_error(42, 0), "42");
  EXPECT_EQ(format_with_error(42.5, kInfinity - kInfinity), "42.5");
  EXPECT_EQ(format_with_error(kInfinity, 1), "Infinity");
  EXPECT_EQ(decimals_for_error(321, 0.0156), 2);
  EXPECT_EQ(decimals_for_error(321.25, 0), 2);
  EXPECT_EQ(decimals_for_error(1e6, 999), -3);
}

TEST(Numbers, ShowSharesThatAreNotQuiteNothingOrAll) {
  EXPECT_EQ(format_percent(0), "0 %");
  EXPECT_EQ(format_percent(1e-9), "<1 %");
  EXPECT_EQ(format_percent(0.0449), "4 %");
  EXPECT_EQ(format_percent(0.999), ">99 %");
  EXPECT_EQ(format_percent(1), "100 %");
}

TEST(Numbers, AlignByCharactersNotBytes) {
  EXPECT_EQ(display_width("± █"), 3u);
  EXPECT_EQ(align_right("±1", 4), "  ±1");
  EXPECT_EQ(align_left("±1", 4), "±1  ");
  EXPECT_EQ(align_left("long", 2), "long");
}

TEST(Numbers, KnowTheirPowersOfTen) {
  EXPECT_EQ(decimal_exponent(0.00123), -3);
  EXPECT_EQ(decimal_exponent(-9999), 3);
  EXPECT_EQ(decimal_exponent(1e-310), -310);
  EXPECT_EQ(power_of_ten(-3), 0.001);
  EXPECT_EQ(power_of_ten(22), 1e22);
  EXPECT_EQ(power_of_ten(400), kInfinity);
  EXPECT_EQ(power_of_ten(-400), 0);
}

}  // namespace
}  // namespace sim
