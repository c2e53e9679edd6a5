/*
 * selection.hpp -- the steps by which order_statistics() finds rows of the sorted values without
 * sorting.
 */
#pragma once

#include <cstddef>
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
