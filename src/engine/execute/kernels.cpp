/*
 * kernels.cpp -- one loop for each operation, compiled for each instruction set.
 */
#include "execute/kernels.hpp"

#include <cmath>
#include <limits>

#include "catalogue/normal.hpp"
#include "catalogue/rounding.hpp"
#include "core/instruction_set.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

SIM_INLINE bool unordered(double a, double b) { return (a != a) | (b != b); }
SIM_INLINE double truth(bool condition, double a, double b) {
  return unordered(a, b) ? kNaN : condition ? 1.0 : 0.0;
}

#define SIM_MAP1(Name, expression)                                             \
  struct Name {                                                                \
    SIM_INLINE static void run(const double* pa, double* out, std::size_t n) { \
      for (std::size_t i = 0; i < n; ++i) {                                    \
        const double a = pa[i];                                                \
        out[i] = (expression);                                                 \
      }                                                                        \
    }                                                                          \
  };
#define SIM_MAP2(Name, expression)                                                               \
  struct Name {                                                                                  \
    SIM_INLINE static void run(const double* pa, const double* pb, double* out, std::size_t n) { \
      for (std::size_t i = 0; i < n; ++i) {                                                      \
        const double a = pa[i];                                                                  \
        const double b = pb[i];                                                                  \
        out[i] = (expression);                                                                   \
      }                                                                                          \
    }                                                                                            \
  };

SIM_MAP1(Negate, -a)
SIM_MAP1(Not, a != a ? kNaN : a == 0 ? 1.0 : 0.0)
SIM_MAP1(Absolute, std::fabs(a))
SIM_MAP1(Sqrt, std::sqrt(a))
SIM_MAP1(Round, round_half_away(a))
SIM_MAP1(IsFinite, a != a ? kNaN : std::fabs(a) <= std::numeric_limits<double>::max() ? 1.0 : 0.0)
SIM_MAP2(Add, a + b)
SIM_MAP2(Subtract, a - b)
SIM_MAP2(Multiply, a* b)
SIM_MAP2(Divide, a / b)
SIM_MAP2(Minimum, unordered(a, b) ? kNaN : b < a ? b : a)
SIM_MAP2(Maximum, unordered(a, b) ? kNaN : b > a ? b : a)
SIM_MAP2(Equal, truth(a == b, a, b))
SIM_MAP2(NotEqual, truth(a != b, a, b))
SIM_MAP2(Less, truth(a < b, a, b))
SIM_MAP2(LessEqual, truth(a <= b, a, b))
SIM_MAP2(Greater, truth(a > b, a, b))
SIM_MAP2(GreaterEqual, truth(a >= b, a, b))
SIM_MAP2(And, truth((a != 0) & (b != 0), a, b))
SIM_MAP2(Or, truth((a != 0) | (b != 0), a, b))

#undef SIM_MAP1
#undef SIM_MAP2

struct Select {
  SIM_INLINE static void run(const double* pc, const double* pa, const double* pb, double* out,
                             std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double condition = pc[i];
      const double taken = condition != 0 ? pa[i] : pb[i];
      out[i] = condition != condition ? kNaN : taken;
    }
  }
};

/* power(1, NaN) and power(NaN, 0) are 1 elsewhere; here a failed value stays one. */
struct KeepFailed {
  SIM_INLINE static void run(const double* pa, const double* pb, double* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = unordered(pa[i], pb[i]) ? kNaN : out[i];
  }
};

struct Fill {
  SIM_INLINE static void run(double value, double* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = value;
  }
};

struct Gather {
  SIM_INLINE static void run(const double* column, const double* row, double* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = column[static_cast<int>(row[i])];
  }
};

struct PickRows {
  SIM_INLINE static void run(const double* u, double rows, double* row, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double picked = static_cast<double>(static_cast<int>(u[i] * rows));
      row[i] = picked < rows ? picked : rows - 1;
    }
  }
};

struct AdvanceRows {
  SIM_INLINE static void run(const double* start, double offset, double rows, double* row,
                             std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double moved = start[i] + offset;
      row[i] = moved >= rows ? moved - rows : moved;
    }
  }
};

/* Operations without a batch form of their own. */
void one_by_one(Operation operation, const double* a, const double* b, const double* c, double* out,
                std::size_t n) {
  const int operands = operand_count(operation);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = evaluate(operation, a[i], operands > 1 ? b[i] : 0, operands > 2 ? c[i] : 0);
}

using Batch1 = void (*)(const double*, double*, std::size_t);
using Batch2 = void (*)(const double*, const double*, double*, std::size_t);

Batch1 batch1(Operation operation) {
  switch (operation) {
    case Operation::negate:
      return dispatch<Negate, const double*, double*, std::size_t>;
    case Operation::logical_not:
      return dispatch<Not, const double*, double*, std::size_t>;
    case Operation::absolute:
      return dispatch<Absolute, const double*, double*, std::size_t>;
    case Operation::sqrt:
      return dispatch<Sqrt, const double*, double*, std::size_t>;
    case Operation::round:
      return dispatch<Round, const double*, double*, std::size_t>;
    case Operation::is_finite:
      return dispatch<IsFinite, const double*, double*, std::size_t>;
    case Operation::cbrt:
      return math::cbrt;
    case Operation::exp:
      return math::exp;
    case Operation::expm1:
      return math::expm1;
    case Operation::ln:
      return math::ln;
    case Operation::log10:
      return math::log10;
    case Operation::log2:
      return math::log2;
    case Operation::log1p:
      return math::log1p;
    case Operation::sin:
      return math::sin;
    case Operation::cos:
      return math::cos;
    case Operation::tan:
      return math::tan;
    case Operation::asin:
      return math::asin;
    case Operation::acos:
      return math::acos;
    case Operation::atan:
      return math::atan;
    case Operation::sinh:
      return math::sinh;
    case Operation::cosh:
      return math::cosh;
    case Operation::tanh:
      return math::tanh;
    case Operation::asinh:
      return math::asinh;
    case Operation::acosh:
      return math::acosh;
    case Operation::atanh:
      return math::atanh;
    case Operation::gamma:
      return math::gamma;
    case Operation::lgamma:
      return math::lgamma;
    case Operation::erf:
      return math::erf;
    case Operation::erfc:
      return math::erfc;
    case Operation::normal_cdf:
      return normal_cdf;
    case Operation::normal_density:
      return normal_density;
    case Operation::normal_quantile:
      return normal_quantile;
    default:
      return nullptr;
  }
}

Batch2 batch2(Operation operation) {
  switch (operation) {
    case Operation::add:
      return dispatch<Add, const double*, const double*, double*, std::size_t>;
    case Operation::subtract:
      return dispatch<Subtract, const double*, const double*, double*, std::size_t>;
    case Operation::multiply:
      return dispatch<Multiply, const double*, const double*, double*, std::size_t>;
    case Operation::divide:
      return dispatch<Divide, const double*, const double*, double*, std::size_t>;
    case Operation::minimum:
      return dispatch<Minimum, const double*, const double*, double*, std::size_t>;
    case Operation::maximum:
      return dispatch<Maximum, const double*, const double*, double*, std::size_t>;
    case Operation::equal:
      return dispatch<Equal, const double*, const double*, double*, std::size_t>;
    case Operation::not_equal:
      return dispatch<NotEqual, const double*, const double*, double*, std::size_t>;
    case Operation::less:
      return dispatch<Less, const double*, const double*, double*, std::size_t>;
    case Operation::less_equal:
      return dispatch<LessEqual, const double*, const double*, double*, std::size_t>;
    case Operation::greater:
      return dispatch<Greater, const double*, const double*, double*, std::size_t>;
    case Operation::greater_equal:
      return dispatch<GreaterEqual, const double*, const double*, double*, std::size_t>;
    case Operation::logical_and:
      return dispatch<And, const double*, const double*, double*, std::size_t>;
    case Operation::logical_or:
      return dispatch<Or, const double*, const double*, double*, std::size_t>;
    default:
      return nullptr;
  }
}

}  // namespace

void run_operation(Operation operation, const double* a, const double* b, const double* c,
                   double* out, std::size_t n) {
  if (operation == Operation::select) return dispatch<Select>(a, b, c, out, n);
  if (operation == Operation::power && out != a && out != b) {
    math::pow(a, b, out, n);
    return dispatch<KeepFailed>(a, b, out, n);
  }
  if (const Batch2 binary = batch2(operation)) return binary(a, b, out, n);
  if (const Batch1 unary = batch1(operation)) return unary(a, out, n);
  one_by_one(operation, a, b, c, out, n);
}

void fill(double value, double* out, std::size_t n) { dispatch<Fill>(value, out, n); }

void gather(const double* column, const double* row, double* out, std::size_t n) {
  dispatch<Gather>(column, row, out, n);
}

void pick_rows(const double* u, double rows, double* row, std::size_t n) {
  dispatch<PickRows>(u, rows, row, n);
}

void advance_rows(const double* start, double offset, double rows, double* row, std::size_t n) {
  dispatch<AdvanceRows>(start, offset, rows, row, n);
}

}  // namespace sim
