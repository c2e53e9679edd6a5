/*
 * selection.hpp -- the steps by which order_statistics() finds rows of the sorted values without
 * sorting.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sim {

/* A row among the values that are left, and where its value goes. */
struct WantedRow {
  std::size_t row;
  double* value;
};

/*
 * By nth_element: for few values.
 *
 * Requires: wanted strictly ascending by row; `offset` values lie before those given.
 */
void select_few(std::span<double> values, std::span<const WantedRow> wanted,
                std::size_t offset = 0);

/* Holds wanted rows, in all likelihood; the counts of all values prove it. */
struct RowBounds {
  double low;
  double high;
  std::int64_t below = 0;  // values less than low
  std::int64_t up_to = 0;  // values less than or equal to high

  bool holds(std::size_t row) const {
    const auto place = static_cast<std::int64_t>(row);
    return below <= place && place < up_to;
  }
  bool is_point() const { return low == high; }
};

/*
 * Bounds of the wanted rows of so many values, told from a sample of these, which it reorders:
 * each reaches as many standard deviations of the row in the sample to both sides.  Ascending; only
 * a point may lie in another.
 *
 * Requires: wanted strictly ascending; no value is NaN.
 */
std::vector<RowBounds> bounds_around(std::span<double> sample, std::span<const std::size_t> wanted,
                                     std::size_t values, double deviations);
/* About which part of the values lies within them, for a sample of so many. */
double share_between(std::span<const std::size_t> wanted, std::size_t values, std::size_t sampled,
                     double deviations);

/*
 * Counts the values, and appends those within bounds that are more than a point; more than `most`
 * tell only that there are too many.  Requires: no value is NaN.
 */
void copy_between(std::span<const double> values, std::span<RowBounds> bounds,
                  std::vector<double>& copied, std::size_t most);
/* The bounds that hold the row; null where none does. */
const RowBounds* find_bounds(std::span<const RowBounds> bounds, std::size_t row);
/* The row among the values that were copied. Requires: bounds that are more than a point hold it.
 */
std::size_t row_between(std::size_t row, std::span<const RowBounds> bounds);

/*
 * Copies of the values among which the wanted rows must lie; the rows then count among these alone,
 * and those whose value is known by then leave `wanted`.  Nothing, and the rows as they are, where
 * a sample does not tell enough.
 *
 * Requires: wanted strictly ascending by row, not empty; no value is NaN.
 */
std::optional<std::vector<double>> narrow_by_sample(std::span<const double> values,
                                                    std::vector<WantedRow>& wanted);

}  // namespace sim
