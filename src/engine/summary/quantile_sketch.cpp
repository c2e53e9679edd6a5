/*
 * quantile_sketch.cpp -- the grids of levels, and reading between them.
 */
#include "summary/quantile_sketch.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "summary/percentile.hpp"

namespace sim {
namespace {

/* Each 1/parts, and the tails at both ends. */
std::vector<double> make_levels(int parts, std::initializer_list<double> tails) {
  std::vector<double> levels;
  for (int i = 0; i <= parts; ++i) levels.push_back(static_cast<double>(i) / parts);
  for (const double tail : tails) {
    levels.push_back(tail);
    levels.push_back(1 - tail);
  }
  std::sort(levels.begin(), levels.end());
  return levels;
}

/* What lies a part of the way from low to high; never outside. */
double between(double low, double high, double part) {
  return std::clamp(low * (1 - part) + high * part, low, high);
}

}  // namespace

std::span<const double> sketch_levels(std::size_t slots) {
  static const std::vector<double> fine = make_levels(200, {0.0001, 0.0002, 0.0005, 0.001, 0.002});
  static const std::vector<double> coarse = make_levels(40, {0.001, 0.005, 0.01});
  return slots <= kMostFineSlots ? fine : coarse;
}

BoundedNumber sketch_percentile(const QuantileSketch& sketch, double probability) {
  const auto at = std::lower_bound(sketch.levels.begin(), sketch.levels.end(), probability);
  const auto i = static_cast<std::size_t>(at - sketch.levels.begin());
  const double upper = sketch.values[i];
  if (*at == probability) return {upper, upper, upper};
  const double lower = sketch.values[i - 1];
  const double below = sketch.levels[i - 1];
  const double part = (probability - below) / (*at - below);
  return {between(lower, upper, part), lower, upper};
}

BoundedNumber sketch_exceedance(const QuantileSketch& sketch, std::int64_t n, double limit,
                                bool inclusive) {
  const auto above = inclusive
                         ? std::lower_bound(sketch.values.begin(), sketch.values.end(), limit)
                         : std::upper_bound(sketch.values.begin(), sketch.values.end(), limit);
  if (above == sketch.values.begin()) return {1, 1, 1};
  if (above == sketch.values.end()) return {0, 0, 0};
  const auto i = static_cast<std::size_t>(above - sketch.values.begin());
  /* The first row of the level below holds a value that does not exceed the limit, the second row
   * of the level above one that does. */
  const auto size = static_cast<double>(n);
  const auto most = static_cast<double>(n - percentile_rows(sketch.levels[i - 1], n).first - 1);
  const auto least = static_cast<double>(n - percentile_rows(sketch.levels[i], n).second);
  const double from = sketch.values[i - 1];
  const double part = (limit / 2 - from / 2) / (*above / 2 - from / 2);
  const double share = 1 - between(sketch.levels[i - 1], sketch.levels[i], part);
  return {std::clamp(share, least / size, most / size), least / size, most / size};
}

}  // namespace sim
