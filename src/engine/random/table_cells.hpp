/*
 * table_cells.hpp -- the polynomials of a quantile table.
 *
 * Each half of a distribution is cut into cells by t, the probability beyond x: every power of two
 * from 2^-17 to 1/2 into equally many.  A cell's polynomial is in the distance from its outer end,
 * where 1 is the length of its power of two.
 */
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "core/instruction_set.hpp"
#include "random/pearson.hpp"

namespace sim {

inline constexpr double kTableBegin = 0x1p-17;
inline constexpr int kTableOctaves = 16;  // up to 1/2
inline constexpr std::size_t kTableDegree = 7;

/* The coefficients of a polynomial, lowest power first: a line of cache. */
struct alignas(64) TableCell {
  std::array<double, kTableDegree + 1> coefficients;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target
template <class Number>
SIM_INLINE Number evaluate_cell(const Number* c, const Number& s) {
  return ((((((c[7] * s + c[6]) * s + c[5]) * s + c[4]) * s + c[3]) * s + c[2]) * s + c[1]) * s +
         c[0];
}
#pragma GCC diagnostic pop

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

/* The cells of the lower half, then of the upper one, both from the tail inwards; nothing where the
 * accuracy is not reached. */
using TableCells = std::optional<std::vector<TableCell>>;

/* 2^bits cells in every power of two. */
TableCells make_table_cells(const Tail& lower, const Tail& upper, int bits);

/* What the cells of all lognormal distributions are made from: a walk along the normal one. */
class LognormalCells {
 public:
  static constexpr int kBits = 4;

  /* `lower`: the tail of the standard normal distribution. */
  explicit LognormalCells(const Tail& lower);

  /* Of the distribution of exp(sdlog z), z standard normal, with 2^kBits cells in every power of
   * two. */
  TableCells make(double sdlog) const;

 private:
  friend struct FillLognormalCells;
  static constexpr std::size_t kCount = std::size_t{kTableOctaves} << kBits;  // in one half
  static constexpr std::size_t kLanes = 8;

  /* Cells side by side. */
  struct Group {
    std::array<std::array<double, kLanes>, kSeriesOrder + 1> slopes;  // k times coefficient k
    std::array<double, kLanes> largest_error;  // of a polynomial, as a part of coefficient 1
  };

  std::array<double, kCount> middles_;
  std::array<Group, kCount / kLanes> groups_;
};

}  // namespace sim
