/*
 * language_expression_test.cpp -- formulas: precedence, indices, calls, choices, and what is
 * refused.
 */
#include <gtest/gtest.h>

#include "language_printing.hpp"

namespace sim::testing_language {
namespace {

TEST(Expressions, BindOperatorsAsPostgresDoes) {
  EXPECT_EQ(tree_of("1 + 2 * 3"), "(+ 1 (* 2 3))");
  EXPECT_EQ(tree_of("(1 + 2) * 3"), "(* (+ 1 2) 3)");
  EXPECT_EQ(tree_of("1 - 2 - 3"), "(- (- 1 2) 3)");
  EXPECT_EQ(tree_of("8 / 4 * 2 % 3"), "(% (* (/ 8 4) 2) 3)");
  EXPECT_EQ(tree_of("-2^2"), "(^ (neg 2) 2)");
  EXPECT_EQ(tree_of("2^-1"), "(^ 2 (neg 1))");
  EXPECT_EQ(tree_of("2^-1^2"), "(^ (^ 2 (neg 1)) 2)");
  EXPECT_EQ(tree_of("2^3^2"), "(^ (^ 2 3) 2)");
  EXPECT_EQ(tree_of("-a * -b"), "(* (neg a) (neg b))");
  EXPECT_EQ(tree_of("+a + +b"), "(+ a b)");
  EXPECT_EQ(tree_of("a + b < c * d"), "(< (+ a b) (* c d))");
  EXPECT_EQ(tree_of("not a = b"), "(not (= a b))");
  EXPECT_EQ(tree_of("not not a"), "(not (not a))");
  EXPECT_EQ(tree_of("not a and b"), "(and (not a) b)");
  EXPECT_EQ(tree_of("a or b and c"), "(or a (and b c))");
  EXPECT_EQ(tree_of("a and b or c and d"), "(or (and a b) (and c d))");
  EXPECT_EQ(tree_of("a = not b = c"), "(= a (not (= b c)))");
  EXPECT_EQ(tree_of("1 + not b + 2 and c"), "(and (+ 1 (not (+ b 2))) c)");
  EXPECT_EQ(tree_of("a <> b"), "(<> a b)");
  EXPECT_EQ(tree_of("a != b"), "(<> a b)");
  EXPECT_EQ(tree_of("a >= b"), "(>= a b)");
}

TEST(Expressions, BringBetweenToTwoComparisons) {
  EXPECT_EQ(tree_of("a between 1 and 2"), "(and (>= a 1) (<= a 2))");
  EXPECT_EQ(tree_of("a not between 1 and 2"), "(not (and (>= a 1) (<= a 2)))");
  EXPECT_EQ(tree_of("a + 1 between b - 1 and b + 1 and c"),
            "(and (and (>= (+ a 1) (- b 1)) (<= (+ a 1) (+ b 1))) c)");
  EXPECT_EQ(tree_of("not a between 1 and 2"), "(not (and (>= a 1) (<= a 2)))");
}

TEST(Expressions, BindBetweenMoreStronglyThanComparisons) {
  EXPECT_EQ(tree_of("d = a between 1 and 2"), "(= d (and (>= a 1) (<= a 2)))");
  EXPECT_EQ(tree_of("a between 1 and 2 = d"), "(= (and (>= a 1) (<= a 2)) d)");
  EXPECT_EQ(tree_of("a between b = c and d"), "(and (>= a (= b c)) (<= a d))");
  EXPECT_EQ(tree_of("a between 1 and not b"), "(and (>= a 1) (<= a (not b)))");
}

TEST(Expressions, BringInToEqualities) {
  EXPECT_EQ(tree_of("a in (1)"), "(= a 1)");
  EXPECT_EQ(tree_of("a in (1, 2, b + 1)"), "(or (or (= a 1) (= a 2)) (= a (+ b 1)))");
  EXPECT_EQ(tree_of("a not in (1, 2) and b"), "(and (not (or (= a 1) (= a 2))) b)");
}

TEST(Expressions, RefuseChainsThatPostgresRefuses) {
  EXPECT_EQ(tree_of("1 < x < 2"),
            "1:7 comparisons do not chain | Write a < b and b < c, or x between a and c.");
  EXPECT_EQ(tree_of("a = b <> c"),
            "1:7 comparisons do not chain | Write a < b and b < c, or x between a and c.");
  EXPECT_EQ(tree_of("a in (1) in (2)"),
            "1:10 \"between\" and \"in\" do not chain | Use brackets to say what is meant.");
  EXPECT_EQ(tree_of("a between 1 and 2 not in (3)"),
            "1:19 \"between\" and \"in\" do not chain | Use brackets to say what is meant.");
  EXPECT_EQ(tree_of("a between not b and c"),
            "1:11 expected an expression, found \"not\" | Put \"not\" and its operand in brackets "
            "here.");
  EXPECT_EQ(tree_of("a between (not b) and c"), "(and (>= a (not b)) (<= a c))");
}

TEST(Expressions, ReadNumbersAsSqlDoes) {
  EXPECT_EQ(tree_of("1"), "1");
  EXPECT_EQ(tree_of(".5"), "0.5");
  EXPECT_EQ(tree_of("1."), "1");
  EXPECT_EQ(tree_of("1e-3"), "0.001");
  EXPECT_EQ(tree_of("1.5E+2"), "150");
  EXPECT_EQ(tree_of("0e999"), "0");
  EXPECT_EQ(tree_of("true + false"), "(+ 1 0)");
}

TEST(Expressions, RefuseWhatIsNoNumber) {
  EXPECT_EQ(tree_of("1_000"),
            "1:1 \"1_000\" is neither a number nor a name | Digits are written without separators: "
            "1000000, or 1e6.");
  EXPECT_EQ(tree_of("2 + 3x"),
            "1:5 \"3x\" is neither a number nor a name | A product is written with \"*\"; a name "
            "begins with a letter.");
  EXPECT_EQ(tree_of("1e999"), "1:1 number is outside the range of double precision");
  EXPECT_EQ(tree_of("1e-999"), "1:1 number is outside the range of double precision");
  EXPECT_EQ(tree_of("1e"),
            "1:1 \"1e\" is neither a number nor a name | A product is written with \"*\"; a name "
            "begins with a letter.");
}

TEST(Expressions, ReadIndicesOfTime) {
  EXPECT_EQ(tree_of("x[t] + x[t-3] + x[T - 12]"), "(+ (+ x[t] x[t-3]) x[t-12])");
  EXPECT_EQ(tree_of("x[t-0]"), "x[t]");
  EXPECT_EQ(tree_of("x[0] + x[5]"), "(+ x[0] x[5])");
  EXPECT_EQ(tree_of("x[last] - x[last-2]"), "(- x[last] x[last-2])");
  EXPECT_EQ(tree_of("sum(x[*])"), "(call sum x[*])");
  EXPECT_EQ(tree_of("avg(x[1..12])"), "(call avg x[1..12])");
  EXPECT_EQ(tree_of("avg(x[1 .. last])"), "(call avg x[1..last])");
  EXPECT_EQ(tree_of("first_step(x[t] <= 0)"), "(call first_step (<= x[t] 0))");
  EXPECT_EQ(tree_of("t / 12"), "(/ t 12)");
}

TEST(Expressions, RefuseIndicesThatLookAhead) {
  EXPECT_EQ(tree_of("x[t+1]"),
            "1:3 an index looks into the future | A formula can only look back: define x[t] from "
            "x[t-1], not x[t+1] from x[t].");
  EXPECT_EQ(tree_of("x[last+1]").substr(0, 31), "1:7 expected \"]\", found \"+\" | A");
}

TEST(Expressions, RefuseIndicesThatAreNoConstants) {
  EXPECT_EQ(tree_of("x[t-k]"),
            "1:5 expected a constant number of steps, found \"k\" | In x[t - k], k is a number: "
            "x[t - 3].");
  EXPECT_EQ(tree_of("x[t*2]").substr(0, 31), "1:4 expected \"]\", found \"*\" | A");
  EXPECT_EQ(tree_of("x[k]").substr(0, 39), "1:3 expected an index of time, found \"k");
  EXPECT_EQ(tree_of("x[1.5]"),
            "1:3 a step number is a whole number from 0 to 1000000000, found \"1.5\"");
  EXPECT_EQ(tree_of("x[1e300]"),
            "1:3 a step number is a whole number from 0 to 1000000000, found \"1e300\"");
  EXPECT_EQ(tree_of("x[-1]"),
            "1:3 a step number is not negative | Steps count from 0; x[last - 1] counts from the "
            "end.");
  EXPECT_EQ(tree_of("sum(x[5..2])"), "1:7 the range of steps ends before it begins");
  EXPECT_EQ(tree_of("sum(x[t..5])"),
            "1:8 a range of steps cannot begin at t | A range has fixed ends: x[1..12] or "
            "x[1..last].");
}

TEST(Expressions, KeepRoomForOtherIndices) {
  EXPECT_EQ(tree_of("cost[5, t]"),
            "1:7 a name has only one index, that of time | Indices such as x[product, t] are not "
            "part of this version.");
  EXPECT_EQ(tree_of("x[t][1]"), "1:5 a name has only one index");
}

TEST(Expressions, ReadColumnsAndNamedArguments) {
  EXPECT_EQ(tree_of("mean(market.stock)"), "(call mean market.stock)");
  EXPECT_EQ(tree_of("~ bootstrap(market, block => 12)"), "(call bootstrap market block=>12)");
  EXPECT_EQ(tree_of("market.step + \"M\".\"Col A\""), "(+ market.step M.Col A)");
  EXPECT_EQ(tree_of("pi()"), "(call pi)");
  EXPECT_EQ(tree_of("a.b.c"), "1:4 unexpected \".\" | A column is written data.column.");
  EXPECT_EQ(tree_of("a.b[t]"), "1:4 a column takes no index");
  EXPECT_EQ(tree_of("f(x => 1, 2)"),
            "1:11 an argument without name follows one with a name | Named arguments stand last.");
  EXPECT_EQ(tree_of("f(x => 1, x => 2)"), "1:11 argument \"x\" is given twice");
}

TEST(Expressions, BringIfAndCaseToSelections) {
  EXPECT_EQ(tree_of("if(a > 0, 1, 2)"), "(select (> a 0) 1 2)");
  EXPECT_EQ(tree_of("case when a then 1 when b then 2 else 3 end"), "(select a 1 (select b 2 3))");
  EXPECT_EQ(tree_of("case a + 1 when 1 then 10 when 2 then 20 else 30 end * 2"),
            "(* (select (= (+ a 1) 1) 10 (select (= (+ a 1) 2) 20 30)) 2)");
  EXPECT_EQ(tree_of("case when a then case when b then 1 else 2 end else 3 end"),
            "(select a (select b 1 2) 3)");
}

TEST(Expressions, RefuseACaseWithoutElse) {
  EXPECT_EQ(tree_of("case when a then 1 end"),
            "1:20 expected \"when\" or \"else\", found \"end\" | A case needs an \"else\": without "
            "it there would be no value where no condition holds, and a model knows no NULL.");
  EXPECT_EQ(tree_of("case a end"), "1:8 expected \"when\", found \"end\"");
  EXPECT_EQ(tree_of("case when a then 1 else 2"),
            "1:26 expected \"end\", found end of text | A case ends with \"end\".");
  EXPECT_EQ(tree_of("if(a, b)"), "1:1 if(condition, a, b) takes 3 values, found 2");
}

TEST(Expressions, RefuseNullTextAndReservedWords) {
  EXPECT_EQ(tree_of("1 + null"), "1:5 a model knows no NULL | Every value of a model is a number.");
  EXPECT_EQ(tree_of("'abc'").substr(0, 27), "1:1 a formula holds no text");
  EXPECT_EQ(tree_of("step + 1"), "1:1 \"step\" is a reserved word | The number of the step is t.");
  EXPECT_EQ(tree_of("last"),
            "1:1 \"last\" is a reserved word | The value at the last step is "
            "x[last].");
  EXPECT_EQ(tree_of("trial"), "1:1 \"trial\" is a reserved word");
  EXPECT_EQ(tree_of("t[1]"), "1:1 \"t\" is a reserved word | t is the number of the step.");
  EXPECT_EQ(tree_of("1 + then"), "1:5 expected an expression, found \"then\"");
}

TEST(Expressions, SayWhatWasExpected) {
  EXPECT_EQ(tree_of(""), "1:1 expected an expression, found end of text");
  EXPECT_EQ(tree_of("1 +"), "1:4 expected an expression, found end of text");
  EXPECT_EQ(tree_of("(1 + 2"),
            "1:7 expected \")\", found end of text | The \"(\" in line 1 is still open.");
  EXPECT_EQ(tree_of("max(1, 2"),
            "1:9 expected \",\" or \")\", found end of text | The \"(\" in line 1 is still open.");
  EXPECT_EQ(tree_of("max(1,, 2)"), "1:7 expected an expression, found \",\"");
  EXPECT_EQ(tree_of("1 2"), "1:3 expected end of line, found \"2\"");
  EXPECT_EQ(tree_of("a is null"),
            "1:3 expected end of line, found \"is\" | A model knows no NULL; compare with \"=\".");
  EXPECT_EQ(tree_of("a in ()"), "1:7 expected an expression, found \")\"");
}

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Expressions, NestUpToALimitThatIsSaid) {
  const int limit = kMaxNesting;
  EXPECT_EQ(tree_of(repeat("(", limit) + "1" + repeat(")", limit)), "1");
  const std::string message =
      "formula nests deeper than 200 levels | Give a part of it a name of "
      "its own.";
  EXPECT_EQ(tree_of(repeat("(", limit + 1) + "1" + repeat(")", limit + 1)), "1:201 " + message);
  EXPECT_EQ(tree_of(repeat("- ", 100000) + "1"), "1:401 " + message);
  EXPECT_EQ(tree_of(repeat("not ", 100000) + "1"), "1:801 " + message);
  EXPECT_EQ(tree_of(repeat("abs(", 100000)), "1:804 " + message);
  EXPECT_EQ(tree_of(repeat("if(1,", 100000)), "1:1001 " + message);
  EXPECT_EQ(tree_of(repeat("case when ", 100000)), "1:2001 " + message);
  EXPECT_EQ(tree_of(repeat("1 in (", 100000)), "1:1207 " + message);
  EXPECT_EQ(tree_of(repeat("(1 or 1 and 1 = 1 + 1 * 1 ^ ", 100000)).substr(0, 5), "1:560");
}

TEST(Expressions, ReadLongChainsWithoutRecursion) {
  const int terms = 100000;
  Diagnostics diagnostics;
  const std::string text = std::string("a").append(repeat(" + a", terms - 1));
  const InputStatement input = parse_override("x", text, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(input.value.nodes.size(), 2u * terms - 1);
  EXPECT_EQ(input.value.root().operation, Operation::add);
  EXPECT_EQ(input.value.root().range.length, text.size());

  const std::string list = std::string("a in (1").append(repeat(", 1", terms - 1)).append(")");
  EXPECT_FALSE(parse_override("x", list, diagnostics).value.nodes.empty());
  const std::string branches =
      std::string("case").append(repeat(" when a then b", terms)).append(" else c end");
  EXPECT_EQ(parse_override("x", branches, diagnostics).value.nodes.size(), 3u * terms + 1);
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(Expressions, CoverTheTextTheyWereReadFrom) {
  const std::string text = "  (a + b) * max(c, 1)  ";
  Diagnostics diagnostics;
  const Expression value = parse_override("x", text, diagnostics).value;
  EXPECT_EQ(text.substr(value.range.offset, value.range.length), "(a + b) * max(c, 1)");
  const Node& call = value.nodes[value.root().arguments[1]];
  EXPECT_EQ(text.substr(call.range.offset, call.range.length), "max(c, 1)");
}

TEST(Overrides, MayBeADistribution) {
  Diagnostics diagnostics;
  const InputStatement input = parse_override("price", "~ normal(0, 1)", diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_TRUE(input.uncertain);
  EXPECT_EQ(input.targets.at(0).name, "price");
  EXPECT_EQ(print(input.value), "(call normal 0 1)");
  EXPECT_FALSE(parse_override("price", "price * 1.1", diagnostics).uncertain);
}

TEST(Overrides, MayCoverSeveralLinesButHoldOneExpression) {
  EXPECT_EQ(tree_of("a\n- b\n"), "(- a b)");
  EXPECT_EQ(tree_of("1; 2"), "1:4 expected end of line, found \"2\"");
  EXPECT_EQ(tree_of("~ 5").substr(0, 53), "1:3 expected a distribution such as normal(80, 12) | ");
  EXPECT_EQ(tree_of("~ normal(0, 1) + 1").substr(0, 30), "1:3 expected a distribution su");
  EXPECT_EQ(tree_of("= 5"), "1:1 expected an expression, found \"=\"");
  EXPECT_EQ(tree_of("1 \xFF"), "1:3 the text is not UTF-8: byte 0xFF | Save the text as UTF-8.");
}

}  // namespace
}  // namespace sim::testing_language
