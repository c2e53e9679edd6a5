/*
 * model_errors_test.cpp -- what is wrong with a model, with the place, the words and the hint, rule
 * by rule.
 */
#include <gtest/gtest.h>

#include "experiment/inspect.hpp"

namespace sim {
namespace {

struct Told {
  int line;
  int column;
  std::string message;
  std::string hint;

  friend bool operator==(const Told&, const Told&) = default;
  friend void PrintTo(const Told& told, std::ostream* out) {
    *out << told.line << ":" << told.column << " " << told.message << " | " << told.hint;
  }
};

using Tellings = std::vector<Told>;

Tellings errors(const std::string& text) {
  Tellings told;
  for (const CheckRow& row : check_model(text))
    if (row.severity == Severity::error)
      told.push_back({row.line, row.column, row.message, row.hint});
  return told;
}

Tellings nothing() { return {}; }

TEST(ModelErrors, OfNamesNobodyDefined) {
  EXPECT_EQ(errors("input energy_cost = 1\ny = 2 * enery_cost\n"),
            (Tellings{{2, 9, "unknown name \"enery_cost\"", "Did you mean \"energy_cost\"?"}}));
  EXPECT_EQ(errors("y = 2 * something_else\n"),
            (Tellings{{1, 9, "unknown name \"something_else\"", ""}}));
  EXPECT_EQ(errors("y = 1\noutput yy\n"),
            (Tellings{{2, 8, "unknown name \"yy\"", "Did you mean \"y\"?"}}));
  EXPECT_EQ(errors("y = sqr(4)\n"),
            (Tellings{{1, 5, "unknown function \"sqr\"", "Did you mean \"sqrt\"?"}}));
  EXPECT_EQ(errors("data market(stock)\ny = mean(marke.stock) + mean(market.stok)\n"),
            (Tellings{{2, 10, "unknown data block \"marke\"", "Did you mean \"market\"?"},
                      {2, 30, "data block \"market\" has no column \"stok\"",
                       "Did you mean \"stock\"?"}}));
}

TEST(ModelErrors, OfNamesDefinedTwice) {
  EXPECT_EQ(errors("x = 1\ny = 2\nx = 3\n"),
            (Tellings{{3, 1, "\"x\" is defined twice, first in line 1", ""}}));
  EXPECT_EQ(errors("input x = 1\nx = 3\n"),
            (Tellings{{2, 1, "\"x\" is defined twice, first in line 1", ""}}));
  EXPECT_EQ(errors("data x(a)\ninput x = 1\nfunction x(a) = a\ny = 1\n"),
            (Tellings{{2, 7, "\"x\" is defined twice, first in line 1", ""},
                      {3, 10, "\"x\" is defined twice, first in line 1", ""}}));
  EXPECT_EQ(errors("steps 3\nx[0] = 1\nx[0] = 2\nx[t] = 1\n"),
            (Tellings{{3, 1, "\"x\" at step 0 is defined twice", ""}}));
  EXPECT_EQ(errors("steps 3\nx[t] = 1\nx = 2\n"),
            (Tellings{{3, 1, "\"x\" is defined twice, first in line 2", ""}}));
  EXPECT_EQ(errors("steps 3\nx[0] = 1\nx[t] = 1\nx[t] = 2\n"),
            (Tellings{{4, 1, "\"x\" is defined twice, first in line 3", ""}}));
  EXPECT_EQ(errors("x = 1\noutput x\noutput x\n"),
            (Tellings{{3, 8, "\"x\" is an output twice", ""}}));
}

TEST(ModelErrors, OfNamesThatAreTaken) {
  EXPECT_EQ(errors("sqrt = 2\ny = 1\n"),
            (Tellings{{1, 1, "\"sqrt\" is the name of a built-in function",
                       "choose another name, for example \"sqrt_value\""}}));
  EXPECT_EQ(errors("input max = 2\ny = max\n").size(), 1u) << "one cause, one error";
}

TEST(ModelErrors, OfCalls) {
  EXPECT_EQ(errors("y = sqrt(1, 2)\n"), (Tellings{{1, 5, "sqrt takes 1 value, found 2", ""}}));
  EXPECT_EQ(errors("function f(a, b) = a + b\ny = f(1)\n"),
            (Tellings{{2, 5, "f takes 2 values, found 1", ""}}));
  EXPECT_EQ(errors("y = if(1, 2)\n"),
            (Tellings{{1, 5, "if(condition, a, b) takes 3 values, found 2", ""}}));
  EXPECT_EQ(errors("y = round(1, 2, 3)\n"),
            (Tellings{{1, 5, "round takes 1 to 2 values, found 3", ""}}));
  EXPECT_EQ(errors("y = sqrt(1, digits => 2)\n"),
            (Tellings{{1, 5, "\"sqrt\" takes no named argument \"digits\"", ""}}));
  EXPECT_EQ(errors("y = sqrt\n"),
            (Tellings{{1, 5, "\"sqrt\" is a function and needs its arguments in brackets", ""}}));
  EXPECT_EQ(errors("y = normal(0, 1)\n"),
            (Tellings{{1, 5, "\"normal\" is a distribution, not a function",
                       "draw it as an input: input x ~ normal(80, 12)"}}));
}

TEST(ModelErrors, OfFunctions) {
  EXPECT_EQ(errors("input keep = 1\nfunction f(x) = x + keep\ny = f(1)\n"),
            (Tellings{{2, 21, "\"keep\" is not a parameter of this function",
                       "pass it to the function as a parameter"}}));
  EXPECT_EQ(
      errors("function f(rate) = rte\ny = f(1)\n"),
      (Tellings{{1, 20, "\"rte\" is not a parameter of this function", "Did you mean \"rate\"?"}}));
  EXPECT_EQ(errors("function f(x) = f(x - 1)\ny = f(1)\n"),
            (Tellings{{1, 10, "the function \"f\" calls itself, directly or through others", ""}}));
  EXPECT_EQ(errors("function f(x) = g(x)\nfunction g(x) = f(x)\nfunction h(x) = g(x)\ny = h(1)\n"),
            (Tellings{{1, 10, "the function \"f\" calls itself, directly or through others", ""},
                      {2, 10, "the function \"g\" calls itself, directly or through others", ""}}));
  EXPECT_EQ(errors("steps 2\nfunction f(x) = x * t\ny[t] = f(1)\n"),
            (Tellings{{2, 21, "t has a value only in a formula with [t]",
                       "pass it to the function as a parameter"}}));
  EXPECT_EQ(errors("steps 2\nfunction f(x) = x[t-1]\ny[t] = f(1)\n"),
            (Tellings{{2, 17, "the parameter \"x\" is one number and has no time", ""}}));
}

TEST(ModelErrors, OfDistributions) {
  EXPECT_EQ(errors("input x ~ normal(0)\ny = x\n"),
            (Tellings{{1, 11, "normal(mean, sd) takes 2 values, found 1", ""}}));
  EXPECT_EQ(errors("input x ~ normal(0, -1)\ny = x\n"),
            (Tellings{{1, 11, "normal(mean, sd): sd must be greater than 0, is -1", ""}}));
  EXPECT_EQ(errors("input x ~ norml(0, 1)\ny = x\n"),
            (Tellings{{1, 11, "unknown distribution \"norml\"", "Did you mean \"normal\"?"}}));
  EXPECT_EQ(errors("input x ~ 5\ny = x\n"),
            (Tellings{{1, 11, "expected a distribution such as normal(80, 12)",
                       "Arithmetic with a draw is a formula of its own: input x ~ normal(0, 1), "
                       "then y = 2 * x."}}));
  EXPECT_EQ(errors("input x ~ normal(mean => 1, sd => 2)\ny = x\n").size(), 1u);
  EXPECT_EQ(errors("input x ~ normal(z, 1)\ny = x\n"),
            (Tellings{{1, 18, "unknown name \"z\"", "Did you mean \"x\"?"}}));
}

TEST(ModelErrors, OfDrawsFromData) {
  const std::string data = "data d(a, b)\n";
  EXPECT_EQ(errors(data + "input x ~ empirical(d)\ny = x\n"),
            (Tellings{{2, 21, "empirical takes one column", "write d.a"}}));
  EXPECT_EQ(errors(data + "input x ~ bootstrap(d)\ny = x\n")[0].message, "2 columns for 1 input");
  EXPECT_EQ(errors(data + "input (x, z) ~ bootstrap(d.a)\ny = x\n")[0].message,
            "1 column for 2 inputs");
  EXPECT_EQ(
      errors(data + "input (x, z) ~ normal(0, 1)\ny = x\n"),
      (Tellings{
          {2, 16, "a joint draw needs bootstrap or historical rows, found normal(mean, sd)", ""}}));
  EXPECT_EQ(errors(data + "input x ~ bootstrap(e)\ny = x\n"),
            (Tellings{{2, 21, "unknown data block \"e\"", "Did you mean \"d\"?"}}));
  EXPECT_EQ(errors(data + "input x ~ bootstrap(d.a, block => 2)\ny = x\n"),
            (Tellings{{2, 11, "block needs inputs with [t]", ""}}));
  EXPECT_EQ(errors("steps 3\n" + data + "input x[t] ~ bootstrap(d.a, block => 0)\ny[t] = x[t]\n")[0]
                .message,
            "block must be a whole number of rows, at least 1");
  EXPECT_EQ(errors("steps 3\n" + data + "input (x[t], z) ~ bootstrap(d)\ny[t] = x[t]\n")[0].message,
            "a joint draw has [t] behind all of its names or behind none");
  EXPECT_EQ(errors(data + "input x ~ series(d.a)\ny = x\n")[0].hint,
            "write input x[t] ~ series(...)");
}

TEST(ModelErrors, OfDataUsedAsNumbers) {
  EXPECT_EQ(errors("data d(a)\ny = d + 1\n")[0].message, "\"d\" is a data block, not a number");
  EXPECT_EQ(errors("data d(a)\ny = d.a + 1\n")[0].message,
            "\"d.a\" is a column of rows, not a number");
  EXPECT_EQ(
      errors("data d(a)\ny = sum(d.a)\n"),
      (Tellings{{2, 5, "sum does not work on the rows of a data block", "mean, sd and count do"}}));
}

TEST(ModelErrors, OfRanges) {
  EXPECT_EQ(errors("input x = 5 range 0 to 4\ny = x\n"),
            (Tellings{{1, 7, "the default of \"x\" is outside its range", ""}}));
  EXPECT_EQ(errors("input x = 5 range 6 to 4\ny = x\n")[0].message, "the range of \"x\" is empty");
  EXPECT_EQ(errors("input z = 1\ninput x = 5 range z to 10\ny = x\n")[0].message,
            "an end of a range must be a constant");
  EXPECT_EQ(errors("input x = 5 range -1 + 1 to 2 ^ 3\ny = x\n"), nothing());
}

TEST(ModelErrors, OfOutputsAndStartValues) {
  EXPECT_EQ(errors("steps 2\nx[t] = t\noutput x\n"),
            (Tellings{{3, 8, "\"x\" has a value at each step", "write output x[t]"}}));
  EXPECT_EQ(errors("steps 2\nx = 1\noutput x[t]\n"),
            (Tellings{{3, 8, "\"x\" has no time", "write output x"}}));
  EXPECT_EQ(errors("input x = 1\ny = x\nsolve x = 2\n")[0].message,
            "a starting value needs a formula, \"x\" is none");
  EXPECT_EQ(errors("y = cos(y)\nsolve y = 1\nsolve y = 2\n")[0].message,
            "the starting value of \"y\" is given twice");
  EXPECT_EQ(errors("y = 1\nsolve tolerance 1e-3\nsolve iterations 5\n")[0].message,
            "solve settings are given twice");
  EXPECT_EQ(errors("input x = 1\n"), (Tellings{{1, 1, "the model has no formula and no output",
                                                "add a line such as: output total = a + b"}}));
}

TEST(ModelErrors, OfCirclesThroughInputs) {
  EXPECT_EQ(
      errors("input x = y\ny = x + 1\n"),
      (Tellings{{1, 7, "the input \"x\" depends on itself", "only formulas may be circular"}}));
  EXPECT_EQ(errors("input x ~ normal(y, 1)\ny = x + 1\n").size(), 1u);
  EXPECT_EQ(errors("steps 3\ninput a[t] = x[t]\nx[0] = a[0]\nx[t] = x[t-1] + 1\n")[0].message,
            "the input \"a\" depends on itself at step 0");
  EXPECT_EQ(errors("steps 3\ninput a[t] = x[t-1]\nx[0] = 1\nx[t] = a[t] * 2\n"), nothing());
}

TEST(ModelErrors, AreToldAllAtOnceInTheOrderOfTheText) {
  const Tellings told = errors(
      "input x = 1 range 5 to 2\ny = 2 * zz\nz = sqrt()\noutput q\nw = 1 +* 2\nx = 3\nv = (1\n");
  ASSERT_EQ(told.size(), 7u);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(told[static_cast<std::size_t>(i)].line, i + 1);
}

TEST(ModelErrors, AreNotRepeatedForNamesOfStatementsThatFailed) {
  EXPECT_EQ(errors("cost = 1 +* 2\ny = cost * 2\noutput cost\nsolve cost = 3\n").size(), 1u);
  EXPECT_EQ(errors("input x ~ normal(0, )\ny = x\nz = y + x\n").size(), 1u);
  EXPECT_EQ(errors("input x ~ normal(0, -1)\ny = x\nz = y + x\n").size(), 1u);
  EXPECT_EQ(errors("data d(a,,b)\ninput x ~ bootstrap(d.a)\ny = x + mean(d.b)\n").size(), 1u);
  EXPECT_EQ(errors("function f(x = x\ny = f(2)\n").size(), 1u);
}

}  // namespace
}  // namespace sim
