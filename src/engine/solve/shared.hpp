/*
 * shared.hpp -- small pieces the methods share; for the files of this room only.
 */
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "solve/loop_system.hpp"

namespace sim {

inline void stop_if_asked(Control& control) {
  if (control.stop_requested()) throw Error(ErrorKind::cancelled, "cancelled while solving a loop");
}

/* Asks once in so many products, which take 1 to 4 ms. */
class AskingControl {
 public:
  explicit AskingControl(Control& control) : control_(control) {}
  void spend(std::size_t products) {
    spent_ += products;
    if (spent_ < kPatience) return;
    spent_ = 0;
    stop_if_asked(control_);
  }

 private:
  static constexpr std::size_t kPatience = std::size_t{1} << 21;

  Control& control_;
  std::size_t spent_ = 0;
};

/* I - A of one lane, or I - J, row by row. */
inline std::vector<double> newton_matrix(LoopSystem& system, std::size_t lane, Control& control) {
  const std::size_t n = system.size();
  AskingControl asking(control);
  std::vector<double> matrix;
  matrix.reserve(n * n);
  // Row by row, for memory that is touched for the first time takes its time, too.
  const std::span<const JacobianColumn> slopes = system.jacobian();
  auto entry = slopes.begin();
  for (std::size_t row = 0; row < n; ++row) {
    matrix.resize((row + 1) * n);
    double* values = matrix.data() + row * n;
    values[row] = 1;
    for (; entry != slopes.end() && entry->row == row; ++entry)
      values[entry->column] -= entry->value[lane];
    asking.spend(2 * n);
  }
  return matrix;
}

/* The larger one, NaN if either is: a NaN must not look like a small residual. */
inline double larger(double a, double b) { return a > b || std::isnan(a) ? a : b; }

inline void fail_lane(LoopSystem& system, std::size_t lane) {
  for (std::size_t i = 0; i < system.size(); ++i)
    system.unknown(i)[lane] = std::numeric_limits<double>::quiet_NaN();
}

/* Largest |g(x) - x| of a lane after evaluate(). */
inline double lane_residual(LoopSystem& system, std::size_t lane) {
  double largest = 0;
  for (std::size_t i = 0; i < system.size(); ++i)
    largest = larger(largest, std::fabs(system.value(i)[lane] - system.unknown(i)[lane]));
  return largest;
}

}  // namespace sim
