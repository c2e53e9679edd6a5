/*
 * language_printing.hpp -- syntax trees and errors as short texts, for the tests of the language.
 *
 * An expression prints as nested lists with the operator first: 1 + 2 * x[t] is (+ 1 (* 2 x[t])).
 */
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <variant>

#include "language/parser.hpp"

namespace sim::testing_language {

inline std::string symbol(Operation operation) {
  switch (operation) {
    case Operation::negate:
      return "neg";
    case Operation::logical_not:
      return "not";
    case Operation::add:
      return "+";
    case Operation::subtract:
      return "-";
    case Operation::multiply:
      return "*";
    case Operation::divide:
      return "/";
    case Operation::modulo:
      return "%";
    case Operation::power:
      return "^";
    case Operation::equal:
      return "=";
    case Operation::not_equal:
      return "<>";
    case Operation::less:
      return "<";
    case Operation::less_equal:
      return "<=";
    case Operation::greater:
      return ">";
    case Operation::greater_equal:
      return ">=";
    case Operation::logical_and:
      return "and";
    case Operation::logical_or:
      return "or";
    case Operation::select:
      return "select";
    default:
      return "unexpected";
  }
}

inline std::string print_index(const Index& index) {
  const std::string offset = std::to_string(index.offset);
  switch (index.kind) {
    case IndexKind::none:
      return "";
    case IndexKind::relative:
      return index.offset == 0 ? "[t]" : "[t-" + offset + "]";
    case IndexKind::absolute:
      return "[" + offset + "]";
    case IndexKind::from_last:
      return index.offset == 0 ? "[last]" : "[last-" + offset + "]";
    case IndexKind::all:
      return "[*]";
    case IndexKind::range:
      return "[" + offset + ".." + (index.to_last ? "last" : std::to_string(index.end)) + "]";
  }
  return "";
}

inline std::string print_node(const Expression& expression, std::uint32_t place) {
  const Node& node = expression.nodes[place];
  std::ostringstream text;
  switch (node.kind) {
    case NodeKind::number:
      text << node.number;
      return text.str();
    case NodeKind::variable:
      return node.name + print_index(node.index);
    case NodeKind::column:
      return node.qualifier + "." + node.name;
    case NodeKind::time:
      return "t";
    case NodeKind::operation:
      text << "(" << symbol(node.operation);
      break;
    case NodeKind::call:
      text << "(call " << node.name;
      break;
  }
  for (const std::uint32_t argument : node.arguments) {
    text << " " << print_node(expression, argument);
  }
  for (const NamedArgument& argument : node.named) {
    text << " " << argument.name << "=>" << print_node(expression, argument.node);
  }
  text << ")";
  return text.str();
}

inline std::string print(const Expression& expression) {
  if (expression.nodes.empty()) return "nothing";
  return print_node(expression, static_cast<std::uint32_t>(expression.nodes.size() - 1));
}

/* "1:5 message | hint" for each error, joined by lines. */
inline std::string print_errors(const Diagnostics& diagnostics, std::string_view source) {
  std::string text;
  for (const Diagnostic& item : diagnostics.sorted()) {
    const Position position = position_of(source, item.range.offset);
    if (!text.empty()) text += "\n";
    text +=
        std::to_string(position.line) + ":" + std::to_string(position.column) + " " + item.message;
    if (!item.hint.empty()) text += " | " + item.hint;
  }
  return text;
}

/* The errors of a model, or "" if it has none. */
inline std::string errors_of(std::string_view source) {
  Diagnostics diagnostics;
  parse_model(source, diagnostics);
  return print_errors(diagnostics, source);
}

/* The tree of an expression, or its errors. */
inline std::string tree_of(std::string_view text) {
  Diagnostics diagnostics;
  const InputStatement input = parse_override("x", text, diagnostics);
  if (diagnostics.has_errors()) return print_errors(diagnostics, text);
  return print(input.value);
}

/* The only statement of a correct model. Throws: std::bad_variant_access if it is of another kind.
 */
template <typename Kind>
Kind only_statement(std::string_view source) {
  Diagnostics diagnostics;
  const SyntaxTree tree = parse_model(source, diagnostics);
  if (diagnostics.has_errors() || tree.statements.size() != 1) {
    throw std::runtime_error("not one correct statement: " + print_errors(diagnostics, source));
  }
  return std::get<Kind>(tree.statements.front());
}

}  // namespace sim::testing_language
