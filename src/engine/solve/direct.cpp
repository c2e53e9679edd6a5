/*
 * direct.cpp -- linear loops: one factorisation, no iteration.
 */
#include <cmath>

#include "core/eigen.hpp"
#include "solve/methods.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Factors = Eigen::PartialPivLU<Matrix>;

/* I - A of one lane. */
Matrix lane_matrix(LoopSystem& system, std::size_t lane) {
  const auto n = static_cast<Eigen::Index>(system.size());
  Matrix matrix = Matrix::Identity(n, n);
  for (const JacobianColumn& entry : system.jacobian()) matrix(entry.row, entry.column) -= entry.value[lane];
  return matrix;
}

/* Residual of x = A x + b, and whether the solution is one: a singular matrix gives infinities or a large residual. */
LaneOutcome judge(LoopSystem& system, std::size_t lane) {
  LaneOutcome outcome;
  outcome.iterations = 1;
  std::vector<double> right(system.size());
  double scale = 1;
  for (std::size_t i = 0; i < right.size(); ++i) {
    right[i] = system.value(i)[lane];
    scale = larger(scale, std::fabs(right[i]));
  }
  for (const JacobianColumn& entry : system.jacobian()) {
    const double part = entry.value[lane] * system.unknown(entry.column)[lane];
    right[entry.row] += part;
    scale = larger(scale, std::fabs(part));
  }
  double residual = 0;
  for (std::size_t i = 0; i < right.size(); ++i) residual = larger(residual, std::fabs(right[i] - system.unknown(i)[lane]));
  remember(outcome, residual);
  outcome.converged = std::isfinite(residual) && residual <= 1e-6 * scale;
  return outcome;
}

/* Applies one factorisation to all lanes, lanes side by side. */
void apply_to_lanes(LoopSystem& system, const Factors& factors) {
  const auto n = static_cast<std::size_t>(factors.rows());
  const std::size_t lanes = system.lanes();
  const auto& order = factors.permutationP().indices();
  const Matrix& lu = factors.matrixLU();
  for (std::size_t i = 0; i < n; ++i) {
    double* x = system.unknown(static_cast<std::size_t>(order(static_cast<Eigen::Index>(i))));
    const double* b = system.value(i);
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = b[lane];
  }
  const auto subtract = [&](std::size_t to, std::size_t from, double factor) {
    double* x = system.unknown(to);
    const double* y = system.unknown(from);
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] -= factor * y[lane];
  };
  const auto entry = [&](std::size_t row, std::size_t column) { return lu(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)); };
  for (std::size_t row = 1; row < n; ++row)
    for (std::size_t column = 0; column < row; ++column)
      if (entry(row, column) != 0) subtract(row, column, entry(row, column));
  for (std::size_t row = n; row-- > 0;) {
    for (std::size_t column = row + 1; column < n; ++column)
      if (entry(row, column) != 0) subtract(row, column, entry(row, column));
    double* x = system.unknown(row);
    const double pivot = entry(row, row);
    for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] /= pivot;
  }
}

void solve_lane(LoopSystem& system, std::size_t lane) {
  const auto n = static_cast<Eigen::Index>(system.size());
  Vector right(n);
  for (Eigen::Index i = 0; i < n; ++i) right(i) = system.value(static_cast<std::size_t>(i))[lane];
  const Vector solution = Factors(lane_matrix(system, lane)).solve(right);
  for (Eigen::Index i = 0; i < n; ++i) system.unknown(static_cast<std::size_t>(i))[lane] = solution(i);
}

}  // namespace

std::vector<LaneOutcome> solve_direct(LoopSystem& system, bool uniform, const SolveOptions&, Control& control) {
  stop_if_asked(control);
  if (uniform) {
    apply_to_lanes(system, Factors(lane_matrix(system, 0)));
  } else {
    for (std::size_t lane = 0; lane < system.lanes(); ++lane) {
      solve_lane(system, lane);
      if (system.size() > 32) stop_if_asked(control);
    }
  }
  std::vector<LaneOutcome> outcomes(system.lanes());
  for (std::size_t lane = 0; lane < outcomes.size(); ++lane) {
    outcomes[lane] = judge(system, lane);
    if (!outcomes[lane].converged) fail_lane(system, lane);
  }
  return outcomes;
}

}  // namespace sim
