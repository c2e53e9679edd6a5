/*
 * contraction.cpp -- how fast plain iteration of a loop would converge, from its slopes.
 */
#include <algorithm>
#include <cmath>

#include "core/eigen.hpp"
#include "solve/methods.hpp"

namespace sim {

double gauss_seidel_contraction(std::size_t unknowns, std::span<const Slope> slopes,
                                std::span<const std::uint32_t> text_order) {
  constexpr std::size_t kLargest = 200;
  if (unknowns > kLargest) return std::numeric_limits<double>::quiet_NaN();
  std::vector<Eigen::Index> place(unknowns);
  for (std::size_t i = 0; i < unknowns; ++i) place[text_order[i]] = static_cast<Eigen::Index>(i);
  const auto n = static_cast<Eigen::Index>(unknowns);
  Eigen::MatrixXd lower = Eigen::MatrixXd::Identity(n, n);
  Eigen::MatrixXd upper = Eigen::MatrixXd::Zero(n, n);
  for (const Slope& slope : slopes) {
    if (!std::isfinite(slope.value)) return std::numeric_limits<double>::quiet_NaN();
    const Eigen::Index row = place[slope.row];
    const Eigen::Index column = place[slope.column];
    if (column < row)
      lower(row, column) -= slope.value;
    else
      upper(row, column) += slope.value;
  }
  const Eigen::MatrixXd iteration = lower.triangularView<Eigen::UnitLower>().solve(upper);
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(iteration, false);
  if (solver.info() != Eigen::Success) return std::numeric_limits<double>::quiet_NaN();
  double radius = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double re = solver.eigenvalues()(i).real();
    const double im = solver.eigenvalues()(i).imag();
    radius = std::max(radius, std::sqrt(re * re + im * im));
  }
  return radius;
}

}  // namespace sim
