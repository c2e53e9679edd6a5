/*
 * deviance.hpp -- the exponent of a probability by its saddle point.
 *
 * C. Loader, "Fast and accurate computation of binomial probabilities" (2000): the powers and
 * factorials, whose logarithms are huge and cancel, are put together beforehand, so that only the
 * small distance from the mean is left.
 */
#pragma once

namespace sim {

/* k ln(k / m) + m - k, where difference = k - m. */
double deviance(double k, double m, double difference);

/* ln n! = ln sqrt(2 pi n) + n ln n - n + this, for large n. */
double stirling_error(double n);

}  // namespace sim
