/*
 * normal.cpp -- Wichura's AS 241 in batches, and the normal distribution by erfc and exp.
 *
 * A batch is worked in blocks.  Every lane gets the central formula, which holds for |p - 1/2| <=
 * 0.425; the 15 % of lanes outside are then gathered, take their logarithms as one batch, and are
 * written back.  Both parts are loops without branches that the compiler turns into vectors.
 */
#include "catalogue/normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "core/instruction_set.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

constexpr std::size_t kBlock = 256;
constexpr double kCentral = 0.425;
constexpr double kFarTail = 5;
constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;

/* Numerator and denominator of a rational function, lowest power first. */
struct Rational {
  std::array<double, 8> numerator;
  std::array<double, 8> denominator;
};

constexpr Rational kCentralFit = {
    {3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
     1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
     3.3430575583588128105e+4, 2.5090809287301226727e+3},
    {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
     2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
     5.2264952788528545610e+3}};

constexpr Rational kTailFit = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9}};

constexpr Rational kFarTailFit = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15}};

SIM_INLINE double horner(const std::array<double, 8>& c, double r) {
  return ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r +
         c[0];
}

SIM_INLINE double evaluate(const Rational& fit, double r) {
  return horner(fit.numerator, r) / horner(fit.denominator, r);
}

/* The central formula; of no meaning where |q| > 0.425. */
SIM_INLINE double central(double q) {
  return q * evaluate(kCentralFit, kCentral * kCentral - q * q);
}

/* The tail formula from the logarithm of the smaller tail probability; unsigned. */
SIM_INLINE double tail(double log_probability) {
  return evaluate(kTailFit, std::sqrt(-log_probability) - 1.6);
}

double far_tail(double log_probability) {
  return evaluate(kFarTailFit, std::sqrt(-log_probability) - kFarTail);
}

/* The value where the tail formula does not hold: p <= 0, p >= 1, NaN, or a tail below exp(-25). */
double beyond_tail(double p, double log_probability) {
  if (!(p >= 0 && p <= 1)) return math::kNaN;
  const double magnitude =
      log_probability == -math::kInfinity ? math::kInfinity : far_tail(log_probability);
  return p < 0.5 ? -magnitude : magnitude;
}

struct CentralLanes {
  SIM_INLINE static void run(const double* p, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] = central(p[i] - 0.5);
  }
};

/* From gathered probabilities p and the logarithms of their smaller tails to quantiles, in place of
 * the logarithms. */
struct TailLanes {
  SIM_INLINE static void run(const double* p, double* logs, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) logs[i] = std::copysign(tail(logs[i]), p[i] - 0.5);
  }
};

/* The argument of erfc and of exp. */
SIM_INLINE double cdf_argument(double x) { return -x * kSqrtHalf; }
SIM_INLINE double density_argument(double x) { return -0.5 * x * x; }

void quantile_block(const double* p, double* x, std::size_t n) {
  std::array<std::uint32_t, kBlock> outside;
  std::array<double, kBlock> probability;
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    outside[count] = static_cast<std::uint32_t>(i);
    probability[count] = p[i];
    count += !(std::fabs(p[i] - 0.5) <= kCentral);
  }
  dispatch<CentralLanes>(p, x, n);
  if (count == 0) return;
  std::array<double, kBlock> logs;
  for (std::size_t i = 0; i < count; ++i) logs[i] = std::min(probability[i], 1 - probability[i]);
  math::ln(logs.data(), logs.data(), count);
  std::array<double, kBlock> quantiles;
  std::copy_n(logs.begin(), count, quantiles.begin());
  dispatch<TailLanes>(probability.data(), quantiles.data(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool far = !(logs[i] >= -kFarTail * kFarTail);
    x[outside[i]] = far ? beyond_tail(probability[i], logs[i]) : quantiles[i];
  }
}

}  // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::fabs(q) <= kCentral) return central(q);
  const double log_probability = math::ln(std::min(p, 1 - p));
  if (!(log_probability >= -kFarTail * kFarTail)) return beyond_tail(p, log_probability);
  return std::copysign(tail(log_probability), q);
}

void normal_quantile(const double* p, double* x, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kBlock) quantile_block(p + i, x + i, std::min(kBlock, n - i));
}

double normal_cdf(double x) { return 0.5 * math::erfc(cdf_argument(x)); }

void normal_cdf(const double* x, double* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = cdf_argument(x[i]);
  math::erfc(y, y, n);
  for (std::size_t i = 0; i < n; ++i) y[i] = 0.5 * y[i];
}

double normal_density(double x) { return kInverseSqrtTwoPi * math::exp(density_argument(x)); }

void normal_density(const double* x, double* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = density_argument(x[i]);
  math::exp(y, y, n);
  for (std::size_t i = 0; i < n; ++i) y[i] = kInverseSqrtTwoPi * y[i];
}

}  // namespace sim
