/*
 * point_counts.cpp -- counts values by the points they have passed.
 */
#include "summary/point_counts.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/error.hpp"

namespace sim {

PointCounts::PointCounts(std::span<const double> points, bool inclusive)
    : points_(points.begin(), points.end()), inclusive_(inclusive), counts_(points.size() + 1) {
  const auto disordered = [](double a, double b) { return !(a < b); };
  if (std::adjacent_find(points_.begin(), points_.end(), disordered) != points_.end()) {
    throw Error(ErrorKind::invalid_parameter, "the points are not ascending");
  }
}

void PointCounts::add(std::span<const double> values) {
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    const auto passed = inclusive_ ? std::lower_bound(points_.begin(), points_.end(), value)
                                   : std::upper_bound(points_.begin(), points_.end(), value);
    ++counts_[static_cast<std::size_t>(passed - points_.begin())];
  }
}

std::vector<std::int64_t> PointCounts::below() const {
  std::vector<std::int64_t> sums(counts_.size());
  std::partial_sum(counts_.begin(), counts_.end(), sums.begin());
  return sums;
}

std::vector<std::int64_t> PointCounts::between() const {
  std::vector<std::int64_t> inside(counts_.begin() + 1, counts_.end() - 1);
  inside.back() += counts_.back();
  return inside;
}

}  // namespace sim
