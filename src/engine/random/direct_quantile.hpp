/*
 * direct_quantile.hpp -- quantiles that have no closed form, with their probabilities and
 * densities, and the probabilities of counts; from Boost.Math with portable bits.
 *
 * Quantiles take 0 < u < 1, all take valid parameters.  The upper half works on 1 - u, which is
 * exact, so that both tails are equally accurate: 1e-12 relative to max(|x|, interquartile range),
 * 1e-9 at a tail probability of 1e-10; at most 1e-15 on the reference table.
 */
#pragma once

namespace sim {

double gamma_quantile(double shape, double u);  // of rate 1
double beta_quantile(double alpha, double beta, double u);
double student_t_quantile(double df, double u);

/* P(X <= x), P(X > x) and the density at x. */
double gamma_lower(double shape, double x);
double gamma_upper(double shape, double x);
double gamma_density(double shape, double x);
double beta_lower(double alpha, double beta, double x);
double beta_upper(double alpha, double beta, double x);
double beta_density(double alpha, double beta, double x);
double student_t_lower(double df, double x);
double student_t_density(double df, double x);

/* P(X <= k), P(X > k) and P(X = k) of a Poisson count, k = 0, 1, 2, ... */
double poisson_lower(double mean, double k);
double poisson_upper(double mean, double k);
double poisson_probability(double mean, double k);

/* P(X <= k), P(X > k) and P(X = k) of a binomial count, k = 0, 1, ..., n. */
double binomial_lower(double n, double p, double k);
double binomial_upper(double n, double p, double k);
double binomial_probability(double n, double p, double k);

}  // namespace sim
