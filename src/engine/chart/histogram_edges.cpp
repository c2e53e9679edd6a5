/*
 * histogram_edges.cpp -- round edges, and a bin for each tail.
 */
#include "chart/histogram_edges.hpp"

#include <cmath>
#include <limits>

#include "chart/text_histogram.hpp"

namespace sim {
namespace {

/* A bin narrower than this part of its values is rounding noise. */
constexpr double kNoise = 1e-14;

/* Width of the bin around equal values, as a part of them. */
constexpr double kPointWidth = 0.01;

bool is_point(double low, double high, int bins) {
  const double size = std::fmax(std::fabs(low), std::fabs(high));
  return !((high / 2 - low / 2) / bins > kNoise * size);
}

}  // namespace

std::vector<double> histogram_edges(const ValueRange& range, int bins) {
  double low = range.low;
  double high = range.high;
  if (is_point(low, high, bins)) {
    low = range.min;
    high = range.max;
  }
  if (is_point(low, high, bins)) {
    const double width = range.max == 0 ? 1 : std::fabs(range.max) * kPointWidth;
    const double next = std::nextafter(range.max, std::numeric_limits<double>::infinity());
    return {range.min, std::fmax(range.max + width, next)};
  }
  std::vector<double> edges = round_edges(low, high, bins);
  if (range.min < edges.front()) edges.insert(edges.begin(), range.min);
  if (range.max > edges.back()) edges.push_back(range.max);
  return edges;
}

}  // namespace sim
