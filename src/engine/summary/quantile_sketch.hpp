/*
 * quantile_sketch.hpp -- exact percentiles at fixed levels, and what they tell of all others.
 *
 * A sketch is what a run keeps of its samples when it does not keep them: the percentiles, exact as
 * percentile_cont has them, at a fixed grid of levels.  Percentiles never decrease, so the two
 * levels around any other one bound its percentile, with certainty; in between is interpolated.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sim {

/* Runs that report more numbers keep the coarse grid. */
inline constexpr std::size_t kMostFineSlots = 256;

/*
 * The levels, ascending from 0 to 1, for a run that reports so many numbers.  The fine grid has
 * 211: each 1/200 and, towards both ends, 0.0001, 0.0002, 0.0005, 0.001 and 0.002; so a percentile
 * in between is known to half a percent of the trials.  The coarse one has 47: each 1/40 and 0.001,
 * 0.005 and 0.01.  Both hold the percentiles that are columns of sim.monte_carlo.
 */
std::span<const double> sketch_levels(std::size_t slots);

/* Percentiles of n values at the levels. Requires: equally many of both, at least one. */
struct QuantileSketch {
  std::span<const double> levels;
  std::span<const double> values;
};

/* A number with bounds that hold it; all three equal where it is known. */
struct BoundedNumber {
  double value;
  double lower;
  double upper;
};

/* Requires: 0 <= probability <= 1, levels from 0 to 1. */
BoundedNumber sketch_percentile(const QuantileSketch& sketch, double probability);

/*
 * The share of the n values that exceed the limit, or, inclusive, reach or exceed it.
 * Requires: n >= 1, levels from 0 to 1.
 */
BoundedNumber sketch_exceedance(const QuantileSketch& sketch, std::int64_t n, double limit,
                                bool inclusive);

}  // namespace sim
