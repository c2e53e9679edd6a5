/*
 * operators.hpp -- the operators between two operands and how strongly they hold them.
 */
#pragma once

#include <cstdint>

#include "catalogue/operation.hpp"
#include "language/token.hpp"

namespace sim {

/* How strongly an operator holds its operands, weakest first; the order is PostgreSQL's. */
enum class Binding : std::uint8_t {
  none,
  logical_or,
  logical_and,
  logical_not,
  comparison,
  membership,
  sum,
  product,
  power,
};

/* The next stronger one; behind `power` comes one that no operator has. */
inline Binding tighter(Binding binding) {
  return static_cast<Binding>(static_cast<int>(binding) + 1);
}

struct BinaryOperator {
  Operation operation = Operation::add;
  Binding binding = Binding::none;
};

/* What the token is between two operands; binding `none` if it is no such operator. */
BinaryOperator binary_operator(const Token& token);

}  // namespace sim
