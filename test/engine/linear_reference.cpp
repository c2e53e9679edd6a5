/*
 * linear_reference.cpp -- the tests' only use of Eigen's decompositions with long double.
 */
#include "linear_reference.hpp"

#include <gtest/gtest.h>

#include "core/eigen.hpp"

namespace sim::testing {
namespace {

using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using Vector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

}  // namespace

void expect_solution(const LinearSystem& system, const std::vector<double>& found) {
  const int n = system.size;
  ASSERT_EQ(found.size(), system.right.size());
  Matrix matrix = Matrix::Identity(n, n);
  Vector right(n);
  for (int row = 0; row < n; ++row) {
    right(row) = system.b(row);
    for (int column = 0; column < n; ++column) matrix(row, column) -= system.a(row, column);
  }
  const Eigen::FullPivLU<Matrix> factors(matrix);
  const Vector wanted = factors.solve(right);
  const long double condition = matrix.norm() * factors.inverse().norm();
  for (int i = 0; i < n; ++i)
    EXPECT_NEAR(found[static_cast<std::size_t>(i)], static_cast<double>(wanted(i)),
                static_cast<double>(1e-14L * condition * wanted.norm()));
}

}  // namespace sim::testing
