/*
 * moments.hpp -- count, mean and central moments of simulated values, mergeable.
 *
 * Values that are not finite are failed trials: they are counted and enter nothing else.  A block
 * of at most kBlockTrials values is reduced in one fixed order; blocks are merged pairwise (Chan,
 * Golub & LeVeque 1979; Pébay 2008, eq. 3.1), always siblings of the same tree, so that the result
 * depends on the values and their positions alone.
 *
 * Equal values have exactly their value as mean and no spread, however many there are.  Sums of
 * powers may overflow beyond |x| of 1e77 (fourth) or 1e154 (second); what is derived from them is
 * then infinite or NaN, never a plausible number.
 */
#pragma once

#include <cstddef>
#include <cstdint>

namespace sim {

/* Trials reduced together; leaves of 1,024 trials are eight sibling blocks. */
inline constexpr std::int64_t kBlockTrials = 128;
inline constexpr std::int64_t kLeafTrials = 1024;

struct Moments {
  std::int64_t count = 0;   // finite values
  std::int64_t failed = 0;  // values that are not finite
  double mean = 0;
  double m2 = 0;  // sum of (x - mean)^2
  double m3 = 0;
  double m4 = 0;
  double min = 0;  // meaningless while count is 0
  double max = 0;

  /* n - 1 in the denominator; NaN for fewer than two values. */
  double variance() const;
  double stddev() const;
  /* stddev / sqrt(count): the standard error of the mean. */
  double std_error() const;
  /*
   * Sample skewness and sample excess kurtosis (as Excel and SAS: Joanes & Gill 1998, G1 and G2);
   * NaN for fewer than 3, 4 values or no spread.
   */
  double skewness() const;
  double kurtosis() const;
};

/*
 * Throws nothing, allocates nothing; less than 1 ns a value.  Same values, same bits, on every CPU.
 *
 * Requires: n <= kBlockTrials.
 */
Moments block_moments(const double* values, std::size_t n);

/* `left` holds the earlier trials. */
Moments merge(const Moments& left, const Moments& right);

}  // namespace sim
