/*
 * spectral_radius.cpp -- the largest eigenvalue of a small matrix, by size.
 */
#include <algorithm>
#include <cmath>

#include "core/eigen.hpp"
#include "solve/methods.hpp"

namespace sim {

double spectral_radius(std::span<const double> matrix, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  for (const double entry : matrix)
    if (!std::isfinite(entry)) return std::numeric_limits<double>::quiet_NaN();
  const Eigen::Map<const Eigen::MatrixXd> entries(matrix.data(), n, n);
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(entries, false);
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
