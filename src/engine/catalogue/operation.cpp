/*
 * operation.cpp -- the operations on single values: operand counts, names and meaning.
 */
#include "catalogue/operation.hpp"

#include <array>
#include <cmath>

#include "catalogue/normal.hpp"
#include "catalogue/rounding.hpp"
#include "catalogue/special.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

struct Facts {
  Operation operation;
  int operands;
  std::string_view name;
};

constexpr std::array<Facts, kOperationCount> kFacts = {{
    {Operation::negate, 1, "negate"},
    {Operation::logical_not, 1, "not"},
    {Operation::absolute, 1, "absolute value"},
    {Operation::sign, 1, "sign"},
    {Operation::floor, 1, "floor"},
    {Operation::ceil, 1, "ceiling"},
    {Operation::trunc, 1, "truncate"},
    {Operation::round, 1, "round"},
    {Operation::sqrt, 1, "square root"},
    {Operation::cbrt, 1, "cube root"},
    {Operation::exp, 1, "exponential"},
    {Operation::expm1, 1, "exponential minus 1"},
    {Operation::ln, 1, "natural logarithm"},
    {Operation::log10, 1, "logarithm to base 10"},
    {Operation::log2, 1, "logarithm to base 2"},
    {Operation::log1p, 1, "logarithm of 1 plus"},
    {Operation::sin, 1, "sine"},
    {Operation::cos, 1, "cosine"},
    {Operation::tan, 1, "tangent"},
    {Operation::asin, 1, "inverse sine"},
    {Operation::acos, 1, "inverse cosine"},
    {Operation::atan, 1, "inverse tangent"},
    {Operation::sinh, 1, "hyperbolic sine"},
    {Operation::cosh, 1, "hyperbolic cosine"},
    {Operation::tanh, 1, "hyperbolic tangent"},
    {Operation::asinh, 1, "inverse hyperbolic sine"},
    {Operation::acosh, 1, "inverse hyperbolic cosine"},
    {Operation::atanh, 1, "inverse hyperbolic tangent"},
    {Operation::gamma, 1, "gamma function"},
    {Operation::lgamma, 1, "log gamma function"},
    {Operation::digamma, 1, "digamma function"},
    {Operation::erf, 1, "error function"},
    {Operation::erfc, 1, "complementary error function"},
    {Operation::normal_cdf, 1, "normal probability"},
    {Operation::normal_density, 1, "normal density"},
    {Operation::normal_quantile, 1, "normal quantile"},
    {Operation::is_finite, 1, "is finite"},
    {Operation::add, 2, "add"},
    {Operation::subtract, 2, "subtract"},
    {Operation::multiply, 2, "multiply"},
    {Operation::divide, 2, "divide"},
    {Operation::modulo, 2, "remainder"},
    {Operation::power, 2, "power"},
    {Operation::atan2, 2, "inverse tangent of a quotient"},
    {Operation::log_base, 2, "logarithm to a base"},
    {Operation::round_to, 2, "round to digits"},
    {Operation::minimum, 2, "minimum"},
    {Operation::maximum, 2, "maximum"},
    {Operation::equal, 2, "equal"},
    {Operation::not_equal, 2, "not equal"},
    {Operation::less, 2, "less"},
    {Operation::less_equal, 2, "less or equal"},
    {Operation::greater, 2, "greater"},
    {Operation::greater_equal, 2, "greater or equal"},
    {Operation::logical_and, 2, "and"},
    {Operation::logical_or, 2, "or"},
    {Operation::beta, 2, "beta function"},
    {Operation::select, 3, "select"},
}};

constexpr bool in_order_of_the_enum() {
  for (int i = 0; i < kOperationCount; ++i) {
    if (static_cast<int>(kFacts[i].operation) != i) return false;
  }
  return true;
}
static_assert(in_order_of_the_enum());

const Facts& facts(Operation operation) { return kFacts[static_cast<int>(operation)]; }

double sign_of(double a) { return a > 0 ? 1 : a < 0 ? -1 : a; }

double evaluate_unary(Operation operation, double a) {
  switch (operation) {
    case Operation::negate:
      return -a;
    case Operation::logical_not:
      return a == 0;
    case Operation::absolute:
      return std::fabs(a);
    case Operation::sign:
      return sign_of(a);
    case Operation::floor:
      return std::floor(a);
    case Operation::ceil:
      return std::ceil(a);
    case Operation::trunc:
      return std::trunc(a);
    case Operation::round:
      return round_half_away(a);
    case Operation::sqrt:
      return std::sqrt(a);
    case Operation::cbrt:
      return math::cbrt(a);
    case Operation::exp:
      return math::exp(a);
    case Operation::expm1:
      return math::expm1(a);
    case Operation::ln:
      return math::ln(a);
    case Operation::log10:
      return math::log10(a);
    case Operation::log2:
      return math::log2(a);
    case Operation::log1p:
      return math::log1p(a);
    case Operation::sin:
      return math::sin(a);
    case Operation::cos:
      return math::cos(a);
    case Operation::tan:
      return math::tan(a);
    case Operation::asin:
      return math::asin(a);
    case Operation::acos:
      return math::acos(a);
    case Operation::atan:
      return math::atan(a);
    case Operation::sinh:
      return math::sinh(a);
    case Operation::cosh:
      return math::cosh(a);
    case Operation::tanh:
      return math::tanh(a);
    case Operation::asinh:
      return math::asinh(a);
    case Operation::acosh:
      return math::acosh(a);
    case Operation::atanh:
      return math::atanh(a);
    case Operation::gamma:
      return math::gamma(a);
    case Operation::lgamma:
      return math::lgamma(a);
    case Operation::digamma:
      return digamma(a);
    case Operation::erf:
      return math::erf(a);
    case Operation::erfc:
      return math::erfc(a);
    case Operation::normal_cdf:
      return normal_cdf(a);
    case Operation::normal_density:
      return normal_density(a);
    case Operation::normal_quantile:
      return normal_quantile(a);
    case Operation::is_finite:
      return std::isfinite(a);
    default:
      return math::kNaN;  // not an operation of one operand
  }
}

double evaluate_binary(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return a / b;
    case Operation::modulo:
      return math::fmod(a, b);
    case Operation::power:
      return math::pow(a, b);
    case Operation::atan2:
      return math::atan2(a, b);
    case Operation::log_base:
      return math::ln(b) / math::ln(a);
    case Operation::round_to:
      return round_to_digits(a, b);
    case Operation::minimum:
      return b < a ? b : a;
    case Operation::maximum:
      return b > a ? b : a;
    case Operation::equal:
      return a == b;
    case Operation::not_equal:
      return a != b;
    case Operation::less:
      return a < b;
    case Operation::less_equal:
      return a <= b;
    case Operation::greater:
      return a > b;
    case Operation::greater_equal:
      return a >= b;
    case Operation::logical_and:
      return a != 0 && b != 0;
    case Operation::logical_or:
      return a != 0 || b != 0;
    case Operation::beta:
      return beta(a, b);
    default:
      return math::kNaN;  // not an operation of two operands
  }
}

}  // namespace

int operand_count(Operation operation) { return facts(operation).operands; }

std::string_view operation_name(Operation operation) { return facts(operation).name; }

double evaluate(Operation operation, double a, double b, double c) {
  if (std::isnan(a)) return math::kNaN;
  if (operation == Operation::select) return a != 0 ? b : c;
  if (operand_count(operation) == 1) return evaluate_unary(operation, a);
  if (std::isnan(b)) return math::kNaN;
  return evaluate_binary(operation, a, b);
}

}  // namespace sim
