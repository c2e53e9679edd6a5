/*
 * linear_reference.hpp -- linear systems solved by Eigen with full pivoting in long double,
 * compiled once for all tests that compare with it.
 */
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace sim::testing {

/* x = A x + b. */
struct LinearSystem {
  explicit LinearSystem(int n)
      : size(n), entries(static_cast<std::size_t>(n * n)), right(static_cast<std::size_t>(n)) {}
  LinearSystem(int n, std::vector<double> a, std::vector<double> b)
      : size(n), entries(std::move(a)), right(std::move(b)) {}

  double& a(int row, int column) { return entries[static_cast<std::size_t>(row * size + column)]; }
  double a(int row, int column) const {
    return entries[static_cast<std::size_t>(row * size + column)];
  }
  double& b(int row) { return right[static_cast<std::size_t>(row)]; }
  double b(int row) const { return right[static_cast<std::size_t>(row)]; }

  int size;
  std::vector<double> entries;
  std::vector<double> right;
};

/* Expects that these are its unknowns, as closely as its condition allows in double. */
void expect_solution(const LinearSystem& system, const std::vector<double>& found);

}  // namespace sim::testing
