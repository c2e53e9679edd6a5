/*
 * math.cpp -- binds SLEEF's functions: one table of names, one loop for each width of vector.
 *
 * SLEEF's header hides the AVX and AVX-512 functions from code compiled for baseline units, so
 * their declarations are written here from the same table.  The last values of a batch go through a
 * padded vector, not through a scalar loop; as all forms give the same bits this is only a matter
 * of speed.
 */
#include "core/math.hpp"

#include <immintrin.h>
#include <sleef.h>

#include <cstring>

#include "core/instruction_set.hpp"

#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target

// name here, name in SLEEF, its accuracy class
#define SIM_UNARY_FUNCTIONS(X) \
  X(exp, exp, u10)             \
  X(expm1, expm1, u10)         \
  X(ln, log, u10)              \
  X(log10, log10, u10)         \
  X(log2, log2, u10)           \
  X(log1p, log1p, u10)         \
  X(sin, sin, u10)             \
  X(cos, cos, u10)             \
  X(tan, tan, u10)             \
  X(asin, asin, u10)           \
  X(acos, acos, u10)           \
  X(atan, atan, u10)           \
  X(sinh, sinh, u10)           \
  X(cosh, cosh, u10)           \
  X(tanh, tanh, u10)           \
  X(asinh, asinh, u10)         \
  X(acosh, acosh, u10)         \
  X(atanh, atanh, u10)         \
  X(cbrt, cbrt, u10)           \
  X(gamma, tgamma, u10)        \
  X(lgamma, lgamma, u10)       \
  X(erf, erf, u10)             \
  X(erfc, erfc, u15)

#define SIM_BINARY_FUNCTIONS(X) \
  X(pow, pow, u10)              \
  X(atan2, atan2, u10)

#if !defined(__AVX__)
#define SIM_DECLARE_UNARY(name, sleef, accuracy)                 \
  const __m256d Sleef_cinz_##sleef##d4_##accuracy##avx(__m256d); \
  const __m512d Sleef_cinz_##sleef##d8_##accuracy##avx512fnofma(__m512d);
#define SIM_DECLARE_BINARY(name, sleef, accuracy)                         \
  const __m256d Sleef_cinz_##sleef##d4_##accuracy##avx(__m256d, __m256d); \
  const __m512d Sleef_cinz_##sleef##d8_##accuracy##avx512fnofma(__m512d, __m512d);
extern "C" {
SIM_UNARY_FUNCTIONS(SIM_DECLARE_UNARY)
SIM_BINARY_FUNCTIONS(SIM_DECLARE_BINARY)
}
#endif

namespace sim::math {
namespace {

/* One function in its vector forms. */
struct Unary {
  const __m128d (*two)(__m128d);
  const __m256d (*four)(__m256d);
  const __m512d (*eight)(__m512d);
};
struct Binary {
  const __m128d (*two)(__m128d, __m128d);
  const __m256d (*four)(__m256d, __m256d);
  const __m512d (*eight)(__m512d, __m512d);
};

template <class Vector>
SIM_INLINE void load(Vector& v, const double* from, std::size_t bytes = sizeof(Vector)) {
  v = Vector{};
  std::memcpy(&v, from, bytes);
}

// The loops differ only in the vector's type and the instructions they may use, which no template
// can express.
#define SIM_DEFINE_LOOPS(width, Vector, target)                                                   \
  target void map_##width(const Vector (*f)(Vector), const double* x, double* y, std::size_t n) { \
    constexpr std::size_t kLanes = sizeof(Vector) / sizeof(double);                               \
    for (std::size_t i = 0; i < n; i += kLanes) {                                                 \
      const std::size_t bytes = n - i < kLanes ? (n - i) * sizeof(double) : sizeof(Vector);       \
      Vector v;                                                                                   \
      if (bytes == sizeof(Vector)) {                                                              \
        load(v, x + i);                                                                           \
        v = f(v);                                                                                 \
        std::memcpy(y + i, &v, sizeof v);                                                         \
      } else {                                                                                    \
        load(v, x + i, bytes);                                                                    \
        v = f(v);                                                                                 \
        std::memcpy(y + i, &v, bytes);                                                            \
      }                                                                                           \
    }                                                                                             \
  }                                                                                               \
  target void map_##width(const Vector (*f)(Vector, Vector), const double* a, const double* b,    \
                          double* y, std::size_t n) {                                             \
    constexpr std::size_t kLanes = sizeof(Vector) / sizeof(double);                               \
    for (std::size_t i = 0; i < n; i += kLanes) {                                                 \
      const std::size_t bytes = n - i < kLanes ? (n - i) * sizeof(double) : sizeof(Vector);       \
      Vector v;                                                                                   \
      Vector w;                                                                                   \
      load(v, a + i, bytes);                                                                      \
      load(w, b + i, bytes);                                                                      \
      v = f(v, w);                                                                                \
      std::memcpy(y + i, &v, bytes);                                                              \
    }                                                                                             \
  }
SIM_DEFINE_LOOPS(two, __m128d, )
SIM_DEFINE_LOOPS(four, __m256d, SIM_TARGET_AVX2)
SIM_DEFINE_LOOPS(eight, __m512d, SIM_TARGET_AVX512)

template <class Forms, class... Arrays>
void map(const Forms& forms, Arrays... arrays) {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return map_eight(forms.eight, arrays...);
    case InstructionSet::avx2:
      return map_four(forms.four, arrays...);
    case InstructionSet::baseline:
      break;
  }
  map_two(forms.two, arrays...);
}

// SLEEF's own functions, scalar and in batches; the public ones below add what SLEEF lacks.
namespace sleef {
#define SIM_BIND_UNARY(name, sleef, accuracy)                                                  \
  double name(double x) { return Sleef_cinz_##sleef##d1_##accuracy##purec(x); }                \
  void name(const double* x, double* y, std::size_t n) {                                       \
    map(Unary{Sleef_cinz_##sleef##d2_##accuracy##sse2, Sleef_cinz_##sleef##d4_##accuracy##avx, \
              Sleef_cinz_##sleef##d8_##accuracy##avx512fnofma},                                \
        x, y, n);                                                                              \
  }
#define SIM_BIND_BINARY(name, sleef, accuracy)                                                  \
  double name(double x, double y) { return Sleef_cinz_##sleef##d1_##accuracy##purec(x, y); }    \
  void name(const double* x, const double* y, double* z, std::size_t n) {                       \
    map(Binary{Sleef_cinz_##sleef##d2_##accuracy##sse2, Sleef_cinz_##sleef##d4_##accuracy##avx, \
               Sleef_cinz_##sleef##d8_##accuracy##avx512fnofma},                                \
        x, y, z, n);                                                                            \
  }
SIM_UNARY_FUNCTIONS(SIM_BIND_UNARY)
SIM_BINARY_FUNCTIONS(SIM_BIND_BINARY)
}  // namespace sleef

// Where SLEEF's argument overflows although the result does not.  Beyond these limits the value is
// formed otherwise; every other argument, NaN included, is SLEEF's.
constexpr double kLog1pLimit = 1e300;
constexpr double kHyperbolicLimit = 709;
constexpr double kInverseHyperbolicLimit = 1e150;

/* exp(x) / 2 where exp(x) itself may overflow. */
double half_exp(double x) {
  const double root = sleef::exp(0.5 * x);
  return 0.5 * root * root;
}

bool any_beyond(double limit, const double* x, std::size_t n) {
  bool found = false;
  for (std::size_t i = 0; i < n; ++i) found |= std::fabs(x[i]) > limit;
  return found;
}

}  // namespace

double log1p(double x) { return x > kLog1pLimit ? sleef::ln(x) : sleef::log1p(x); }

double sinh(double x) {
  if (!(std::fabs(x) > kHyperbolicLimit)) return sleef::sinh(x);
  return std::copysign(half_exp(std::fabs(x)), x);
}

double cosh(double x) {
  if (!(std::fabs(x) > kHyperbolicLimit)) return sleef::cosh(x);
  return half_exp(std::fabs(x));
}

double asinh(double x) {
  if (!(std::fabs(x) > kInverseHyperbolicLimit)) return sleef::asinh(x);
  return std::copysign(sleef::ln(std::fabs(x)) + kLn2, x);
}

double acosh(double x) {
  if (!(x > kInverseHyperbolicLimit)) return sleef::acosh(x);
  return sleef::ln(x) + kLn2;
}

// A batch with an argument beyond the limit is rare and goes value by value.
#define SIM_DEFINE_LIMITED_BATCH(name, limit)              \
  void name(const double* x, double* y, std::size_t n) {   \
    if (!any_beyond(limit, x, n)) {                        \
      sleef::name(x, y, n);                                \
      return;                                              \
    }                                                      \
    for (std::size_t i = 0; i < n; ++i) y[i] = name(x[i]); \
  }
SIM_DEFINE_LIMITED_BATCH(log1p, kLog1pLimit)
SIM_DEFINE_LIMITED_BATCH(sinh, kHyperbolicLimit)
SIM_DEFINE_LIMITED_BATCH(cosh, kHyperbolicLimit)
SIM_DEFINE_LIMITED_BATCH(asinh, kInverseHyperbolicLimit)
SIM_DEFINE_LIMITED_BATCH(acosh, kInverseHyperbolicLimit)

#define SIM_FORWARD_UNARY(name)                    \
  double name(double x) { return sleef::name(x); } \
  void name(const double* x, double* y, std::size_t n) { sleef::name(x, y, n); }
SIM_FORWARD_UNARY(exp)
SIM_FORWARD_UNARY(expm1)
SIM_FORWARD_UNARY(ln)
SIM_FORWARD_UNARY(log10)
SIM_FORWARD_UNARY(log2)
SIM_FORWARD_UNARY(sin)
SIM_FORWARD_UNARY(cos)
SIM_FORWARD_UNARY(tan)
SIM_FORWARD_UNARY(asin)
SIM_FORWARD_UNARY(acos)
SIM_FORWARD_UNARY(atan)
SIM_FORWARD_UNARY(tanh)
SIM_FORWARD_UNARY(atanh)
SIM_FORWARD_UNARY(cbrt)
SIM_FORWARD_UNARY(gamma)
SIM_FORWARD_UNARY(lgamma)
SIM_FORWARD_UNARY(erf)
SIM_FORWARD_UNARY(erfc)

#define SIM_FORWARD_BINARY(name)                                \
  double name(double x, double y) { return sleef::name(x, y); } \
  void name(const double* x, const double* y, double* z, std::size_t n) { sleef::name(x, y, z, n); }
SIM_FORWARD_BINARY(pow)
SIM_FORWARD_BINARY(atan2)

}  // namespace sim::math
