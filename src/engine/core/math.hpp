/*
 * math.hpp -- the only door to transcendental functions.
 *
 * The C library's exp, log, pow, sin, lgamma ... give other bits on other CPUs and in other
 * versions, and a compiler's vector library differs from both.  Everything here gives the same bits
 * on every x86-64 CPU, for one value or for a batch, however long the batch is.  It rests on
 * SLEEF 3.5.1's "cinz" functions (N. Shibata, F. Petrogalli: "SLEEF: A Portable Vectorized Library
 * of C Standard Mathematical Functions", IEEE TPDS 31, 2020), which use no fused multiply-add and
 * are the same sequence of operations in scalar, SSE2, AVX and AVX-512 form.
 *
 * Error bounds, in units in the last place: 1.0 for every function except erfc (1.5), sinh and cosh
 * beyond 709 (3), erf below 1e-300 (1.2), atan2 where it is denormal (2), gamma where it is
 * denormal (10), and lgamma (1.0 for x > 0; absolute 1e-15 near its zeros on the negative axis).
 * Below -170 gamma is of no use next to its poles.  sin, cos and tan reduce their argument exactly
 * whatever its size.  Where SLEEF overflows too early (log1p, sinh, cosh, asinh and acosh of huge
 * arguments) the value is formed from ln and exp here; gamma and lgamma overflow up to 0.2 % early.
 *
 * A NaN result has no defined sign or payload.
 */
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

namespace sim::math {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kLn2 = 0.693147180559945309417;
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// One value.

double exp(double x);
double expm1(double x);
double ln(double x);
double log10(double x);
double log2(double x);
double log1p(double x);
double sin(double x);
double cos(double x);
double tan(double x);
double asin(double x);
double acos(double x);
double atan(double x);
double sinh(double x);
double cosh(double x);
double tanh(double x);
double asinh(double x);
double acosh(double x);
double atanh(double x);
double cbrt(double x);
double gamma(double x);  // gamma function; NaN at -1, -2, ...; gamma(n + 1) is exactly n! up to 22!
double lgamma(double x);  // logarithm of the gamma function's absolute value
double erf(double x);
double erfc(double x);

double pow(double x, double y);
double atan2(double y, double x);

/* The remainder of a / b with the sign of a, exact; NaN for b = 0. */
inline double fmod(double a, double b) { return std::fmod(a, b); }

// Many values: y[i] = f(x[i]) for i < n, bit for bit what the function of one value gives.  y may
// be x itself, but the arrays must not overlap otherwise.

void exp(const double* x, double* y, std::size_t n);
void expm1(const double* x, double* y, std::size_t n);
void ln(const double* x, double* y, std::size_t n);
void log10(const double* x, double* y, std::size_t n);
void log2(const double* x, double* y, std::size_t n);
void log1p(const double* x, double* y, std::size_t n);
void sin(const double* x, double* y, std::size_t n);
void cos(const double* x, double* y, std::size_t n);
void tan(const double* x, double* y, std::size_t n);
void asin(const double* x, double* y, std::size_t n);
void acos(const double* x, double* y, std::size_t n);
void atan(const double* x, double* y, std::size_t n);
void sinh(const double* x, double* y, std::size_t n);
void cosh(const double* x, double* y, std::size_t n);
void tanh(const double* x, double* y, std::size_t n);
void asinh(const double* x, double* y, std::size_t n);
void acosh(const double* x, double* y, std::size_t n);
void atanh(const double* x, double* y, std::size_t n);
void cbrt(const double* x, double* y, std::size_t n);
void gamma(const double* x, double* y, std::size_t n);
void lgamma(const double* x, double* y, std::size_t n);
void erf(const double* x, double* y, std::size_t n);
void erfc(const double* x, double* y, std::size_t n);

void pow(const double* x, const double* y, double* z, std::size_t n);
void atan2(const double* y, const double* x, double* z, std::size_t n);

}  // namespace sim::math
