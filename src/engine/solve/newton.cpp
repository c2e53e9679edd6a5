/*
 * newton.cpp -- loops that are not linear: Newton's method, lanes in lock-step, each with its own
 * line search.
 */
#include <cmath>

#include "core/eigen.hpp"
#include "solve/methods.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

/* A step shorter than 2^-12 of Newton's leads nowhere. */
constexpr int kMaxHalvings = 12;
/* Steps after convergence, to take the residual down to rounding. */
constexpr int kMaxPolishing = 8;
/* Where no start value is given and g or its slopes are not finite at zero, these are tried for all
 * unknowns. */
constexpr double kOtherStarts[] = {1, 0.1, 10, -1};
/* Residuals up to this are rounding, relative to the unknowns; above it one doubts. */
constexpr double kRounding = 1e-12;
/* A residual that grows to this in one round shows a jump, relative to the unknowns. */
constexpr double kJump = 1e-3;

enum class LaneState : std::uint8_t { searching, polishing, done, lost };

class Newton {
 public:
  Newton(LoopSystem& system, const SolveOptions& options, Control& control)
      : system_(system),
        options_(options),
        control_(control),
        n_(system.size()),
        lanes_(system.lanes()),
        states_(lanes_, LaneState::searching),
        outcomes_(lanes_),
        start_(n_ * lanes_),
        position_(n_ * lanes_),
        step_(n_ * lanes_),
        norm_(lanes_),
        polished_(lanes_, 0) {}

  std::vector<LaneOutcome> run() {
    begin();
    iterate();
    reject_jumps();
    if (fall_back()) iterate();
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (outcomes_[lane].converged) outcomes_[lane].residual = norm_[lane];
    return std::move(outcomes_);
  }

 private:
  bool active(std::size_t lane) const {
    return states_[lane] == LaneState::searching || states_[lane] == LaneState::polishing;
  }

  bool working() const {
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (active(lane)) return true;
    return false;
  }

  double& at(std::vector<double>& values, std::size_t i, std::size_t lane) {
    return values[i * lanes_ + lane];
  }

  void iterate() {
    for (std::int64_t round = 0; round < options_.iterations + kMaxPolishing && working();
         ++round) {
      stop_if_asked(control_);
      system_.evaluate_jacobian();
      for (std::size_t lane = 0; lane < lanes_; ++lane)
        if (active(lane)) find_step(lane, round);
      line_search();
    }
  }

  /* A start is usable where the formulas and their slopes are finite; sqrt(x) has none at 0. */
  bool usable(std::size_t lane) const {
    if (!std::isfinite(norm_[lane])) return false;
    for (const JacobianColumn& entry : system_.jacobian())
      if (!std::isfinite(entry.value[lane])) return false;
    return true;
  }

  void evaluate_all() {
    system_.evaluate();
    system_.evaluate_jacobian();
    for (std::size_t lane = 0; lane < lanes_; ++lane) norm_[lane] = lane_residual(system_, lane);
  }

  void begin() {
    save(start_);
    evaluate_all();
    for (const double other : kOtherStarts) {
      bool moved = false;
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        if (usable(lane)) continue;
        for (std::size_t i = 0; i < n_; ++i)
          if (!system_.has_start(i)) system_.unknown(i)[lane] = other;
        moved = true;
      }
      if (!moved) break;
      evaluate_all();
    }
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (!std::isfinite(norm_[lane])) states_[lane] = LaneState::lost;
    save(position_);
  }

  void save(std::vector<double>& to) {
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t lane = 0; lane < lanes_; ++lane) at(to, i, lane) = system_.unknown(i)[lane];
  }

  /* Newton's step solves (J - I) step = x - g(x). */
  void find_step(std::size_t lane, std::int64_t round) {
    if (states_[lane] == LaneState::searching) {
      if (round >= options_.iterations) {
        states_[lane] = LaneState::lost;
        return;
      }
      outcomes_[lane].iterations = round + 1;
    } else if (++polished_[lane] > kMaxPolishing) {
      states_[lane] = LaneState::done;
      return;
    }
    const auto n = static_cast<Eigen::Index>(n_);
    Eigen::MatrixXd matrix = -Eigen::MatrixXd::Identity(n, n);
    for (const JacobianColumn& entry : system_.jacobian())
      matrix(entry.row, entry.column) += entry.value[lane];
    Eigen::VectorXd right(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      right(i) = system_.unknown(k)[lane] - system_.value(k)[lane];
    }
    const Eigen::VectorXd step = Eigen::PartialPivLU<Eigen::MatrixXd>(matrix).solve(right);
    for (Eigen::Index i = 0; i < n; ++i) {
      at(step_, static_cast<std::size_t>(i), lane) = step(i);
      if (!std::isfinite(step(i)))
        states_[lane] = states_[lane] == LaneState::polishing ? LaneState::done : LaneState::lost;
    }
  }

  void line_search() {
    std::vector<bool> open(lanes_);
    for (std::size_t lane = 0; lane < lanes_; ++lane) open[lane] = active(lane);
    double length = 1;
    for (int halving = 0; halving <= kMaxHalvings; ++halving, length /= 2) {
      bool any = false;
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        if (!open[lane]) continue;
        any = true;
        for (std::size_t i = 0; i < n_; ++i)
          system_.unknown(i)[lane] = at(position_, i, lane) + length * at(step_, i, lane);
      }
      if (!any) break;
      system_.evaluate();
      for (std::size_t lane = 0; lane < lanes_; ++lane)
        if (open[lane] && try_accept(lane, length)) open[lane] = false;
    }
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (!open[lane]) continue;
      restore(lane);
      // No shorter residual along the step: at the solution that is rounding, elsewhere it is
      // failure.
      const bool solved = states_[lane] == LaneState::polishing || small_step(lane, 1);
      outcomes_[lane].converged = outcomes_[lane].converged || solved;
      states_[lane] = solved ? LaneState::done : LaneState::lost;
    }
  }

  bool try_accept(std::size_t lane, double length) {
    const double norm = lane_residual(system_, lane);
    if (states_[lane] == LaneState::polishing) {
      if (norm < norm_[lane]) {
        accept(lane, norm);
      } else {
        restore(lane);
        states_[lane] = LaneState::done;
      }
      return true;
    }
    if (!(norm <= norm_[lane] * (1 - 1e-4 * length))) return false;
    const bool converged = small_step(lane, length);
    accept(lane, norm);
    if (converged) {
      outcomes_[lane].converged = true;
      states_[lane] = norm == 0 ? LaneState::done : LaneState::polishing;
    }
    return true;
  }

  bool small_step(std::size_t lane, double length) {
    for (std::size_t i = 0; i < n_; ++i) {
      const double x = at(position_, i, lane);
      if (!(std::fabs(length * at(step_, i, lane)) <= options_.tolerance * (1 + std::fabs(x))))
        return false;
    }
    return true;
  }

  void accept(std::size_t lane, double norm) {
    norm_[lane] = norm;
    remember(outcomes_[lane], norm);
    for (std::size_t i = 0; i < n_; ++i) at(position_, i, lane) = system_.unknown(i)[lane];
  }

  void restore(std::size_t lane) {
    for (std::size_t i = 0; i < n_; ++i) system_.unknown(i)[lane] = at(position_, i, lane);
  }

  double scale(std::size_t lane) const {
    double largest = 1;
    for (std::size_t i = 0; i < n_; ++i)
      largest = larger(largest, std::fabs(position_[i * lanes_ + lane]));
    return largest;
  }

  /*
   * Just before a jump, as floor(x) and conditions make them, g(x) comes as near to x as one likes
   * without being equal.  That is no solution: at g(x), one round further, nothing is near any
   * more.
   */
  void reject_jumps() {
    std::vector<std::size_t> doubtful;
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (outcomes_[lane].converged && norm_[lane] > kRounding * scale(lane))
        doubtful.push_back(lane);
    if (doubtful.empty()) return;
    for (const std::size_t lane : doubtful) restore(lane);
    system_.evaluate();
    std::vector<double> next;
    for (const std::size_t lane : doubtful)
      for (std::size_t i = 0; i < n_; ++i) next.push_back(system_.value(i)[lane]);
    for (std::size_t k = 0; k < next.size(); ++k)
      system_.unknown(k % n_)[doubtful[k / n_]] = next[k];
    system_.evaluate();
    for (const std::size_t lane : doubtful) {
      if (!(lane_residual(system_, lane) <= kJump * scale(lane))) {
        outcomes_[lane].converged = false;
        states_[lane] = LaneState::lost;
      }
      restore(lane);
    }
  }

  /* Lanes without a solution go on by damped fixed point from their start, and what that finds is
   * polished. */
  bool fall_back() {
    std::vector<bool> open(lanes_, false);
    bool any = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (outcomes_[lane].converged) continue;
      open[lane] = any = true;
      for (std::size_t i = 0; i < n_; ++i) system_.unknown(i)[lane] = at(start_, i, lane);
    }
    if (!any) return false;
    solve_damped(system_, options_, open, outcomes_, control_);
    save(position_);
    evaluate_all();
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (open[lane] && outcomes_[lane].converged) states_[lane] = LaneState::polishing;
    return true;
  }

  LoopSystem& system_;
  const SolveOptions& options_;
  Control& control_;
  const std::size_t n_;
  const std::size_t lanes_;
  std::vector<LaneState> states_;
  std::vector<LaneOutcome> outcomes_;
  std::vector<double> start_;
  std::vector<double> position_;
  std::vector<double> step_;
  std::vector<double> norm_;
  std::vector<int> polished_;
};

}  // namespace

std::vector<LaneOutcome> solve_newton(LoopSystem& system, const SolveOptions& options,
                                      Control& control) {
  return Newton(system, options, control).run();
}

}  // namespace sim
