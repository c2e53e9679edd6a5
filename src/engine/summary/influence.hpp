/*
 * influence.hpp -- how much each value moves a statistic: the way to standard errors of
 * differences.
 *
 * A statistic of n values is, but for terms of higher order, its true value plus the mean of its
 * influence function over the values (Hampel 1974; Serfling, Approximation Theorems of Mathematical
 * Statistics, 1980, chapter 6).  Where two scenarios run on the same trials, the standard error of
 * the difference of their statistics is therefore that of the mean of the differences of
 * influences, trial by trial, whatever the correlation of the two.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "summary/moments.hpp"

namespace sim {

/* A statistic of samples by its name in SQL. */
struct Statistic {
  enum class Kind : std::uint8_t {
    trials,         // all
    failed_trials,  // those without a finite value
    mean,
    std_error,
    stddev,
    skewness,
    kurtosis,
    min,
    max,
    percentile,
  };

  Kind kind = Kind::mean;
  double probability = 0;  // of a percentile

  /* Whether it has an influence function, and so a standard error. */
  bool has_influence() const;
};

/*
 * Reads "mean", "stddev", ..., "median", "p05", "p99.9" (a number from 0 to 100 after the p).
 * Throws Error(invalid_parameter) naming what there is.
 */
Statistic parse_statistic(std::string_view name);

/* The statistic's value; `percentile` is the value of the percentile where it is one. */
double statistic_value(const Statistic& statistic, const Moments& total, double percentile);

/*
 * The influence function of one statistic of one slot in one scenario, ready to be evaluated: a
 * polynomial of degree 4 in (x - center) / scale, or the step of a percentile at `center`.
 */
struct InfluenceSpec {
  double center = 0;
  double inverse_scale = 1;
  double coefficients[5] = {0, 1, 0, 0, 0};
  bool step = false;
  double below = 0;  // the step's value for x <= center
  double above = 0;
};

/*
 * `total` are the moments of all values, `percentile` the percentile's value and `density` the
 * density there (for percentiles only).  Where the values do not vary (no spread, all probability
 * in one point), the influence is 0.  NaN for statistics without influence function.
 */
InfluenceSpec make_influence(const Statistic& statistic, const Moments& total, double percentile,
                             double density);

/* Writes the influence of each x; NaN for those that are not finite. `out` may be `x`. */
void influence(const InfluenceSpec& spec, const double* x, double* out, std::size_t n);

/*
 * The density at a percentile is estimated from two neighbours (Siddiqui 1960), at probabilities as
 * far apart as is best for a normal distribution (Bofinger 1975; the constant within 25 %).
 */
struct Neighbours {
  double lower;  // probabilities
  double upper;
};
Neighbours density_neighbours(double probability, std::int64_t n);

/* (upper - lower) / (upper_value - lower_value); infinite for an atom. */
double estimate_density(const Neighbours& neighbours, double lower_value, double upper_value);

/* An InfluenceSpec as bytes, for parallel workers. */
class ByteWriter;
class ByteReader;
void write_influence(ByteWriter& writer, const InfluenceSpec& spec);
InfluenceSpec read_influence(ByteReader& reader);

}  // namespace sim
