/*
 * factorisation.hpp -- a dense matrix factored as P A = L U, in an order that is the same on every
 * CPU, and that is left as soon as somebody asks.
 */
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/control.hpp"

namespace sim {

/*
 * Gaussian elimination with partial pivoting, right-looking and in panels (Golub & Van Loan 2013,
 * 3.4 and 3.2.11).  Eight pivots at a time are subtracted as one sum of fixed order.  So bits
 * depend neither on the width of vectors nor on the size of caches, by which a library chooses its
 * blocks.
 *
 * Asks control every few milliseconds; throws Error(cancelled).
 */
class Factorisation {
 public:
  /* `matrix`: n * n entries, row by row. */
  Factorisation(std::vector<double> matrix, std::size_t n, Control& control);

  /* Whether a pivot is only rounding error of the largest one, or one is not finite. */
  bool is_singular() const;

  /* L, without its diagonal of ones, and U in one square. */
  double at(std::size_t row, std::size_t column) const { return entries_[row * n_ + column]; }
  /* The row of the matrix that became this row of the factors. */
  std::size_t source_of(std::size_t row) const { return source_[row]; }

  /* The x of A x = right. */
  std::vector<double> solve(std::span<const double> right, Control& control) const;

 private:
  std::size_t n_;
  std::vector<double> entries_;  // row by row
  std::vector<std::size_t> source_;
};

}  // namespace sim
