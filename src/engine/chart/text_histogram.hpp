/*
 * text_histogram.hpp -- a histogram as lines of text, for a person at a terminal.
 *
 *     280 ▏▍                                  1 %
 *     290 ▏█▉                                 4 %
 *
 * Classes have round edges (1, 2, 5 times a power of ten apart) and are labelled by their lower
 * edge.  They cover the middle 99 % of the values; what lies outside is counted in the first and
 * last class, whose labels then read "< 290" and "≥ 350".  Where there are few different values
 * (true and false, small counts), each has a line of its own.  Bars are drawn in eighths.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sim {

struct HistogramStyle {
  int classes = 12;            // about so many
  std::size_t bar_width = 34;  // characters of the longest bar
};

/* A value, and how many there are of it or near it. */
struct WeightedValue {
  double value;
  std::uint64_t count;
};

/* Lines without newline; none without finite values. Values in any order; those not finite are left
 * out. */
std::vector<std::string> text_histogram(std::span<const double> values,
                                        const HistogramStyle& style = {});

/* The same for values that are known as counts only: fine bins, each standing at one value. */
std::vector<std::string> text_histogram(std::span<const WeightedValue> values,
                                        const HistogramStyle& style = {});

/*
 * Round edges, ascending, about `classes` + 1 of them, that cover [low, high].
 * Requires: low < high, both finite; classes >= 1.
 */
std::vector<double> round_edges(double low, double high, int classes);

}  // namespace sim
