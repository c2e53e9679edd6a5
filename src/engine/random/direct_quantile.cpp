/*
 * direct_quantile.cpp -- instantiates Boost.Math's inverse incomplete gamma and beta functions.
 */
#include "random/direct_quantile.hpp"

#include "core/portable.hpp"

// Boost.Math comes after the type it is to work with.
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace sim {
namespace {

using StudentT = boost::math::students_t_distribution<Portable>;

}  // namespace

double gamma_quantile(double shape, double u) {
  const Portable a = shape;
  const double x = (u <= 0.5 ? boost::math::gamma_p_inv(a, Portable(u))
                             : boost::math::gamma_q_inv(a, Portable(1 - u)))
                       .value();
  // Boost stops too early in the far tails of large shapes; a step of Newton's method is enough.
  constexpr double kLargeShape = 1e4;
  if (shape < kLargeShape) return x;
  const double missing = u <= 0.5 ? u - gamma_lower(shape, x) : gamma_upper(shape, x) - (1 - u);
  return x + missing / gamma_density(shape, x);
}

double beta_quantile(double alpha, double beta, double u) {
  const Portable a = alpha;
  const Portable b = beta;
  // Boost's closed form for alpha = beta = 1/2 is inaccurate near 1.
  if (alpha == beta && u > 0.5) return (1 - boost::math::ibeta_inv(a, b, Portable(1 - u))).value();
  return (u <= 0.5 ? boost::math::ibeta_inv(a, b, Portable(u))
                   : boost::math::ibetac_inv(a, b, Portable(1 - u)))
      .value();
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

double beta_lower(double alpha, double beta, double x) {
  return boost::math::ibeta(Portable(alpha), Portable(beta), Portable(x)).value();
}

double beta_upper(double alpha, double beta, double x) {
  return boost::math::ibetac(Portable(alpha), Portable(beta), Portable(x)).value();
}

double beta_density(double alpha, double beta, double x) {
  return boost::math::ibeta_derivative(Portable(alpha), Portable(beta), Portable(x)).value();
}

double student_t_lower(double df, double x) {
  return boost::math::cdf(StudentT(df), Portable(x)).value();
}

double student_t_density(double df, double x) {
  return boost::math::pdf(StudentT(df), Portable(x)).value();
}

double poisson_lower(double mean, double k) {
  return mean == 0 ? 1 : boost::math::gamma_q(Portable(k + 1), Portable(mean)).value();
}

double poisson_upper(double mean, double k) {
  return mean == 0 ? 0 : boost::math::gamma_p(Portable(k + 1), Portable(mean)).value();
}

double poisson_probability(double mean, double k) {
  return mean == 0 ? (k == 0 ? 1 : 0) : gamma_density(k + 1, mean);
}

double binomial_lower(double n, double p, double k) {
  if (k >= n) return 1;
  return boost::math::ibetac(Portable(k + 1), Portable(n - k), Portable(p)).value();
}

double binomial_upper(double n, double p, double k) {
  if (k >= n) return 0;
  return boost::math::ibeta(Portable(k + 1), Portable(n - k), Portable(p)).value();
}

double binomial_probability(double n, double p, double k) {
  return beta_density(k + 1, n - k + 1, p) / (n + 1);
}

}  // namespace sim
