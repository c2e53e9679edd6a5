/*
 * direct.cpp -- takes what elimination gave where it is good; else factors I - A with Eigen, and
 * applies one factorisation to many lanes side by side.
 */
#include "solve/direct.hpp"

#include <algorithm>
#include <cmath>

#include "core/eigen.hpp"
#include "model/program.hpp"
#include "solve/lanes.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

/* Loops of so few unknowns, which most are, need no memory but the stack. */
constexpr int kSmall = 8;
/* From here on a lane takes long enough to ask for cancellation before it. */
constexpr std::size_t kLarge = 64;

using SmallMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kSmall, kSmall>;
using LargeMatrix = Eigen::MatrixXd;

/* I - A of one lane. */
template <class Matrix>
Matrix lane_matrix(LoopSystem& system, std::size_t lane) {
  const auto n = static_cast<Eigen::Index>(system.size());
  Matrix matrix = Matrix::Identity(n, n);
  for (const JacobianColumn& entry : system.jacobian())
    matrix(entry.row, entry.column) -= entry.value[lane];
  return matrix;
}

/* A pivot that is only rounding error of the largest one is zero. */
template <class Decomposition>
bool is_singular(const Decomposition& factors) {
  const auto pivots = factors.matrixLU().diagonal().cwiseAbs();
  const double limit = kSingular * static_cast<double>(factors.rows()) * pivots.maxCoeff();
  return !(pivots.minCoeff() > limit) || !std::isfinite(pivots.maxCoeff());
}

/* False for a singular matrix, or one that failed. */
template <class Matrix>
bool solve_lane(LoopSystem& system, std::size_t lane) {
  const auto n = static_cast<Eigen::Index>(system.size());
  const Matrix matrix = lane_matrix<Matrix>(system, lane);
  if (!matrix.allFinite()) return false;
  const Eigen::PartialPivLU<Matrix> factors(matrix);
  if (is_singular(factors)) return false;
  Eigen::Matrix<double, Eigen::Dynamic, 1, 0, Matrix::MaxRowsAtCompileTime, 1> right(n);
  for (Eigen::Index i = 0; i < n; ++i) right(i) = system.value(static_cast<std::size_t>(i))[lane];
  right = factors.solve(right).eval();
  for (Eigen::Index i = 0; i < n; ++i) system.unknown(static_cast<std::size_t>(i))[lane] = right(i);
  return true;
}

template <class Matrix>
void solve_or_fail(LoopSystem& system, std::size_t lane) {
  if (!solve_lane<Matrix>(system, lane)) fail_lane(system, lane);
}

/* Factors the matrix of one lane and solves, with pivots as that lane's values want them. */
void factor_lane(LoopSystem& system, std::size_t lane, Control& control) {
  if (system.size() > kLarge) stop_if_asked(control);
  if (system.size() <= kSmall)
    solve_or_fail<SmallMatrix>(system, lane);
  else
    solve_or_fail<LargeMatrix>(system, lane);
}

/* Takes what elimination in a fixed order gave, and factors the lanes where that was not good. */
void take_eliminated(LoopSystem& system, Control& control) {
  const std::size_t lanes = system.lanes();
  for (std::size_t i = 0; i < system.size(); ++i)
    std::copy_n(system.eliminated(i), lanes, system.unknown(i));
  const double* trusted = system.trusted();
  if (trusted == nullptr) return;
  for (std::size_t lane = 0; lane < lanes; ++lane)
    if (trusted[lane] != 1) factor_lane(system, lane, control);
}

/* Largest |A x + b - x| of each lane. */
std::vector<double> residuals_of(LoopSystem& system) {
  const std::size_t lanes = system.lanes();
  std::vector<double> largest(lanes, 0.0);
  std::vector<double> right(lanes);
  const std::span<const JacobianColumn> slopes = system.jacobian();
  auto entry = slopes.begin();
  for (std::size_t row = 0; row < system.size(); ++row) {
    std::copy_n(system.value(row), lanes, right.data());
    for (; entry != slopes.end() && entry->row == row; ++entry) {
      const double* x = system.unknown(entry->column);
      dispatch<AddProduct>(entry->value, x, right.data(), lanes);
    }
    const double* x = system.unknown(row);
    dispatch<LargestDifference>(right.data(), x, largest.data(), lanes);
  }
  return largest;
}

std::vector<LaneOutcome> outcomes_of(LoopSystem& system) {
  const std::vector<double> residuals = residuals_of(system);
  std::vector<LaneOutcome> outcomes(system.lanes());
  for (std::size_t lane = 0; lane < outcomes.size(); ++lane) {
    outcomes[lane].iterations = 1;
    remember(outcomes[lane], residuals[lane]);
    outcomes[lane].converged = std::isfinite(residuals[lane]);
  }
  return outcomes;
}

struct SubtractScaled {
  SIM_INLINE static void run(double factor, const double* y, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] -= factor * y[i];
  }
};

struct DivideBy {
  SIM_INLINE static void run(double divisor, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] /= divisor;
  }
};

}  // namespace

/* L and U of P (I - A) in one square, row by row, and P as the place each row goes to. */
struct DirectSolver::Factors {
  explicit Factors(LoopSystem& system) : n(system.size()), lu(n * n), place(n) {
    const Eigen::PartialPivLU<LargeMatrix> factors(lane_matrix<LargeMatrix>(system, 0));
    singular = is_singular(factors);
    for (std::size_t row = 0; row < n; ++row) {
      const auto i = static_cast<Eigen::Index>(row);
      place[row] = static_cast<std::size_t>(factors.permutationP().indices()(i));
      for (std::size_t column = 0; column < n; ++column)
        lu[row * n + column] = factors.matrixLU()(i, static_cast<Eigen::Index>(column));
    }
  }

  void apply(LoopSystem& system) const {
    const std::size_t lanes = system.lanes();
    for (std::size_t row = 0; row < n; ++row)
      std::copy_n(system.value(row), lanes, system.unknown(place[row]));
    for (std::size_t row = 1; row < n; ++row)
      for (std::size_t column = 0; column < row; ++column) subtract(system, row, column);
    for (std::size_t row = n; row-- > 0;) {
      for (std::size_t column = row + 1; column < n; ++column) subtract(system, row, column);
      dispatch<DivideBy>(lu[row * n + row], system.unknown(row), lanes);
    }
  }

  void subtract(LoopSystem& system, std::size_t row, std::size_t column) const {
    const double factor = lu[row * n + column];
    const double* y = system.unknown(column);
    if (factor != 0) dispatch<SubtractScaled>(factor, y, system.unknown(row), system.lanes());
  }

  std::size_t n;
  std::vector<double> lu;
  std::vector<std::size_t> place;
  bool singular = false;
};

DirectSolver::DirectSolver() = default;
DirectSolver::~DirectSolver() = default;

void DirectSolver::forget() { factors_.reset(); }

void DirectSolver::apply_factors(LoopSystem& system) {
  if (!factors_) factors_ = std::make_unique<Factors>(system);
  if (!factors_->singular) return factors_->apply(system);
  for (std::size_t lane = 0; lane < system.lanes(); ++lane) fail_lane(system, lane);
}

std::vector<LaneOutcome> DirectSolver::solve(LoopSystem& system, bool uniform,
                                             const SolveOptions& options, Control& control) {
  stop_if_asked(control);
  if (system.eliminated(0) != nullptr)
    take_eliminated(system, control);
  else if (uniform)
    apply_factors(system);
  else
    for (std::size_t lane = 0; lane < system.lanes(); ++lane) factor_lane(system, lane, control);
  if (!options.report) return {};
  return outcomes_of(system);
}

}  // namespace sim
