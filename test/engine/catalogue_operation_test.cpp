/*
 * catalogue_operation_test.cpp -- the meaning of each operation on single values.
 */
#include "catalogue/operation.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include "catalogue/rounding.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

constexpr double kNaN = math::kNaN;
constexpr double kInfinity = math::kInfinity;

Operation operation_at(int i) { return static_cast<Operation>(i); }

TEST(Operation, HasOperandsAndAnUnmistakableName) {
  std::set<std::string> names;
  for (int i = 0; i < kOperationCount; ++i) {
    EXPECT_GE(operand_count(operation_at(i)), 1);
    EXPECT_LE(operand_count(operation_at(i)), 3);
    EXPECT_TRUE(names.insert(std::string(operation_name(operation_at(i)))).second) << i;
  }
  EXPECT_EQ(operand_count(Operation::select), 3);
  EXPECT_EQ(operand_count(Operation::round_to), 2);
  EXPECT_EQ(operand_count(Operation::negate), 1);
}

TEST(Operation, IsNaNWithAnyNaNOperand) {
  for (int i = 0; i < kOperationCount; ++i) {
    const Operation operation = operation_at(i);
    SCOPED_TRACE(operation_name(operation));
    EXPECT_TRUE(std::isnan(evaluate(operation, kNaN, 1, 1)));
    if (operand_count(operation) == 2) {
      EXPECT_TRUE(std::isnan(evaluate(operation, 1, kNaN)));
      EXPECT_TRUE(std::isnan(evaluate(operation, 0, kNaN)));
    }
  }
}

TEST(Operation, IgnoresOnlyTheBranchThatIsNotTaken) {
  EXPECT_EQ(evaluate(Operation::select, 1, 5, kNaN), 5);
  EXPECT_EQ(evaluate(Operation::select, 0, kNaN, 6), 6);
  EXPECT_EQ(evaluate(Operation::select, -0.5, 5, 6), 5);
  EXPECT_TRUE(std::isnan(evaluate(Operation::select, 1, kNaN, 6)));
  EXPECT_TRUE(std::isnan(evaluate(Operation::select, kNaN, 5, 6)));
}

TEST(Operation, IgnoresOperandsItDoesNotHave) {
  EXPECT_EQ(evaluate(Operation::negate, 2, kNaN, kNaN), -2);
  EXPECT_EQ(evaluate(Operation::add, 2, 3, kNaN), 5);
}

TEST(Operation, ComparesAndCombinesConditions) {
  EXPECT_EQ(evaluate(Operation::less, 1, 2), 1);
  EXPECT_EQ(evaluate(Operation::less_equal, 2, 2), 1);
  EXPECT_EQ(evaluate(Operation::greater, 1, 2), 0);
  EXPECT_EQ(evaluate(Operation::greater_equal, 2, 2), 1);
  EXPECT_EQ(evaluate(Operation::equal, 0.0, -0.0), 1);
  EXPECT_EQ(evaluate(Operation::not_equal, 1, 2), 1);
  EXPECT_EQ(evaluate(Operation::logical_and, 0.3, -2), 1);
  EXPECT_EQ(evaluate(Operation::logical_and, 0, 1), 0);
  EXPECT_EQ(evaluate(Operation::logical_or, 0, 0), 0);
  EXPECT_EQ(evaluate(Operation::logical_or, 0, 7), 1);
  EXPECT_EQ(evaluate(Operation::logical_not, 0), 1);
  EXPECT_EQ(evaluate(Operation::logical_not, 0.5), 0);
}

TEST(Operation, FollowsIeeeAtTheEdges) {
  EXPECT_EQ(evaluate(Operation::divide, 1, 0), kInfinity);
  EXPECT_TRUE(std::isnan(evaluate(Operation::divide, 0, 0)));
  EXPECT_TRUE(std::isnan(evaluate(Operation::modulo, 5, 0)));
  EXPECT_EQ(evaluate(Operation::modulo, -7, 3), -1);
  EXPECT_EQ(evaluate(Operation::modulo, 7, -3), 1);
  EXPECT_EQ(evaluate(Operation::modulo, 7, kInfinity), 7);
  EXPECT_TRUE(std::isnan(evaluate(Operation::sqrt, -1)));
  EXPECT_TRUE(std::isnan(evaluate(Operation::ln, -1)));
  EXPECT_EQ(evaluate(Operation::is_finite, kInfinity), 0);
  EXPECT_EQ(evaluate(Operation::is_finite, 1), 1);
  EXPECT_EQ(evaluate(Operation::minimum, -kInfinity, 1), -kInfinity);
  EXPECT_EQ(evaluate(Operation::maximum, 2, 1), 2);
  EXPECT_EQ(evaluate(Operation::sign, -3), -1);
  EXPECT_EQ(evaluate(Operation::sign, 0), 0);
}

TEST(Operation, RoundsHalfAwayFromZero) {
  EXPECT_EQ(evaluate(Operation::round, 2.5), 3);
  EXPECT_EQ(evaluate(Operation::round, -2.5), -3);
  EXPECT_EQ(evaluate(Operation::round, 0.49999999999999994), 0);
  EXPECT_EQ(evaluate(Operation::round, 4503599627370497.5), 4503599627370498);
  EXPECT_EQ(evaluate(Operation::round, 9007199254740993), 9007199254740993);
  EXPECT_EQ(evaluate(Operation::round, -kInfinity), -kInfinity);
}

TEST(Operation, RoundsTheDecimalThatIsSeen) {
  EXPECT_EQ(round_to_digits(1.005, 2), 1.01);
  EXPECT_EQ(round_to_digits(2.675, 2), 2.68);
  EXPECT_EQ(round_to_digits(-1.005, 2), -1.01);
  EXPECT_EQ(round_to_digits(1.0049999, 2), 1);
  EXPECT_EQ(round_to_digits(9.995, 2), 10);
  EXPECT_EQ(round_to_digits(99999.5, 0), 100000);
  EXPECT_EQ(round_to_digits(0.5, 0), 1);
  EXPECT_EQ(round_to_digits(0.05, 0), 0);
  EXPECT_EQ(round_to_digits(123456, -3), 123000);
  EXPECT_EQ(round_to_digits(1500, -3), 2000);
  EXPECT_EQ(round_to_digits(600, -3), 1000);
  EXPECT_EQ(round_to_digits(499, -3), 0);
  EXPECT_EQ(round_to_digits(49, -3), 0);
  EXPECT_EQ(round_to_digits(1.25, 1.9), 1.3);
  EXPECT_EQ(round_to_digits(1e300, 2), 1e300);
  EXPECT_EQ(round_to_digits(5e-324, 322), 0);
  EXPECT_EQ(round_to_digits(5e-324, 324), 5e-324);
  EXPECT_EQ(round_to_digits(0.1, 1e9), 0.1);
  EXPECT_EQ(round_to_digits(7, -1e9), 0);
  EXPECT_EQ(round_to_digits(kInfinity, 2), kInfinity);
  EXPECT_EQ(round_to_digits(std::numeric_limits<double>::max(), -308), kInfinity);
  EXPECT_TRUE(std::isnan(round_to_digits(kNaN, 2)));
  EXPECT_TRUE(std::isnan(round_to_digits(1, kNaN)));
}

TEST(Operation, RoundsMonotonically) {
  double before = -1;
  for (int i = 0; i < 20000; ++i) {
    const double rounded = round_to_digits(0.937 + i * 1.3e-5, 3);
    EXPECT_LE(before, rounded);
    before = rounded;
  }
}

TEST(Operation, KnowsSpecialFunctions) {
  EXPECT_NEAR(evaluate(Operation::digamma, 1), -0.57721566490153286061, 1e-15);
  EXPECT_NEAR(evaluate(Operation::digamma, -0.5), 0.03648997397857652056, 1e-15);
  EXPECT_NEAR(evaluate(Operation::digamma, 1e6), 13.815510057964191, 1e-13);
  EXPECT_TRUE(std::isnan(evaluate(Operation::digamma, -2)));
  EXPECT_TRUE(std::isnan(evaluate(Operation::digamma, 0)));
  EXPECT_DOUBLE_EQ(evaluate(Operation::beta, 2, 4), 0.05);
  EXPECT_DOUBLE_EQ(evaluate(Operation::beta, 0.5, 0.5), 3.14159265358979323846);
  EXPECT_TRUE(std::isnan(evaluate(Operation::beta, -1, 2)));
  EXPECT_TRUE(std::isnan(evaluate(Operation::beta, 0, 2)));
  EXPECT_NEAR(evaluate(Operation::log_base, 2, 8), 3, 1e-15);
  EXPECT_EQ(evaluate(Operation::log10, 1000), 3);
  EXPECT_DOUBLE_EQ(evaluate(Operation::atan2, 1, 0), 1.5707963267948966);
}

}  // namespace
}  // namespace sim
