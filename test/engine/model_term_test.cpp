/*
 * model_term_test.cpp -- terms: folded when they are constant, kept once, levels and loops handed
 * on.
 */
#include "model/term.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/math.hpp"

namespace sim {
namespace {

TEST(Terms, OfNumbersAreFoldedToTheBitsOfTheOperation) {
  TermGraph terms;
  const TermId x = terms.number(0.1);
  const TermId y = terms.number(0.2);
  const TermId sum = terms.operation(Operation::add, x, y);
  ASSERT_TRUE(terms.is_number(sum));
  EXPECT_EQ(terms[sum].number, 0.1 + 0.2);
  const TermId power = terms.operation(Operation::power, x, y);
  EXPECT_EQ(terms[power].number, evaluate(Operation::power, 0.1, 0.2));
  const TermId chosen = terms.operation(Operation::select, terms.number(0), x, y);
  EXPECT_EQ(chosen, y);
}

TEST(Terms, AreKeptOnce) {
  TermGraph terms;
  const TermId p = terms.leaf(TermKind::parameter, Level::once, 0);
  const TermId q = terms.leaf(TermKind::parameter, Level::once, 1);
  EXPECT_NE(p, q);
  EXPECT_EQ(p, terms.leaf(TermKind::parameter, Level::once, 0));
  const TermId sum = terms.operation(Operation::add, p, q);
  EXPECT_EQ(sum, terms.operation(Operation::add, p, q));
  EXPECT_EQ(sum, terms.operation(Operation::add, q, p));
  const TermId difference = terms.operation(Operation::subtract, p, q);
  EXPECT_NE(sum, difference);
  EXPECT_NE(difference, terms.operation(Operation::subtract, q, p));
  EXPECT_EQ(terms.size(), 5u);
}

TEST(Terms, DistinguishZeroFromMinusZeroAndKeepNanOnce) {
  TermGraph terms;
  EXPECT_NE(terms.number(0.0), terms.number(-0.0));
  EXPECT_EQ(terms.number(math::kNaN), terms.number(math::kNaN));
}

TEST(Terms, BecomeCheaperWhereTheBitsStayTheSame) {
  TermGraph terms;
  const TermId x = terms.leaf(TermKind::parameter, Level::once, 0);
  const auto with = [&](Operation operation, double number) {
    return terms.operation(operation, x, terms.number(number));
  };
  EXPECT_EQ(with(Operation::divide, 4), with(Operation::multiply, 0.25));
  EXPECT_EQ(with(Operation::divide, -0x1p-1000), with(Operation::multiply, -0x1p1000));
  EXPECT_EQ(with(Operation::multiply, 1), x);
  EXPECT_EQ(terms.operation(Operation::multiply, terms.number(1), x), x);
  EXPECT_EQ(with(Operation::divide, 1), x);
  EXPECT_EQ(with(Operation::subtract, 0), x);
  for (const double divisor : {3.0, 10.0, 0.0, 0x1p-1074, 0x1p1023, math::kInfinity, math::kNaN})
    EXPECT_EQ(terms[with(Operation::divide, divisor)].operation, Operation::divide) << divisor;
  EXPECT_NE(with(Operation::add, 0), x) << "-0 + 0 is 0";
  EXPECT_NE(with(Operation::subtract, -0.0), x);
}

TEST(Terms, AreLeftAsTheyAreWithoutSimplification) {
  TermGraph terms(false);
  const TermId x = terms.leaf(TermKind::parameter, Level::once, 0);
  const TermId half = terms.number(0.5);
  const TermId sum = terms.operation(Operation::add, half, half);
  EXPECT_EQ(terms[sum].kind, TermKind::operation);
  EXPECT_TRUE(terms.is_number(sum)) << "known all the same";
  EXPECT_EQ(terms[sum].number, 1);
  EXPECT_NE(terms.operation(Operation::multiply, x, sum), x);
  EXPECT_NE(terms.operation(Operation::add, x, half), terms.operation(Operation::add, x, half));
  EXPECT_EQ(terms.leaf(TermKind::parameter, Level::once, 0), x) << "leaves are kept once";
}

TEST(Terms, TakeTheHighestLevelAndTheLoopOfTheirOperands) {
  TermGraph terms;
  const TermId once = terms.leaf(TermKind::parameter, Level::once, 0);
  const TermId trial = terms.leaf(TermKind::draw, Level::trial, 0);
  const TermId step = terms.leaf(TermKind::time, Level::step, 0);
  const TermId unknown = terms.leaf(TermKind::unknown, Level::once, 2, 0, 0, 3);
  EXPECT_EQ(terms[terms.operation(Operation::add, once, trial)].level, Level::trial);
  EXPECT_EQ(terms[terms.operation(Operation::select, once, trial, step)].level, Level::step);
  EXPECT_EQ(terms[terms.operation(Operation::negate, once)].level, Level::once);
  const TermId inside = terms.operation(Operation::multiply, unknown, step);
  EXPECT_EQ(terms[inside].loop, 3u);
  EXPECT_EQ(terms[inside].level, Level::step);
  EXPECT_EQ(terms[terms.operation(Operation::negate, once)].loop, 0u);
}

TEST(Terms, StandAfterTheirOperands) {
  TermGraph terms;
  TermId last = terms.leaf(TermKind::parameter, Level::once, 0);
  for (int i = 0; i < 5000; ++i) {
    const TermId next = terms.operation(Operation::add, last, terms.number(i));
    for_each_operand(terms[next], [&](TermId operand) { EXPECT_LT(operand, next); });
    last = next;
  }
}

}  // namespace
}  // namespace sim
