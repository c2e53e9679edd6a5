/*
 * histogram_edges.hpp -- the bins of a histogram that is kept or drawn: at round numbers.
 *
 * Bins of equal width (1, 2 or 5 times a power of ten) cover the middle 99 % of the values.  Where
 * values lie beyond, one more bin on that side reaches to the last of them, so that a few far
 * values do not flatten the rest and none is left out.
 */
#pragma once

#include <vector>

namespace sim {

/* Smallest value, 0.5 % percentile, 99.5 % percentile, largest value. */
struct ValueRange {
  double min;
  double low;
  double high;
  double max;
};

/* The percentiles of a ValueRange. */
inline constexpr double kRangeLow = 0.005;
inline constexpr double kRangeHigh = 0.995;

/*
 * Edges, strictly ascending, of about so many bins; the first and last hold min and max between
 * them.  Where all values are equal there is one bin, from them to 1 % beyond, or from 0 to 1.
 * Requires: min <= low <= high <= max, all finite; bins >= 1.
 */
std::vector<double> histogram_edges(const ValueRange& range, int bins);

}  // namespace sim
