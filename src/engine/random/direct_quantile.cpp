/*
 * direct_quantile.cpp -- instantiates Boost.Math's incomplete gamma and beta functions and their
 * inverses, and makes them accurate where parameters are large.
 */
#include "random/direct_quantile.hpp"

#include <algorithm>
#include <cmath>

#include "core/portable.hpp"
#include "random/large_beta.hpp"
#include "random/large_gamma.hpp"

// Boost.Math comes after the type it is to work with.
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace sim {
namespace {

using StudentT = boost::math::students_t_distribution<Portable>;

// Boost's incomplete beta function multiplies powers that cancel; with two parameters from here on
// its relative error grows from 1e-14 to 1e-10.
constexpr double kLargeBeta = 500;

bool large_beta(double alpha, double beta) { return std::min(alpha, beta) >= kLargeBeta; }

double boost_beta_density(double alpha, double beta, double x) {
  return boost::math::ibeta_derivative(Portable(alpha), Portable(beta), Portable(x)).value();
}

// For two whole parameters, one small, Boost raises the rounded 1 - x to the power of the other
// one.
constexpr double kFewTerms = 40;
constexpr double kManyTrials = 1e4;

bool has_few_terms(double alpha, double beta) {
  return alpha < kFewTerms && beta >= kManyTrials && alpha == std::floor(alpha) &&
         beta == std::floor(beta);
}

/* P(X > x) as the probability of less than alpha successes in alpha + beta - 1 trials: NIST Digital
 * Library of Mathematical Functions, 8.17.5.  0 where the first term is too small to begin with. */
double sum_of_few_terms(double alpha, double beta, double x) {
  const double n = alpha + beta - 1;
  const double odds = x / (1 - x);
  double term = math::exp(n * math::log1p(-x));
  if (term < 1e-290) return 0;
  double sum = term;
  for (double j = 0; j + 1 < alpha; ++j) {
    term *= (n - j) / (j + 1) * odds;
    sum += term;
  }
  return sum;
}

/* P(X <= x) or P(X > x).  For large parameters Boost computes the tail on whose side of the mean x
 * is, from the density and a continued fraction, so that the density's error can be taken away. */
double beta_tail(double alpha, double beta, double x, bool upper) {
  const Portable a = alpha;
  const Portable b = beta;
  const auto boost = [&](bool above) {
    return (above ? boost::math::ibetac(a, b, Portable(x)) : boost::math::ibeta(a, b, Portable(x)))
        .value();
  };
  if (has_few_terms(alpha, beta) && x > alpha / (alpha + beta)) {
    const double tail = sum_of_few_terms(alpha, beta, x);
    if (tail > 0) return upper ? tail : 1 - tail;
  }
  const double density = large_beta(alpha, beta) ? boost_beta_density(alpha, beta, x) : 0;
  if (!(density > 0)) return boost(upper);
  const bool above = x > alpha / (alpha + beta);
  const double tail = boost(above) * (large_beta_density(alpha, beta, x) / density);
  return above == upper ? tail : 1 - tail;
}

// Boost's inverses stop a little early where the distribution is nearly normal; from these
// parameters on a step of Newton's method follows.
constexpr double kNewtonShape = 1e4;
constexpr double kNewtonBeta = 10;

/* x in standard units. */
double standard_gamma(double shape, double x) { return (x - shape) / std::sqrt(shape); }

double improve(double x, double missing, double density) {
  const double step = missing / density;
  return std::isfinite(step) ? x + step : x;
}

}  // namespace

double gamma_quantile(double shape, double u) {
  if (shape > kLargeShape) return shape + std::sqrt(shape) * large_gamma_quantile(shape, u);
  const Portable a = shape;
  const double x = (u <= 0.5 ? boost::math::gamma_p_inv(a, Portable(u))
                             : boost::math::gamma_q_inv(a, Portable(1 - u)))
                       .value();
  if (shape < kNewtonShape) return x;
  const double missing = u <= 0.5 ? u - gamma_lower(shape, x) : gamma_upper(shape, x) - (1 - u);
  return improve(x, missing, gamma_density(shape, x));
}

double beta_quantile(double alpha, double beta, double u) {
  if (LargeBeta::serves(alpha, beta) && u >= LargeBeta::kLeastUniform) {
    double x;
    LargeBeta(alpha, beta).apply(&u, &x, 1);
    return x;
  }
  const Portable a = alpha;
  const Portable b = beta;
  // Boost's closed form for alpha = beta = 1/2 is inaccurate near 1.
  if (alpha == beta && u > 0.5) return 1 - beta_quantile(alpha, beta, 1 - u);
  const double x = (u <= 0.5 ? boost::math::ibeta_inv(a, b, Portable(u))
                             : boost::math::ibetac_inv(a, b, Portable(1 - u)))
                       .value();
  if (std::min(alpha, beta) < kNewtonBeta && !has_few_terms(alpha, beta)) return x;
  const double missing =
      u <= 0.5 ? u - beta_lower(alpha, beta, x) : beta_upper(alpha, beta, x) - (1 - u);
  return improve(x, missing, beta_density(alpha, beta, x));
}

double student_t_quantile(double df, double u) {
  const StudentT distribution(df);
  if (u <= 0.5) return boost::math::quantile(distribution, Portable(u)).value();
  return -boost::math::quantile(distribution, Portable(1 - u)).value();
}

double gamma_lower(double shape, double x) {
  return boost::math::gamma_p(Portable(shape), Portable(x)).value();
}

double gamma_upper(double shape, double x) {
  return boost::math::gamma_q(Portable(shape), Portable(x)).value();
}

double gamma_density(double shape, double x) {
  return boost::math::gamma_p_derivative(Portable(shape), Portable(x)).value();
}

double beta_lower(double alpha, double beta, double x) { return beta_tail(alpha, beta, x, false); }

double beta_upper(double alpha, double beta, double x) { return beta_tail(alpha, beta, x, true); }

double beta_density(double alpha, double beta, double x) {
  return large_beta(alpha, beta) ? large_beta_density(alpha, beta, x)
                                 : boost_beta_density(alpha, beta, x);
}

double student_t_lower(double df, double x) {
  return boost::math::cdf(StudentT(df), Portable(x)).value();
}

double student_t_density(double df, double x) {
  return boost::math::pdf(StudentT(df), Portable(x)).value();
}

// Beyond a shape of 1000 Boost sums up to 6 sqrt(shape) terms, which takes a millisecond in the
// end.
double poisson_lower(double mean, double k) {
  if (mean > kLargeShape) return large_gamma_upper(k + 1, standard_gamma(k + 1, mean));
  return mean == 0 ? 1 : boost::math::gamma_q(Portable(k + 1), Portable(mean)).value();
}

double poisson_upper(double mean, double k) {
  if (mean > kLargeShape) return large_gamma_lower(k + 1, standard_gamma(k + 1, mean));
  return mean == 0 ? 0 : boost::math::gamma_p(Portable(k + 1), Portable(mean)).value();
}

double poisson_probability(double mean, double k) {
  return mean == 0 ? (k == 0 ? 1 : 0) : gamma_density(k + 1, mean);
}

double binomial_lower(double n, double p, double k) {
  if (k >= n) return 1;
  return beta_upper(k + 1, n - k, p);
}

double binomial_upper(double n, double p, double k) {
  if (k >= n) return 0;
  return beta_lower(k + 1, n - k, p);
}

double binomial_probability(double n, double p, double k) {
  return beta_density(k + 1, n - k + 1, p) / (n + 1);
}

}  // namespace sim
