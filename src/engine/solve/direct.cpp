/*
 * direct.cpp -- takes what elimination gave where it is good; else factors I - A with Eigen, and
 * applies one factorisation to many lanes side by side.
 */
#include "solve/direct.hpp"

#include <algorithm>
#include <cmath>

#include "core/eigen.hpp"
#include "model/program.hpp"
#include "solve/factorisation.hpp"
#include "solve/lanes.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

/* Loops of so few unknowns, which most are, need no memory but the stack. */
constexpr int kSmall = 8;
using SmallMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kSmall, kSmall>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kSmall, 1>;

/* A pivot that is only rounding error of the largest one is zero. */
bool is_singular(const Eigen::PartialPivLU<SmallMatrix>& factors) {
  const auto pivots = factors.matrixLU().diagonal().cwiseAbs();
  const double limit = kSingular * static_cast<double>(factors.rows()) * pivots.maxCoeff();
  return !(pivots.minCoeff() > limit) || !std::isfinite(pivots.maxCoeff());
}

/* False for a singular matrix, or one that failed. */
bool solve_small(LoopSystem& system, std::size_t lane) {
  const auto n = static_cast<Eigen::Index>(system.size());
  SmallMatrix matrix = SmallMatrix::Identity(n, n);
  for (const JacobianColumn& entry : system.jacobian())
    matrix(entry.row, entry.column) -= entry.value[lane];
  if (!matrix.allFinite()) return false;
  const Eigen::PartialPivLU<SmallMatrix> factors(matrix);
  if (is_singular(factors)) return false;
  SmallVector right(n);
  for (Eigen::Index i = 0; i < n; ++i) right(i) = system.value(static_cast<std::size_t>(i))[lane];
  right = factors.solve(right).eval();
  for (Eigen::Index i = 0; i < n; ++i) system.unknown(static_cast<std::size_t>(i))[lane] = right(i);
  return true;
}

bool solve_large(LoopSystem& system, std::size_t lane, Control& control) {
  const std::size_t n = system.size();
  std::vector<double> matrix = newton_matrix(system, lane, control);
  const bool finite =
      std::all_of(matrix.begin(), matrix.end(), [](double entry) { return std::isfinite(entry); });
  if (!finite) return false;
  const Factorisation factors(std::move(matrix), n, control);
  if (factors.is_singular()) return false;
  std::vector<double> right(n);
  for (std::size_t i = 0; i < n; ++i) right[i] = system.value(i)[lane];
  right = factors.solve(right, control);
  for (std::size_t i = 0; i < n; ++i) system.unknown(i)[lane] = right[i];
  return true;
}

/* Factors the matrix of one lane and solves, with pivots as that lane's values want them. */
void factor_lane(LoopSystem& system, std::size_t lane, Control& control) {
  const bool solved =
      system.size() <= kSmall ? solve_small(system, lane) : solve_large(system, lane, control);
  if (!solved) fail_lane(system, lane);
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
std::vector<double> residuals_of(LoopSystem& system, Control& control) {
  const std::size_t lanes = system.lanes();
  std::vector<double> largest(lanes, 0.0);
  std::vector<double> right(lanes);
  AskingControl asking(control);
  const std::span<const JacobianColumn> slopes = system.jacobian();
  auto entry = slopes.begin();
  for (std::size_t row = 0; row < system.size(); ++row) {
    std::copy_n(system.value(row), lanes, right.data());
    for (; entry != slopes.end() && entry->row == row; ++entry) {
      const double* x = system.unknown(entry->column);
      dispatch<AddProduct>(entry->value, x, right.data(), lanes);
      asking.spend(lanes);
    }
    const double* x = system.unknown(row);
    dispatch<LargestDifference>(right.data(), x, largest.data(), lanes);
  }
  return largest;
}

std::vector<LaneOutcome> outcomes_of(LoopSystem& system, Control& control) {
  const std::vector<double> residuals = residuals_of(system, control);
  std::vector<LaneOutcome> outcomes(system.lanes());
  for (std::size_t lane = 0; lane < outcomes.size(); ++lane) {
    outcomes[lane].iterations = 1;
    remember(outcomes[lane], residuals[lane]);
    outcomes[lane].converged = std::isfinite(residuals[lane]);
  }
  return outcomes;
}

}  // namespace

/* Those of the first lane, applied to all. */
struct DirectSolver::Factors : Factorisation {
  Factors(LoopSystem& system, Control& control)
      : Factorisation(newton_matrix(system, 0, control), system.size(), control),
        singular(is_singular()) {}

  void apply(LoopSystem& system, Control& control) const {
    const std::size_t n = system.size();
    AskingControl asking(control);
    for (std::size_t row = 0; row < n; ++row)
      std::copy_n(system.value(source_of(row)), system.lanes(), system.unknown(row));
    for (std::size_t row = 1; row < n; ++row) {
      for (std::size_t column = 0; column < row; ++column) subtract(system, row, column);
      asking.spend(row * system.lanes());
    }
    for (std::size_t row = n; row-- > 0;) {
      for (std::size_t column = row + 1; column < n; ++column) subtract(system, row, column);
      dispatch<DivideBy>(at(row, row), system.unknown(row), system.lanes());
      asking.spend((n - row) * system.lanes());
    }
  }

  void subtract(LoopSystem& system, std::size_t row, std::size_t column) const {
    const double factor = at(row, column);
    const double* y = system.unknown(column);
    if (factor != 0) dispatch<SubtractMultiple>(factor, y, system.unknown(row), system.lanes());
  }

  bool singular;
};

DirectSolver::DirectSolver() = default;
DirectSolver::~DirectSolver() = default;

void DirectSolver::forget() { factors_.reset(); }

void DirectSolver::apply_factors(LoopSystem& system, Control& control) {
  if (!factors_) factors_ = std::make_unique<Factors>(system, control);
  if (!factors_->singular) return factors_->apply(system, control);
  for (std::size_t lane = 0; lane < system.lanes(); ++lane) fail_lane(system, lane);
}

std::vector<LaneOutcome> DirectSolver::solve(LoopSystem& system, bool uniform,
                                             const SolveOptions& options, Control& control) {
  stop_if_asked(control);
  if (system.eliminated(0) != nullptr)
    take_eliminated(system, control);
  else if (uniform)
    apply_factors(system, control);
  else
    for (std::size_t lane = 0; lane < system.lanes(); ++lane) factor_lane(system, lane, control);
  if (!options.report) return {};
  return outcomes_of(system, control);
}

}  // namespace sim
