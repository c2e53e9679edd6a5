/*
 * statement_parser.cpp -- telling statements apart; formulas, steps, data and functions.
 */
#include "language/statement_parser.hpp"

#include <string>

#include "language/expression_parser.hpp"
#include "language/index_parser.hpp"
#include "language/names.hpp"
#include "language/statement_parts.hpp"

namespace sim {

namespace {

/* A line that begins with a name but is no formula: what was probably meant. */
std::string formula_hint(const Token& first, const Token& found) {
  if (found.kind == TokenKind::tilde) {
    return "An uncertain value is an input: input " + first.text + " ~ ...";
  }
  if (found.kind == TokenKind::left_parenthesis) {
    return "A function is defined with: function " + first.text + "(x) = ...";
  }
  const bool is_clause = first.is_word("unit") || first.is_word("range") || first.is_word("every");
  if (is_clause) return in_quotes(first.text) + " belongs at the end of the line before.";
  if (first.kind != TokenKind::name || !found.is_name()) return {};
  const std::string nearest =
      nearest_name(first.text, {"input", "output", "data", "steps", "function", "solve"});
  return nearest.empty() ? nearest : "Did you mean \"" + nearest + "\"?";
}

std::string opening_hint(const Token& found) {
  if (found.kind != TokenKind::minus) return {};
  return "A formula goes on in the next line when its line ends with the operator.";
}

FormulaStatement parse_formula(TokenStream& stream) {
  const Token& first = stream.peek();
  if (!first.is_name()) {
    stream.fail_expected("a statement such as \"name = expression\"", opening_hint(first));
  }
  const Target target = parse_target(stream, "a name");
  if (!stream.at(TokenKind::equal)) {
    stream.fail_expected("\"=\"", formula_hint(first, stream.peek()));
  }
  stream.take();
  FormulaStatement formula;
  formula.name = target.name;
  formula.kind = target.kind;
  formula.start_step = target.start_step;
  formula.name_range = target.name_range;
  formula.value = parse_expression(stream);
  formula.annotations = parse_annotations(stream);
  expect_statement_end(stream);
  formula.range = stream.since(first);
  return formula;
}

/* The word that makes the line a statement of its own kind, or nothing. */
std::string_view statement_word(const TokenStream& stream) {
  const Token& first = stream.peek();
  if (first.kind != TokenKind::name || !is_statement_word(first.text)) return {};
  return first.text;
}

}  // namespace

void parse_statement(TokenStream& stream, std::vector<Statement>& statements) {
  const std::string_view word = statement_word(stream);
  if (word.empty()) {
    statements.emplace_back(parse_formula(stream));
    return;
  }
  const Token& first = stream.take();
  if (word == "correlate") {
    stream.fail(first.range, "correlated inputs are not part of this version",
                "Draw inputs jointly from data: input (a, b) ~ bootstrap(data).");
  }
  if (word == "steps") statements.emplace_back(parse_steps(stream));
  if (word == "data") statements.emplace_back(parse_data(stream));
  if (word == "function") statements.emplace_back(parse_function(stream));
  if (word == "input") statements.emplace_back(parse_input(stream));
  if (word == "solve") statements.emplace_back(parse_solve(stream));
  if (word == "output") parse_output(stream, statements);
}

StepsStatement parse_steps(TokenStream& stream) {
  const Token& word = stream.last();
  StepsStatement steps;
  steps.count = parse_whole_number(stream, "the number of steps", 1);
  if (stream.peek().is_name() || stream.at(TokenKind::text)) steps.label = stream.take().text;
  expect_statement_end(stream);
  steps.range = stream.since(word);
  return steps;
}

DataStatement parse_data(TokenStream& stream) {
  const Token& word = stream.last();
  DataStatement data;
  data.name = parse_defined_name(stream, "the name of the data").text;
  if (!stream.at(TokenKind::left_parenthesis)) {
    stream.fail_expected("\"(\"",
                         "Data are declared with their columns: data market(stock, bond).");
  }
  // A column is only ever written behind its data's name, so any word may name it.
  NameList columns = parse_name_list(stream, "the name of a column", NameRule::any);
  data.columns = std::move(columns.names);
  data.column_ranges = std::move(columns.ranges);
  expect_statement_end(stream);
  data.range = stream.since(word);
  return data;
}

FunctionStatement parse_function(TokenStream& stream) {
  const Token& word = stream.last();
  FunctionStatement function;
  const Token& name = parse_defined_name(stream, "the name of the function");
  function.name = name.text;
  function.name_range = name.range;
  const bool has_no_parameters =
      stream.at(TokenKind::left_parenthesis) && stream.peek(1).kind == TokenKind::right_parenthesis;
  if (has_no_parameters) {
    stream.take();
    stream.take();
  } else {
    function.parameters =
        parse_name_list(stream, "the name of a parameter", NameRule::defined).names;
  }
  stream.expect(TokenKind::equal, "\"=\"");
  function.body = parse_expression(stream);
  expect_statement_end(stream);
  function.range = stream.since(word);
  return function;
}

}  // namespace sim
