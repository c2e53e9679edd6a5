/*
 * portable.hpp -- the only door to Boost.Math: a number type whose functions are those of
 * core/math.hpp.
 *
 * Boost.Math calls the C library for exp, log, pow and the like, and so gives other bits on other
 * CPUs.  Instantiated with Portable instead of double it finds the functions below by
 * argument-dependent lookup and gives the same bits everywhere; every operation on a Portable is
 * the operation on a double.  Errors of domain come back as NaN, overflows as infinity.
 */
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "core/math.hpp"

namespace sim {

class Portable {
 public:
  constexpr Portable() = default;
  template <class Number>
  requires std::is_arithmetic_v<Number>
  constexpr Portable(Number value)  // NOLINT: implicit, as Boost.Math mixes it with plain numbers
      : value_(static_cast<double>(value)) {}

  constexpr double value() const { return value_; }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  constexpr explicit operator Number() const { return static_cast<Number>(value_); }

  constexpr Portable& operator+=(Portable other) { return *this = value_ + other.value_; }
  constexpr Portable& operator-=(Portable other) { return *this = value_ - other.value_; }
  constexpr Portable& operator*=(Portable other) { return *this = value_ * other.value_; }
  constexpr Portable& operator/=(Portable other) { return *this = value_ / other.value_; }
  constexpr Portable operator-() const { return -value_; }
  constexpr Portable operator+() const { return *this; }
  constexpr Portable& operator++() { return *this += 1; }
  constexpr Portable& operator--() { return *this -= 1; }

  friend constexpr Portable operator+(Portable a, Portable b) { return a.value_ + b.value_; }
  friend constexpr Portable operator-(Portable a, Portable b) { return a.value_ - b.value_; }
  friend constexpr Portable operator*(Portable a, Portable b) { return a.value_ * b.value_; }
  friend constexpr Portable operator/(Portable a, Portable b) { return a.value_ / b.value_; }
  friend constexpr bool operator==(Portable a, Portable b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(Portable a, Portable b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(Portable a, Portable b) { return a.value_ < b.value_; }
  friend constexpr bool operator<=(Portable a, Portable b) { return a.value_ <= b.value_; }
  friend constexpr bool operator>(Portable a, Portable b) { return a.value_ > b.value_; }
  friend constexpr bool operator>=(Portable a, Portable b) { return a.value_ >= b.value_; }

 private:
  double value_ = 0;
};

// The names Boost.Math calls, found by argument-dependent lookup.
inline Portable exp(Portable x) { return math::exp(x.value()); }
inline Portable expm1(Portable x) { return math::expm1(x.value()); }
inline Portable log(Portable x) { return math::ln(x.value()); }
inline Portable log10(Portable x) { return math::log10(x.value()); }
inline Portable log1p(Portable x) { return math::log1p(x.value()); }
inline Portable sin(Portable x) { return math::sin(x.value()); }
inline Portable cos(Portable x) { return math::cos(x.value()); }
inline Portable tan(Portable x) { return math::tan(x.value()); }
inline Portable asin(Portable x) { return math::asin(x.value()); }
inline Portable acos(Portable x) { return math::acos(x.value()); }
inline Portable atan(Portable x) { return math::atan(x.value()); }
inline Portable atan2(Portable y, Portable x) { return math::atan2(y.value(), x.value()); }
inline Portable sinh(Portable x) { return math::sinh(x.value()); }
inline Portable cosh(Portable x) { return math::cosh(x.value()); }
inline Portable tanh(Portable x) { return math::tanh(x.value()); }
inline Portable pow(Portable x, Portable y) { return math::pow(x.value(), y.value()); }
inline Portable sqrt(Portable x) { return std::sqrt(x.value()); }
inline Portable fabs(Portable x) { return std::fabs(x.value()); }
inline Portable abs(Portable x) { return std::fabs(x.value()); }
inline Portable floor(Portable x) { return std::floor(x.value()); }
inline Portable ceil(Portable x) { return std::ceil(x.value()); }
inline Portable trunc(Portable x) { return std::trunc(x.value()); }
inline Portable fmod(Portable x, Portable y) { return math::fmod(x.value(), y.value()); }
inline Portable ldexp(Portable x, int exponent) { return std::ldexp(x.value(), exponent); }
inline Portable frexp(Portable x, int* exponent) { return std::frexp(x.value(), exponent); }
inline Portable modf(Portable x, Portable* whole) {
  *whole = std::trunc(x.value());
  return x - *whole;
}
inline bool isfinite(Portable x) { return std::isfinite(x.value()); }
inline bool isnan(Portable x) { return std::isnan(x.value()); }
inline bool isinf(Portable x) { return std::isinf(x.value()); }
inline bool signbit(Portable x) { return std::signbit(x.value()); }

}  // namespace sim

template <>
class std::numeric_limits<sim::Portable> : public std::numeric_limits<double> {
  using Double = std::numeric_limits<double>;

 public:
  static constexpr sim::Portable min() noexcept { return Double::min(); }
  static constexpr sim::Portable max() noexcept { return Double::max(); }
  static constexpr sim::Portable lowest() noexcept { return Double::lowest(); }
  static constexpr sim::Portable epsilon() noexcept { return Double::epsilon(); }
  static constexpr sim::Portable round_error() noexcept { return Double::round_error(); }
  static constexpr sim::Portable infinity() noexcept { return Double::infinity(); }
  static constexpr sim::Portable quiet_NaN() noexcept { return Double::quiet_NaN(); }
  static constexpr sim::Portable signaling_NaN() noexcept { return Double::signaling_NaN(); }
  static constexpr sim::Portable denorm_min() noexcept { return Double::denorm_min(); }
};

// Errors become values, also inside Boost.Math's own root finders: NaN for a domain, infinity or
// zero for a range, the best approximation where an iteration ends early.  Nothing throws and errno
// is left alone.
#define BOOST_DISABLE_ASSERTS  // they would end the whole process
#define BOOST_MATH_DOMAIN_ERROR_POLICY ignore_error
#define BOOST_MATH_POLE_ERROR_POLICY ignore_error
#define BOOST_MATH_OVERFLOW_ERROR_POLICY ignore_error
#define BOOST_MATH_UNDERFLOW_ERROR_POLICY ignore_error
#define BOOST_MATH_DENORM_ERROR_POLICY ignore_error
#define BOOST_MATH_EVALUATION_ERROR_POLICY ignore_error
#define BOOST_MATH_ROUNDING_ERROR_POLICY ignore_error
#define BOOST_MATH_INDETERMINATE_RESULT_ERROR_POLICY ignore_error
#include <boost/math/policies/policy.hpp>
