/*
 * point_counts.hpp -- how many values lie below each of some points: histograms and exceedance
 * curves of values that come piece by piece.
 */
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sim {

class PointCounts {
 public:
  /*
   * `inclusive` counts values at a point as below it. Throws Error(invalid_parameter) for points
   * that are not ascending.
   */
  PointCounts(std::span<const double> points, bool inclusive);

  /* Takes the finite ones of the values. */
  void add(std::span<const double> values);

  /* Of all values below each point; then of all values. */
  std::vector<std::int64_t> below() const;
  /*
   * Of the values between each point and the next, those at the lower one included; the last
   * interval has both. Requires: not inclusive; two points or more that hold all values.
   */
  std::vector<std::int64_t> between() const;

 private:
  std::vector<double> points_;
  bool inclusive_;
  std::vector<std::int64_t> counts_;  // by how many points are passed
};

}  // namespace sim
