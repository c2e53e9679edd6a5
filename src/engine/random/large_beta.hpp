/*
 * large_beta.hpp -- the density of a beta distribution whose parameters are both large.
 */
#pragma once

namespace sim {

/* At 0 < x < 1, with a relative error below 5e-14. Requires alpha, beta >= 100. */
double large_beta_density(double alpha, double beta, double x);

}  // namespace sim
