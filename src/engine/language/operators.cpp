/*
 * operators.cpp -- the table of operators.
 */
#include "language/operators.hpp"

namespace sim {

BinaryOperator binary_operator(const Token& token) {
  switch (token.kind) {
    case TokenKind::plus:
      return {Operation::add, Binding::sum};
    case TokenKind::minus:
      return {Operation::subtract, Binding::sum};
    case TokenKind::star:
      return {Operation::multiply, Binding::product};
    case TokenKind::slash:
      return {Operation::divide, Binding::product};
    case TokenKind::percent:
      return {Operation::modulo, Binding::product};
    case TokenKind::caret:
      return {Operation::power, Binding::power};
    case TokenKind::equal:
      return {Operation::equal, Binding::comparison};
    case TokenKind::not_equal:
      return {Operation::not_equal, Binding::comparison};
    case TokenKind::less:
      return {Operation::less, Binding::comparison};
    case TokenKind::less_equal:
      return {Operation::less_equal, Binding::comparison};
    case TokenKind::greater:
      return {Operation::greater, Binding::comparison};
    case TokenKind::greater_equal:
      return {Operation::greater_equal, Binding::comparison};
    default:
      if (token.is_word("and")) return {Operation::logical_and, Binding::logical_and};
      if (token.is_word("or")) return {Operation::logical_or, Binding::logical_or};
      return {};
  }
}

}  // namespace sim
