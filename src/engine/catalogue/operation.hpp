/*
 * operation.hpp -- the elementary operations every formula is made of.
 *
 * Each operation takes one, two or three doubles and gives one.  A NaN marks a failed value and is
 * sticky: every operation with a NaN operand gives NaN, comparisons, and/or/not, minimum/maximum
 * and conditions included; only the branch that `select` does not take is ignored.  Conditions take
 * any number, non-zero is true; comparisons give 1 or 0.
 */
#pragma once

#include <cstdint>
#include <string_view>

namespace sim {

enum class Operation : std::uint8_t {
  // one operand
  negate,
  logical_not,
  absolute,
  sign,
  floor,
  ceil,
  trunc,
  round,  // half away from zero
  sqrt,
  cbrt,
  exp,
  expm1,
  ln,
  log10,
  log2,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  gamma,
  lgamma,
  digamma,
  erf,
  erfc,
  normal_cdf,
  normal_density,
  normal_quantile,
  is_finite,  // 1 or 0 (NaN stays NaN)
  // two operands
  add,
  subtract,
  multiply,
  divide,
  modulo,  // sign of the dividend
  power,
  atan2,
  log_base,  // log_base(b, x) = ln(x) / ln(b)
  round_to,  // round_to(x, digits), half away from zero
  minimum,
  maximum,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  beta,
  // three operands
  select,  // select(condition, if_true, if_false)
};

inline constexpr int kOperationCount = static_cast<int>(Operation::select) + 1;

/* 1, 2 or 3. */
int operand_count(Operation operation);

/* The word used in explanations and errors: "multiply", "normal quantile". */
std::string_view operation_name(Operation operation);

/* The operation on single values; the batch kernels give the same bits. Unused operands are
 * ignored. */
double evaluate(Operation operation, double a, double b = 0, double c = 0);

}  // namespace sim
