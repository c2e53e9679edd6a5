/*
 * language_statement_test.cpp -- every kind of statement, right and wrong.
 */
#include <gtest/gtest.h>

#include "language_printing.hpp"

namespace sim::testing_language {
namespace {

std::vector<Statement> statements_of(std::string_view source) {
  Diagnostics diagnostics;
  const SyntaxTree tree = parse_model(source, diagnostics);
  EXPECT_EQ(print_errors(diagnostics, source), "");
  return tree.statements;
}

OutputStatement output_at(const std::vector<Statement>& statements, std::size_t place) {
  return std::get<OutputStatement>(statements.at(place));
}

TEST(Parser, ReadsTheCostModel) {
  const auto statements = statements_of(R"(
    -- plant cost, EUR per tonne
    input material_cost  = 100                      unit 'EUR/t'  range 0 to 10000
    input energy_cost    ~ normal(80, 12)           unit 'EUR/t'
    input transport_cost ~ triangular(20, 25, 40)   unit 'EUR/t'

    disposal_cost  = 0.8 * material_cost + co2_cost
    co2_cost       = 0.1 * energy_cost + 0.05 * disposal_cost
    logistics_cost = transport_cost + eco_fees
    eco_fees       = 0.1 * logistics_cost + 0.05 * co2_cost

    output total_cost = material_cost + energy_cost + disposal_cost + co2_cost + logistics_cost + eco_fees
  )");
  ASSERT_EQ(statements.size(), 8u);
  const auto& total = std::get<FormulaStatement>(statements[7]);
  EXPECT_TRUE(total.is_output);
  EXPECT_EQ(total.name, "total_cost");
  EXPECT_EQ(total.value.nodes.size(), 11u);
}

TEST(Parser, ReadsThePathModel) {
  const auto statements = statements_of(R"(
    steps 480 month
    data  market(stock, bond, inflation)            -- rows, bound to a query

    input start_wealth = 1000000   range 1000 to 100000000
    input yearly_spend = 40000     range 0 to 1000000
    input equity_share = 0.6       range 0 to 1
    input (stock_return[t], bond_return[t], inflation[t]) ~ bootstrap(market, block => 12)

    price_level[0] = 1
    price_level[t] = price_level[t-1] * (1 + inflation[t])
    growth[t]      = equity_share * stock_return[t] + (1 - equity_share) * bond_return[t]
    wealth[0]      = start_wealth
    wealth[t]      = max(0, wealth[t-1] - yearly_spend / 12 * price_level[t]) * (1 + growth[t])

    output wealth[t] every 12
    output success          = wealth[last] > 0
    output real_end_wealth  = wealth[last] / price_level[last]
  )");
  EXPECT_EQ(statements.size(), 14u);
  EXPECT_EQ(output_at(statements, 11).every, 12);
}

TEST(Parser, ReportsEveryErrorOfATextAtOnce) {
  EXPECT_EQ(errors_of("x = 1 +* 2\n"
                      "y = 2\n"
                      "input z\n"
                      "output y z\n"
                      "w = (1 + 2\n"
                      "v = 3)\n"
                      "steps 0"),
            "1:8 expected an expression, found \"*\"\n"
            "3:8 expected \"=\" or \"~\", found end of line | An input has a default (input x = "
            "100) or a distribution (input x ~ normal(100, 10)).\n"
            "4:10 expected \",\" or end of line, found \"z\"\n"
            "6:1 expected \")\", found \"v\" | The \"(\" in line 5 is still open.\n"
            "7:7 the number of steps is a whole number from 1 to 1000000000, found \"0\"");
}

TEST(Parser, FindsTheNextStatementBehindAnUnclosedBracket) {
  EXPECT_EQ(errors_of("x = (1 + 2\ny = 2 *\nz[t] = max(1, 2\noutput x 5"),
            "1:11 expected \")\", found end of line | The \"(\" in line 1 is still open.\n"
            "3:16 expected \",\" or \")\", found end of line | The \"(\" in line 3 is still open.\n"
            "4:10 expected \",\" or end of line, found \"5\" | An expression gets a name: output "
            "total = a + b.");
}

TEST(Parser, KeepsTheGoodStatementsOfABadText) {
  Diagnostics diagnostics;
  const SyntaxTree tree = parse_model("a = 1\nb = * 2\nc = 3\noutput a, b[\n", diagnostics);
  EXPECT_EQ(tree.statements.size(), 2u);
  EXPECT_EQ(diagnostics.error_count(), 2);
}

TEST(Parser, RemembersTheNamesThatBadStatementsWouldDefine) {
  Diagnostics diagnostics;
  const SyntaxTree tree =
      parse_model("a = 1\nb = *\nc[t] = 3\ninput d\ninput (e[t], f) ~ g(h)\noutput i = )\ndata j(",
                  diagnostics);
  EXPECT_EQ(tree.refused_names, (std::vector<std::string>{"b", "c", "d", "e", "f", "i", "j"}));
}

TEST(Steps, HaveACountAndALabel) {
  EXPECT_EQ(only_statement<StepsStatement>("steps 480 month").count, 480);
  EXPECT_EQ(only_statement<StepsStatement>("steps 480 month").label, "month");
  EXPECT_EQ(only_statement<StepsStatement>("STEPS 5").label, "");
  EXPECT_EQ(only_statement<StepsStatement>("steps 5 'half year'").label, "half year");
  EXPECT_EQ(errors_of("steps"), "1:6 expected the number of steps, found end of text");
  EXPECT_EQ(errors_of("steps n"), "1:7 expected the number of steps, found \"n\"");
  EXPECT_EQ(errors_of("steps 2.5"),
            "1:7 the number of steps is a whole number from 1 to 1000000000, found \"2.5\"");
  EXPECT_EQ(errors_of("steps 5 year 3"), "1:14 expected end of line, found \"3\"");
}

TEST(Data, DeclareColumns) {
  const auto data = only_statement<DataStatement>("data Market(stock, \"Bond\", step)");
  EXPECT_EQ(data.name, "market");
  EXPECT_EQ(data.columns, (std::vector<std::string>{"stock", "Bond", "step"}));
  EXPECT_EQ(data.column_ranges.at(1).offset, 19u);
  EXPECT_EQ(errors_of("data market"),
            "1:12 expected \"(\", found end of text | Data are declared with their columns: data "
            "market(stock, bond).");
  EXPECT_EQ(errors_of("data market()"), "1:13 expected the name of a column, found \")\"");
  EXPECT_EQ(errors_of("data market(a, b, A)"), "1:19 \"a\" is given twice");
}

TEST(Inputs, HaveADefaultOrADistribution) {
  const auto fixed = only_statement<InputStatement>("input a = 5 * b");
  EXPECT_FALSE(fixed.uncertain);
  EXPECT_EQ(print(fixed.value), "(* 5 b)");
  const auto drawn = only_statement<InputStatement>("input a[t] ~ normal(0, 1)");
  EXPECT_TRUE(drawn.uncertain);
  EXPECT_TRUE(drawn.targets.at(0).timed);
  EXPECT_FALSE(only_statement<InputStatement>("input outer ~ normal(0, 1)").targets.empty());
}

TEST(Inputs, TakeTheirClausesInAnyOrder) {
  for (const std::string clauses :
       {"unit 'EUR' range 0 to 2 * 5 'what it is'", "'what it is' range 0 to 2 * 5 unit 'EUR'"}) {
    const auto input = only_statement<InputStatement>("input a = 5 " + clauses);
    EXPECT_EQ(input.annotations.unit, "EUR");
    EXPECT_EQ(input.annotations.description, "what it is");
    EXPECT_EQ(print(input.range_low.value()), "0");
    EXPECT_EQ(print(input.range_high.value()), "(* 2 5)");
  }
  EXPECT_FALSE(only_statement<InputStatement>("input a = 5").range_low.has_value());
}

TEST(Inputs, TakeEachClauseOnce) {
  EXPECT_EQ(errors_of("input a = 5 unit 'x' unit 'y'"), "1:22 the unit is given twice");
  EXPECT_EQ(errors_of("input a = 5 'x' 'y'"), "1:17 the description is given twice");
  EXPECT_EQ(errors_of("input a = 5 range 0 to 1 range 0 to 1"), "1:26 the range is given twice");
  EXPECT_EQ(errors_of("input a = 5 unit EUR"),
            "1:18 expected a text in quotes, found \"EUR\" | A unit is written unit 'EUR/t'.");
  EXPECT_EQ(errors_of("input a = 5 range 0, 1"),
            "1:20 expected \"to\", found \",\" | A range is written range 0 to 100.");
}

TEST(Inputs, MayBeDrawnJointly) {
  const auto input = only_statement<InputStatement>("input (a[t], b[t]) ~ bootstrap(m)");
  ASSERT_EQ(input.targets.size(), 2u);
  EXPECT_EQ(input.targets[1].name, "b");
  EXPECT_EQ(errors_of("input (a, b) = 5"),
            "1:14 expected \"~\", found \"=\" | Several inputs are drawn together: input (a, b) ~ "
            "bootstrap(data).");
  EXPECT_EQ(errors_of("input (a, b[t]) ~ bootstrap(m)"),
            "1:7 a joint draw has [t] behind all of its names or behind none");
}

TEST(Inputs, AreRefusedWithoutAValueOrWithAnotherIndex) {
  EXPECT_EQ(errors_of("input = 3"), "1:7 expected the name of the input, found \"=\"");
  EXPECT_EQ(errors_of("input x[0] = 3"),
            "1:8 only the index [t] can stand here | An input is x, or x[t] when it has a value at "
            "each step 1..N.");
  EXPECT_EQ(errors_of("input x ~ 2 * normal(0, 1)"),
            "1:11 expected a distribution such as normal(80, 12) | Arithmetic with a draw is a "
            "formula of its own: input x ~ normal(0, 1), then y = 2 * x.");
}

TEST(Inputs, OfLaterVersionsAreRefusedByName) {
  EXPECT_EQ(errors_of("input outer mu ~ normal(0, 1)").substr(0, 50),
            "1:7 outer uncertainty is not part of this version ");
  EXPECT_EQ(errors_of("correlate a, b = 0.6").substr(0, 51),
            "1:1 correlated inputs are not part of this version ");
}

TEST(Formulas, DefineAScalarAStartOrARule) {
  EXPECT_EQ(only_statement<FormulaStatement>("x = 1").kind, TargetKind::scalar);
  const auto start = only_statement<FormulaStatement>("x[3] = 1");
  EXPECT_EQ(start.kind, TargetKind::start);
  EXPECT_EQ(start.start_step, 3);
  const auto rule = only_statement<FormulaStatement>("x[t] = x[t-1] unit 'EUR' 'wealth'");
  EXPECT_EQ(rule.kind, TargetKind::rule);
  EXPECT_EQ(rule.annotations.unit, "EUR");
  EXPECT_EQ(rule.annotations.description, "wealth");
  EXPECT_FALSE(rule.is_output);
}

TEST(Formulas, DefineNoOtherIndex) {
  const std::string message =
      "1:2 this index cannot be defined | A definition begins x = ..., x[0] = ... or x[t] = ...";
  EXPECT_EQ(errors_of("x[t-1] = 1"), message);
  EXPECT_EQ(errors_of("x[last] = 1"), message);
  EXPECT_EQ(errors_of("x[*] = 1"), message);
  EXPECT_EQ(errors_of("x[t+1] = x[t]").substr(0, 38), "1:3 an index looks into the future | A");
}

TEST(Formulas, ThatAreNoneGetAHint) {
  EXPECT_EQ(errors_of("ouput total"),
            "1:7 expected \"=\", found \"total\" | Did you mean \"output\"?");
  EXPECT_EQ(errors_of("x ~ normal(0, 1)"),
            "1:3 expected \"=\", found \"~\" | An uncertain value is an input: input x ~ ...");
  EXPECT_EQ(errors_of("f(x) = 2"),
            "1:2 expected \"=\", found \"(\" | A function is defined with: function f(x) = ...");
  EXPECT_EQ(errors_of("input x = 1\nunit 'EUR'"),
            "2:6 expected \"=\", found 'EUR' | \"unit\" belongs at the end of the line before.");
  EXPECT_EQ(errors_of("x = 1 range 0 to 1"),
            "1:7 expected end of line, found \"range\" | Only an input has a range.");
  EXPECT_EQ(errors_of("5 = x"),
            "1:1 expected a statement such as \"name = expression\", found \"5\"");
}

TEST(Outputs, NameValuesDefinedElsewhere) {
  const auto statements = statements_of("output a, b[t] unit 'EUR' 'wealth', c");
  ASSERT_EQ(statements.size(), 3u);
  EXPECT_FALSE(output_at(statements, 0).timed);
  EXPECT_TRUE(output_at(statements, 1).timed);
  EXPECT_EQ(output_at(statements, 1).annotations.unit, "EUR");
  EXPECT_EQ(output_at(statements, 1).annotations.description, "wealth");
  EXPECT_EQ(output_at(statements, 1).every, 1);
  EXPECT_EQ(output_at(statements, 2).name, "c");
}

TEST(Outputs, AtTheEndOfALineShareEvery) {
  auto statements = statements_of("output a, b[t], c[t] every 12");
  EXPECT_EQ(output_at(statements, 0).every, 1);
  EXPECT_EQ(output_at(statements, 1).every, 12);
  EXPECT_EQ(output_at(statements, 2).every, 12);
  statements = statements_of("output a[t] every 6, b[t] every 12");
  EXPECT_EQ(output_at(statements, 0).every, 6);
  EXPECT_EQ(output_at(statements, 1).every, 12);
  statements = statements_of("output a[t] every 6, b[t]");
  EXPECT_EQ(output_at(statements, 1).every, 1);
  statements = statements_of("output a[t], b every 4");
  EXPECT_EQ(output_at(statements, 0).every, 4);
}

TEST(Outputs, TakeEveryOnlyWithTime) {
  const std::string hint = " \"every\" needs an output with [t] | Write output x[t] every 12.";
  EXPECT_EQ(errors_of("output a every 12"), "1:10" + hint);
  EXPECT_EQ(errors_of("output a every 12, b[t]"), "1:10" + hint);
  EXPECT_EQ(errors_of("output a = 5 every 12"), "1:14" + hint);
  EXPECT_EQ(errors_of("output a[t] every 0"),
            "1:19 the number of steps is a whole number from 1 to 1000000000, found \"0\"");
  EXPECT_EQ(errors_of("output a[t] every 2 every 3"), "1:21 \"every\" is given twice");
}

TEST(Outputs, MayDefineAFormula) {
  const auto scalar = only_statement<FormulaStatement>("output total = a + b unit 'EUR' 'sum'");
  EXPECT_TRUE(scalar.is_output);
  EXPECT_EQ(scalar.annotations.unit, "EUR");
  const auto timed =
      only_statement<FormulaStatement>("output x[t] = a[t] 'text' every 12 unit 'EUR'");
  EXPECT_EQ(timed.kind, TargetKind::rule);
  EXPECT_EQ(timed.every, 12);
  EXPECT_EQ(timed.annotations.description, "text");
}

TEST(Outputs, NeedNames) {
  EXPECT_EQ(errors_of("output wealth[last]"),
            "1:14 only the index [t] can stand here | An output is x or x[t]; other values get a "
            "name: output end_value = x[last].");
  EXPECT_EQ(errors_of("output sum(x[*])"),
            "1:8 an output needs a name | Write output total = sum(...).");
  EXPECT_EQ(errors_of("output a + b"),
            "1:10 expected \",\" or end of line, found \"+\" | An expression gets a name: output "
            "total = a + b.");
  EXPECT_EQ(errors_of("output a = 1, b = 2"),
            "1:13 expected end of line, found \",\" | Each formula has an output line of its own.");
  EXPECT_EQ(errors_of("output"), "1:7 expected the name of an output, found end of text");
  EXPECT_EQ(errors_of("output a,"), "1:10 expected the name of an output, found end of text");
}

TEST(Functions, HaveParametersAndABody) {
  const auto function = only_statement<FunctionStatement>("function F(x, \"Y\") = x + \"Y\"");
  EXPECT_EQ(function.name, "f");
  EXPECT_EQ(function.parameters, (std::vector<std::string>{"x", "Y"}));
  EXPECT_EQ(print(function.body), "(+ x Y)");
  EXPECT_TRUE(only_statement<FunctionStatement>("function c() = 5").parameters.empty());
  EXPECT_EQ(errors_of("function f(x, y, x) = 1"), "1:18 \"x\" is given twice");
  EXPECT_EQ(errors_of("function f(t) = 1"),
            "1:12 \"t\" is a reserved word, not a name | t is the number of the step.");
  EXPECT_EQ(errors_of("function f = 1"), "1:12 expected \"(\", found \"=\"");
  EXPECT_EQ(errors_of("function f(x)"), "1:14 expected \"=\", found end of text");
}

TEST(Solve, TakesItsOptionsInAnyOrder) {
  const auto solve = only_statement<SolveStatement>(
      "solve damping 0.5 method gauss_seidel tolerance 1e-3 iterations 100");
  EXPECT_EQ(solve.damping, 0.5);
  EXPECT_EQ(solve.method, SolveMethod::gauss_seidel);
  EXPECT_EQ(solve.tolerance, 1e-3);
  EXPECT_EQ(solve.iterations, 100);
  EXPECT_FALSE(only_statement<SolveStatement>("solve method auto").tolerance.has_value());
}

TEST(Solve, ChecksItsOptions) {
  EXPECT_EQ(errors_of("solve tolerance -1e-9 iterations 0 damping 1.5"),
            "1:17 tolerance must be greater than 0, is -1e-9\n"
            "1:34 iterations must be a whole number from 1 to 1000000, is 0\n"
            "1:44 damping must be greater than 0 and at most 1, is 1.5");
  EXPECT_EQ(errors_of("solve iterations 1e300"),
            "1:18 iterations must be a whole number from 1 to 1000000, is 1e300");
  EXPECT_EQ(errors_of("solve method anderson"),
            "1:14 unknown method \"anderson\" | Methods are auto, direct, newton, gauss_seidel and "
            "jacobi.");
  EXPECT_EQ(errors_of("solve tolerance 1 tolerance 2"), "1:19 \"tolerance\" is given twice");
  EXPECT_EQ(errors_of("solve tolerence 1e-9"),
            "1:7 expected tolerance, iterations, method, damping or a start value such as x = 5, "
            "found \"tolerence\" | Did you mean \"tolerance\"?");
  EXPECT_EQ(errors_of("solve").substr(0, 30), "1:6 expected tolerance, iterat");
}

TEST(Solve, SetsStartValues) {
  const auto start = only_statement<StartValueStatement>("solve Tolerance = 2 * a");
  EXPECT_EQ(start.name, "tolerance");
  EXPECT_EQ(print(start.value), "(* 2 a)");
  EXPECT_EQ(errors_of("solve x[0] = 5"),
            "1:8 expected \"=\", found \"[\" | A start value holds at every step: solve x = 5.");
}

TEST(StatementWords, AreOrdinaryNamesBehindTheStartOfALine) {
  EXPECT_EQ(print(only_statement<FormulaStatement>("x = data + steps").value), "(+ data steps)");
  EXPECT_EQ(only_statement<InputStatement>("input output = 1").targets.at(0).name, "output");
  EXPECT_EQ(only_statement<FormulaStatement>("\"data\" = 1").name, "data");
  EXPECT_EQ(errors_of("x = 1 +\n  data"),
            "1:8 expected an expression, found end of line | \"data\" begins a statement at the "
            "start of a line; write it at the end of the line before.\n"
            "2:7 expected the name of the data, found end of text");
}

TEST(Statements, KnowWhereTheyStand) {
  const std::string text = "  x = 1 + 2 unit 'EUR' -- comment\n";
  const auto formula = only_statement<FormulaStatement>(text);
  EXPECT_EQ(text.substr(formula.range.offset, formula.range.length), "x = 1 + 2 unit 'EUR'");
  EXPECT_EQ(text.substr(formula.name_range.offset, formula.name_range.length), "x");
}

}  // namespace
}  // namespace sim::testing_language
