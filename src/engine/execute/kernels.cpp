/*
 * kernels.cpp -- one loop for each operation and each fused pair, compiled for each instruction
 * set.
 */
#include "execute/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "catalogue/normal.hpp"
#include "catalogue/rounding.hpp"
#include "core/instruction_set.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

SIM_INLINE bool unordered(double a, double b) { return __builtin_isunordered(a, b); }
SIM_INLINE double truth(bool condition, double a, double b) {
  return unordered(a, b) ? kNaN : condition ? 1.0 : 0.0;
}

#define SIM_FUNCTION1(Name, expression)                            \
  struct Name {                                                    \
    SIM_INLINE static double of(double a) { return (expression); } \
  };
#define SIM_FUNCTION2(Name, expression)                                      \
  struct Name {                                                              \
    SIM_INLINE static double of(double a, double b) { return (expression); } \
  };

SIM_FUNCTION1(Negate, -a)
SIM_FUNCTION1(Not, a != a ? kNaN : a == 0 ? 1.0 : 0.0)
SIM_FUNCTION1(Absolute, std::fabs(a))
SIM_FUNCTION1(Sqrt, std::sqrt(a))
SIM_FUNCTION1(Sign, a > 0 ? 1 : a < 0 ? -1 : a)
SIM_FUNCTION1(Floor, std::floor(a))
SIM_FUNCTION1(Ceil, std::ceil(a))
SIM_FUNCTION1(Trunc, std::trunc(a))
SIM_FUNCTION1(Round, round_half_away(a))
SIM_FUNCTION1(IsFinite, a != a                                               ? kNaN
                        : std::fabs(a) <= std::numeric_limits<double>::max() ? 1.0
                                                                             : 0.0)
SIM_FUNCTION2(Add, a + b)
SIM_FUNCTION2(Subtract, a - b)
SIM_FUNCTION2(SubtractFrom, b - a)
SIM_FUNCTION2(Multiply, a* b)
SIM_FUNCTION2(Divide, a / b)
// A comparison with NaN is false and leaves a: only b needs a look.
SIM_FUNCTION2(Minimum, b != b ? b : b < a ? b : a)
SIM_FUNCTION2(Maximum, b != b ? b : b > a ? b : a)
SIM_FUNCTION2(Equal, truth(a == b, a, b))
SIM_FUNCTION2(NotEqual, truth(a != b, a, b))
SIM_FUNCTION2(Less, truth(a < b, a, b))
SIM_FUNCTION2(LessEqual, truth(a <= b, a, b))
SIM_FUNCTION2(Greater, truth(a > b, a, b))
SIM_FUNCTION2(GreaterEqual, truth(a >= b, a, b))
SIM_FUNCTION2(And, truth((a != 0) & (b != 0), a, b))
SIM_FUNCTION2(Or, truth((a != 0) | (b != 0), a, b))

#undef SIM_FUNCTION1
#undef SIM_FUNCTION2

struct Select {
  SIM_INLINE static double of(double condition, double a, double b) {
    const double taken = condition != 0 ? a : b;
    return condition != condition ? kNaN : taken;
  }
};

template <class Function>
struct Map1 {
  SIM_INLINE static void run(const double* a, const double*, const double*, double* out,
                             std::size_t n, UniformOperands) {
    for (std::size_t i = 0; i < n; ++i) out[i] = Function::of(a[i]);
  }
};

/* Works in groups of lanes: a uniform operand stays at its first group. */
template <class Function>
struct Map3 {
  SIM_INLINE static void run(const double* a, const double* b, const double* c, double* out,
                             std::size_t n, UniformOperands uniform) {
    const std::size_t step_a = (uniform & kUniformA) != 0 ? 0 : kUniformLanes;
    const std::size_t step_b = (uniform & kUniformB) != 0 ? 0 : kUniformLanes;
    const std::size_t step_c = (uniform & kUniformC) != 0 ? 0 : kUniformLanes;
    for (; n >= kUniformLanes; n -= kUniformLanes) {
#pragma omp simd
      for (std::size_t i = 0; i < kUniformLanes; ++i) out[i] = Function::of(a[i], b[i], c[i]);
      a += step_a;
      b += step_b;
      c += step_c;
      out += kUniformLanes;
    }
    for (std::size_t i = 0; i < n; ++i) out[i] = Function::of(a[i], b[i], c[i]);
  }
};

template <class Function>
struct Map2 {
  SIM_INLINE static double of(double a, double b, double) { return Function::of(a, b); }
  SIM_INLINE static void run(const double* a, const double* b, const double*, double* out,
                             std::size_t n, UniformOperands uniform) {
    Map3<Map2>::run(a, b, b, out, n, uniform);
  }
};

/* Both operations round: the bits are those of one after the other. */
template <class Inner, class Outer>
struct Fused {
  SIM_INLINE static double of(double a, double b, double c) {
    return Outer::of(Inner::of(a, b), c);
  }
};

/* power(1, NaN) and power(NaN, 0) are 1 elsewhere; here a failed value stays one. */
struct KeepFailed {
  SIM_INLINE static void run(const double* a, const double* b, const double* powers, double* out,
                             std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = unordered(a[i], b[i]) ? kNaN : powers[i];
  }
};

struct Fill {
  SIM_INLINE static void run(double value, double* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = value;
  }
};

/* Operations without a batch form of their own. */
template <Operation operation>
void one_by_one(const double* a, const double* b, const double* c, double* out, std::size_t n,
                UniformOperands) {
  const int operands = operand_count(operation);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = evaluate(operation, a[i], operands > 1 ? b[i] : 0, operands > 2 ? c[i] : 0);
}

template <void (*function)(const double*, double*, std::size_t)>
void unary(const double* a, const double*, const double*, double* out, std::size_t n,
           UniformOperands) {
  function(a, out, n);
}

void power(const double* a, const double* b, const double*, double* out, std::size_t n,
           UniformOperands) {
  std::array<double, 256> powers;
  for (std::size_t i = 0; i < n; i += powers.size()) {
    const std::size_t count = std::min(powers.size(), n - i);
    math::pow(a + i, b + i, powers.data(), count);
    dispatch<KeepFailed>(a + i, b + i, static_cast<const double*>(powers.data()), out + i, count);
  }
}

template <class Loop>
Kernel loop(InstructionSet set) {
  return kernel_for<Loop, const double*, const double*, const double*, double*, std::size_t,
                    UniformOperands>(set);
}

Kernel operation_kernel(Operation operation, InstructionSet set) {
  switch (operation) {
    case Operation::negate:
      return loop<Map1<Negate>>(set);
    case Operation::logical_not:
      return loop<Map1<Not>>(set);
    case Operation::absolute:
      return loop<Map1<Absolute>>(set);
    case Operation::sign:
      return loop<Map1<Sign>>(set);
    case Operation::floor:
      return loop<Map1<Floor>>(set);
    case Operation::ceil:
      return loop<Map1<Ceil>>(set);
    case Operation::trunc:
      return loop<Map1<Trunc>>(set);
    case Operation::round:
      return loop<Map1<Round>>(set);
    case Operation::sqrt:
      return loop<Map1<Sqrt>>(set);
    case Operation::cbrt:
      return unary<math::cbrt>;
    case Operation::exp:
      return unary<math::exp>;
    case Operation::expm1:
      return unary<math::expm1>;
    case Operation::ln:
      return unary<math::ln>;
    case Operation::log10:
      return unary<math::log10>;
    case Operation::log2:
      return unary<math::log2>;
    case Operation::log1p:
      return unary<math::log1p>;
    case Operation::sin:
      return unary<math::sin>;
    case Operation::cos:
      return unary<math::cos>;
    case Operation::tan:
      return unary<math::tan>;
    case Operation::asin:
      return unary<math::asin>;
    case Operation::acos:
      return unary<math::acos>;
    case Operation::atan:
      return unary<math::atan>;
    case Operation::sinh:
      return unary<math::sinh>;
    case Operation::cosh:
      return unary<math::cosh>;
    case Operation::tanh:
      return unary<math::tanh>;
    case Operation::asinh:
      return unary<math::asinh>;
    case Operation::acosh:
      return unary<math::acosh>;
    case Operation::atanh:
      return unary<math::atanh>;
    case Operation::gamma:
      return unary<math::gamma>;
    case Operation::lgamma:
      return unary<math::lgamma>;
    case Operation::digamma:
      return one_by_one<Operation::digamma>;
    case Operation::erf:
      return unary<math::erf>;
    case Operation::erfc:
      return unary<math::erfc>;
    case Operation::normal_cdf:
      return unary<normal_cdf>;
    case Operation::normal_density:
      return unary<normal_density>;
    case Operation::normal_quantile:
      return unary<normal_quantile>;
    case Operation::is_finite:
      return loop<Map1<IsFinite>>(set);
    case Operation::add:
      return loop<Map2<Add>>(set);
    case Operation::subtract:
      return loop<Map2<Subtract>>(set);
    case Operation::multiply:
      return loop<Map2<Multiply>>(set);
    case Operation::divide:
      return loop<Map2<Divide>>(set);
    case Operation::modulo:
      return one_by_one<Operation::modulo>;
    case Operation::power:
      return power;
    case Operation::atan2:
      return one_by_one<Operation::atan2>;
    case Operation::log_base:
      return one_by_one<Operation::log_base>;
    case Operation::round_to:
      return one_by_one<Operation::round_to>;
    case Operation::minimum:
      return loop<Map2<Minimum>>(set);
    case Operation::maximum:
      return loop<Map2<Maximum>>(set);
    case Operation::equal:
      return loop<Map2<Equal>>(set);
    case Operation::not_equal:
      return loop<Map2<NotEqual>>(set);
    case Operation::less:
      return loop<Map2<Less>>(set);
    case Operation::less_equal:
      return loop<Map2<LessEqual>>(set);
    case Operation::greater:
      return loop<Map2<Greater>>(set);
    case Operation::greater_equal:
      return loop<Map2<GreaterEqual>>(set);
    case Operation::logical_and:
      return loop<Map2<And>>(set);
    case Operation::logical_or:
      return loop<Map2<Or>>(set);
    case Operation::beta:
      return one_by_one<Operation::beta>;
    case Operation::select:
      return loop<Map3<Select>>(set);
  }
  return nullptr;
}

template <class Inner>
Kernel fused_with(FollowUp follow_up, InstructionSet set) {
  switch (follow_up) {
    case FollowUp::nothing:
      break;
    case FollowUp::add:
      return loop<Map3<Fused<Inner, Add>>>(set);
    case FollowUp::subtract:
      return loop<Map3<Fused<Inner, Subtract>>>(set);
    case FollowUp::subtract_from:
      return loop<Map3<Fused<Inner, SubtractFrom>>>(set);
    case FollowUp::multiply:
      return loop<Map3<Fused<Inner, Multiply>>>(set);
  }
  return nullptr;
}

Kernel fused_kernel(Operation operation, FollowUp follow_up, InstructionSet set) {
  switch (operation) {
    case Operation::add:
      return fused_with<Add>(follow_up, set);
    case Operation::subtract:
      return fused_with<Subtract>(follow_up, set);
    case Operation::multiply:
      return fused_with<Multiply>(follow_up, set);
    case Operation::minimum:
      return fused_with<Minimum>(follow_up, set);
    case Operation::maximum:
      return fused_with<Maximum>(follow_up, set);
    default:
      return nullptr;
  }
}

KernelTable make_table(InstructionSet set) {
  KernelTable table{};
  for (int code = 0; code < kOperationCount; ++code) {
    const auto operation = static_cast<Operation>(code);
    const auto place = static_cast<std::size_t>(code);
    table[0][place] = operation_kernel(operation, set);
    for (std::size_t follow_up = 1; follow_up < kFollowUpCount; ++follow_up)
      table[follow_up][place] = fused_kernel(operation, static_cast<FollowUp>(follow_up), set);
  }
  return table;
}

}  // namespace

const KernelTable& kernels() {
  static const std::array<KernelTable, 3> tables = {make_table(InstructionSet::baseline),
                                                    make_table(InstructionSet::avx2),
                                                    make_table(InstructionSet::avx512)};
  return tables[static_cast<std::size_t>(instruction_set())];
}

void run_operation(Operation operation, const double* a, const double* b, const double* c,
                   double* out, std::size_t n) {
  kernel_of(kernels(), operation, FollowUp::nothing)(a, b, c, out, n, 0);
}

void fill(double value, double* out, std::size_t n) { dispatch<Fill>(value, out, n); }

}  // namespace sim
