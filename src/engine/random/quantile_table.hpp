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
 * from one cell to the next.  A table is made by the same scalar operations on every CPU, so draws
 * have the same bits everywhere.
 */
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "random/pearson.hpp"

namespace sim {

/* One end of a distribution, seen from outside: t is the probability beyond x. */
struct Tail {
  PearsonDensity pearson;
  std::function<double(double)> quantile;     // x at t
  std::function<double(double)> probability;  // t at x
  std::function<double(double)> density;      // at x
  double direction;                           // 1 where x rises with t, -1 where it falls
  // The value drawn is origin + scale * x.
  double origin = 0;
  double scale = 1;
};

class QuantileTable {
 public:
  /* `direct`: the quantile where the table ends. Nothing where the accuracy is not reached. */
  static std::optional<QuantileTable> make(const Tail& lower, const Tail& upper,
                                           std::function<double(double)> direct);

  /* x[i] is the quantile of u[i], 0 < u[i] < 1, for i < n; u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n) const;

 private:
  /* The coefficients of a polynomial, lowest power first: a line of cache. */
  struct alignas(64) Cell {
    std::array<double, 8> coefficients;
  };

  QuantileTable(int bits, std::function<double(double)> direct);
  bool fill(const Tail& tail);
  void add_cell(const Tail& tail, const QuantileSeries& series, double rest);
  void join();
  void apply_block(const double* u, double* x, std::size_t n) const;

  int bits_;                 // every power of two is cut into 2^bits cells
  std::vector<Cell> cells_;  // of the lower half, then of the upper one, both from the tail inwards
  std::function<double(double)> direct_;
};

}  // namespace sim
