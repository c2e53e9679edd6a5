/*
 * selection.hpp -- the steps by which order_statistics() finds rows of the sorted values without
 * sorting.
 */
#pragma once

#include <cstddef>
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

/*
 * Moves the values among which the wanted rows must lie to the front and returns them; the rows
 * then count among these alone.  Rows whose value is known by then leave `wanted`.  Returns all
 * values, and leaves the rows as they are, where a sample does not tell enough.
 *
 * Requires: wanted strictly ascending by row, not empty; no value is NaN.
 */
std::span<double> narrow_by_sample(std::span<double> values, std::vector<WantedRow>& wanted);

}  // namespace sim
