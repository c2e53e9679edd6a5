/*
 * direct_quantile.hpp -- quantiles that have no closed form, and the probabilities of counts; from
 * Boost.Math with portable bits.
 *
 * All take 0 < u < 1 and valid parameters.  The upper half works on 1 - u, which is exact, so that
 * both tails are equally accurate: 1e-12 relative to max(|x|, interquartile range), 1e-9 at a tail
 * probability of 1e-10; at most 1e-15 on the reference table.
 */
#pragma once

namespace sim {

double gamma_quantile(double shape, double u);  // of rate 1
double beta_quantile(double alpha, double beta, double u);
double student_t_quantile(double df, double u);

/* P(X <= k) and P(X > k) of a Poisson count, k = 0, 1, 2, ... */
double poisson_lower(double mean, double k);
double poisson_upper(double mean, double k);

/* P(X <= k) and P(X > k) of a binomial count, k = 0, 1, ..., n. */
double binomial_lower(double n, double p, double k);
double binomial_upper(double n, double p, double k);

}  // namespace sim
