/*
 * core_eigen_test.cpp -- misuse of a matrix throws in every build and never aborts.
 */
#include "core/eigen.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(Eigen, ThrowsWhereShapesDoNotFit) {
  Eigen::MatrixXd a(2, 2);
  const Eigen::MatrixXd b = Eigen::MatrixXd::Zero(3, 3);
  a.setZero();
  EXPECT_THROW(a += a * b, EigenMisuse);
}

TEST(Eigen, ThrowsForAnIndexOutside) {
  const Eigen::VectorXd v = Eigen::VectorXd::Zero(3);
  EXPECT_THROW(static_cast<void>(v(3)), EigenMisuse);
}

TEST(Eigen, SolvesALinearSystem) {
  Eigen::Matrix2d a;
  a << 2, 1, 1, 3;
  const Eigen::Vector2d x = a.partialPivLu().solve(Eigen::Vector2d(3, 5));
  EXPECT_NEAR(x[0], 0.8, 1e-15);
  EXPECT_NEAR(x[1], 1.4, 1e-15);
}

}  // namespace
}  // namespace sim
