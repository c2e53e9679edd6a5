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

double gamma_quantile(double shape, double u) {
  const Portable a = shape;
  return (u <= 0.5 ? boost::math::gamma_p_inv(a, Portable(u))
                   : boost::math::gamma_q_inv(a, Portable(1 - u)))
      .value();
}

double beta_quantile(double alpha, double beta, double u) {
  const Portable a = alpha;
  const Portable b = beta;
  return (u <= 0.5 ? boost::math::ibeta_inv(a, b, Portable(u))
                   : boost::math::ibetac_inv(a, b, Portable(1 - u)))
      .value();
}

double student_t_quantile(double df, double u) {
  const boost::math::students_t_distribution<Portable> distribution(df);
  if (u <= 0.5) return boost::math::quantile(distribution, Portable(u)).value();
  return -boost::math::quantile(distribution, Portable(1 - u)).value();
}

double poisson_lower(double mean, double k) {
  return mean == 0 ? 1 : boost::math::gamma_q(Portable(k + 1), Portable(mean)).value();
}

double poisson_upper(double mean, double k) {
  return mean == 0 ? 0 : boost::math::gamma_p(Portable(k + 1), Portable(mean)).value();
}

double binomial_lower(double n, double p, double k) {
  if (k >= n) return 1;
  return boost::math::ibetac(Portable(k + 1), Portable(n - k), Portable(p)).value();
}

double binomial_upper(double n, double p, double k) {
  if (k >= n) return 0;
  return boost::math::ibeta(Portable(k + 1), Portable(n - k), Portable(p)).value();
}

}  // namespace sim
