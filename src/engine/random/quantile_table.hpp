/*
 * quantile_table.hpp -- a quantile function as a piecewise polynomial.
 *
 * The idea is that of numerical inversion (G. Derflinger, W. Hoermann, J. Leydold, "Random variate
 * generation by numerical inversion when only the density is known", ACM TOMACS 20(4), 2010): the
 * work is done once, and a draw is a look-up and a polynomial.  Here a cell is found from the bits
 * of t = min(u, 1 - u): every power of two from 2^-17 to 1/2 is cut into equal cells, so the error
 * stays small against t in both tails.  Below 2^-17 the quantile is computed directly.
 *
 * |F(x) - u| <= 1e-12 min(u, 1 - u), apart from two units in the last place of x; x does not fall
 * from one cell to the next.  A table is made by the same operations on every CPU, so draws have
 * the same bits everywhere.
 */
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "random/table_cells.hpp"

namespace sim {

/* x becomes origin + scale x. */
struct Affine {
  double origin = 0;
  double scale = 1;
};

class QuantileTable {
 public:
  /* Of 2^bits cells in every power of two. `direct`: the quantile where the table ends. */
  QuantileTable(int bits, std::vector<TableCell> cells, std::function<double(double)> direct);

  /* With as many cells as the accuracy needs; nothing where it is not reached. */
  static std::optional<QuantileTable> make(const Tail& lower, const Tail& upper,
                                           std::function<double(double)> direct);

  /* x[i] is the quantile of u[i] for i < n, mapped; NaN where u[i] is not strictly between 0 and 1.
   * u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n, Affine map = {}) const;

 private:
  void apply_block(const double* u, double* x, std::size_t n, Affine map) const;
  void apply_directly(const double* u, double* x, Affine map) const;

  int bits_;
  std::vector<TableCell> cells_;
  std::function<double(double)> direct_;
};

}  // namespace sim
