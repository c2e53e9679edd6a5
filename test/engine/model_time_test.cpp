/*
 * model_time_test.cpp -- the rules of time: which steps exist, what may look where, what is known
 * when.
 */
#include <gtest/gtest.h>

#include <algorithm>

#include "experiment/inspect.hpp"
#include "model/model.hpp"

namespace sim {
namespace {

std::vector<CheckRow> errors(const std::string& text) { return check_model(text); }

std::string only_error(const std::string& text) {
  const std::vector<CheckRow> rows = check_model(text);
  if (rows.size() != 1) return std::to_string(rows.size()) + " errors";
  return std::to_string(rows[0].line) + ":" + std::to_string(rows[0].column) + " " +
         rows[0].message + (rows[0].hint.empty() ? "" : " | " + rows[0].hint);
}

/* The timed variables that have no step 0. */
std::vector<std::string> without_step_0(const std::string& text) {
  Diagnostics diagnostics;
  const Model model = analyse_model(text, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << render_errors(diagnostics, text);
  std::vector<std::string> names;
  for (const Variable& variable : model.variables)
    if (variable.timed && variable.from_step_1 && !variable.hidden) names.push_back(variable.name);
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

TEST(StepZero, ExistsWhereAllThatIsReadExists) {
  EXPECT_EQ(without_step_0("steps 3\nx[t] = t\ny[t] = x[t] + 1\ninput k[t] = 2\nz[t] = k[t]\n"),
            Names{});
}

TEST(StepZero, IsMissingForDrawsAndSeriesAndAllThatReadsThem) {
  EXPECT_EQ(without_step_0("steps 3\ndata d(a)\ninput u[t] ~ normal(0, 1)\n"
                           "input s[t] ~ series(d.a)\nx[t] = u[t]\ny[t] = x[t] + 1\nz[t] = s[t]\n"),
            (Names{"s", "u", "x", "y", "z"}));
}

TEST(StepZero, IsMissingForWhatLooksBackWithoutAStartRule) {
  EXPECT_EQ(without_step_0("steps 3\nx[0] = 1\nx[t] = x[t-1]\ny[t] = x[t-1]\nz[t] = y[t]\n"),
            (Names{"y", "z"}));
}

TEST(StepZero, ExistsWithAStartRuleWhateverTheRuleReads) {
  EXPECT_EQ(without_step_0("steps 3\ninput u[t] ~ normal(0, 1)\nx[0] = 1\nx[t] = u[t]\n"
                           "y[t] = x[t]\n"),
            Names{"u"});
}

TEST(StepZero, IsNotLostToABranchThatMayNotBeTaken) {
  EXPECT_EQ(without_step_0("steps 3\ninput u[t] ~ normal(0, 1)\nx[t] = if(t > 0, u[t], 5)\n"
                           "function f(a, b) = if(a, b, 0)\ny[t] = f(t > 0, u[t])\n"
                           "z[t] = case when u[t] > 0 then 1 else 2 end\n"),
            (Names{"u", "z"}));
}

TEST(StepZero, ExistsInALoopThatOnlyReadsItself) {
  EXPECT_EQ(without_step_0("steps 3\nx[t] = 0.5 * y[t] + 1\ny[t] = 0.5 * x[t]\n"), Names{});
  EXPECT_EQ(without_step_0("steps 3\ninput u[t] ~ normal(0, 1)\nx[t] = 0.5 * y[t] + u[t]\n"
                           "y[t] = 0.5 * x[t]\n"),
            (Names{"u", "x", "y"}));
}

TEST(MissingSteps, NameBothPlaces) {
  EXPECT_EQ(
      only_error("steps 3\nx[t] = x[t-1] + 1\n"),
      "2:8 \"x\" at step 1 reads step 0 of \"x\", which does not exist: \"x\" (line 2) begins "
      "at step 1 | give a start rule: x[0] = ...");
  EXPECT_EQ(only_error("steps 3\nx[0] = 1\nx[t] = x[t-2] + 1\n"),
            "3:8 \"x\" at step 1 reads step -1 of \"x\", which does not exist: steps begin at 0 | "
            "give a start rule, x[1] = ..., or guard it: if(t > 2, ..., 0)");
  EXPECT_EQ(
      only_error("steps 3\ninput u[t] ~ normal(0, 1)\ny = u[0]\n"),
      "3:5 \"y\" reads step 0 of \"u\", which does not exist: \"u\" (line 2) begins at step 1");
  EXPECT_EQ(
      only_error("steps 3\ninput u[t] ~ normal(0, 1)\nx[0] = u[0]\nx[t] = 1\n"),
      "3:8 \"x\" at step 0 reads step 0 of \"u\", which does not exist: \"u\" (line 2) begins "
      "at step 1 | give a start rule, x[0] = ..., or guard it: if(t > 0, ..., 0)");
}

TEST(MissingSteps, InsideABranchAreNoErrors) {
  EXPECT_TRUE(errors("steps 20\nx[0] = 1\nx[t] = if(t > 12, x[t-12], 0)\n").empty());
  EXPECT_TRUE(errors("steps 20\nx[t] = case when t > 2 then x[t-2] else 1 end\n").empty());
}

TEST(StartRules, CoverTheFirstSteps) {
  EXPECT_TRUE(errors("steps 5\nf[0] = 0\nf[1] = 1\nf[t] = f[t-1] + f[t-2]\n").empty());
  EXPECT_EQ(
      only_error("steps 5\nf[0] = 0\n"),
      "2:1 \"f\" has start rules but no rule for the steps after them | add a line: f[t] = ...");
  EXPECT_EQ(only_error("steps 5\nf[7] = 0\nf[t] = 1\n"), "2:1 step 7 is beyond the last step, 5");
  EXPECT_TRUE(errors("steps 1\nf[0] = 0\nf[1] = 2\n").empty()) << "every step has a rule";
  EXPECT_EQ(only_error("steps 5\nf[1] = g[3]\nf[t] = 1\ng[t] = 1\n"),
            "2:8 the value at step 1 cannot read step 3 | a formula can only look back");
}

TEST(Brackets, AreWrittenWhereThereIsTimeAndNowhereElse) {
  EXPECT_EQ(only_error("x[t] = 1\n"),
            "1:1 \"x\" has time, but the model has no steps | add a line such as: steps 12 month");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny[t] = x + 1\n"),
            "3:8 \"x\" has a value at each step | write x[t]");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = x + 1\n"),
            "3:5 \"x\" has a value at each step | write x[last], x[0] or sum(x[*])");
  EXPECT_EQ(only_error("steps 3\nk = 1\ny[t] = k[t]\n"),
            "3:8 \"k\" has no time | write k without brackets");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = x[t]\n"),
            "3:5 x[t] has a meaning only in a formula with [t] | write x[last], x[0] or sum(x[*])");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = x[4]\n"),
            "3:5 step 4 does not exist: steps go from 0 to 3");
  EXPECT_EQ(only_error("steps 3\ny = t\n"), "2:5 t has a value only in a formula with [t]");
  EXPECT_EQ(only_error("steps 3\nsteps 4\ny = 1\n"), "2:1 steps are given twice");
}

TEST(Series, StandOnlyInsideAggregates) {
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = x[*] + 1\n"),
            "3:5 a series stands only inside sum, min, max, avg, first_step, any or all");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = sqrt(x[*])\n"),
            "3:5 sqrt does not work on a series | sum, min, max, avg, first_step, any and all do");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = sum(x[1..9])\n"), "3:9 steps go from 0 to 3");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = sum(x[2..1])\n"),
            "3:11 the range of steps ends before it begins");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = sum(x[1..2] * x[1..3])\n"),
            "3:19 the series inside an aggregate must cover the same steps");
  EXPECT_EQ(only_error("y = avg(3)\n"), "1:5 avg needs a series, such as x[*]");
}

/* They would be values of two or more arguments. */
TEST(Series, AreMissedWhereSumMinAndMaxHaveOneArgumentWithoutTime) {
  EXPECT_EQ(only_error("y = sum(3)\n"), "1:5 sum needs a series, such as x[*]");
  EXPECT_EQ(only_error("x = 1\ny = min(x)\n"), "2:5 min needs a series, such as x[*]");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = max(x[2])\n"),
            "3:5 max needs a series, such as x[*]");
  EXPECT_EQ(only_error("steps 3\nx[t] = 1\ny = sum(x[*] + sum(x[*]))\n").substr(0, 30),
            "3:16 sum works over all steps ");
}

TEST(TheEnd, IsNotKnownAtAStep) {
  EXPECT_EQ(
      only_error("steps 3\nx[t] = x[last]\n"),
      "2:8 a formula with [t] cannot read \"x\" over all steps: they are not known yet | keep "
      "a running value: total[t] = total[t-1] + x[t]");
  EXPECT_EQ(
      only_error("steps 3\nx[t] = t\ny[t] = sum(x[*])\n"),
      "3:12 a formula with [t] cannot read \"x\" over all steps: they are not known yet | keep "
      "a running value: total[t] = total[t-1] + x[t]");
  EXPECT_EQ(only_error("steps 3\nx[t] = t * total\ntotal = sum(x[*])\n"),
            "2:12 \"x\" cannot read \"total\", which is known only after the last step | keep a "
            "running value: total[t] = total[t-1] + ...");
  EXPECT_EQ(only_error("steps 3\nx[t] = t * half\nhalf = total / 2\ntotal = sum(x[*])\n"),
            "2:12 \"x\" cannot read \"half\", which is known only after the last step | keep a "
            "running value: total[t] = total[t-1] + ...");
  EXPECT_EQ(only_error("steps 3\nx[t] = t\ntotal = sum(x[*])\ninput u ~ normal(total, 1)\ny = u\n"),
            "4:7 the distribution of \"u\" depends on the end of the time steps");
  EXPECT_EQ(only_error("steps 3\nx[t] = x[t+1]\n").substr(0, 5), "2:10 ");
}

TEST(TheEnd, MayFeedScalarsAndTheirLoops) {
  EXPECT_TRUE(errors("steps 3\nx[t] = t\ntotal = sum(x[*])\na = 0.5 * b + total\nb = 0.5 * a\n"
                     "input scaled = total * 2\nz = scaled\n")
                  .empty());
}

TEST(StartValues, ReadScalarsThatAreKnown) {
  EXPECT_EQ(
      only_error("steps 3\nx[0] = 1\nx[t] = cos(x[t])\ny = cos(y)\nsolve y = x[1]\n"),
      "5:11 the starting value of \"y\" cannot read single steps of \"x\" | give a number or a "
      "formula without time");
  EXPECT_EQ(only_error("y = cos(y)\nsolve y = y\n"),
            "2:11 the starting value of \"y\" depends on \"y\", which is not known before the loop "
            "is solved | give a number or a formula outside the loop");
  EXPECT_TRUE(errors("y = cos(y)\nsolve y = k + 1\nk = 2 * z\ninput z = 1\n").empty());
}

}  // namespace
}  // namespace sim
