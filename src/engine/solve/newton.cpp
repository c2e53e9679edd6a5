/*
 * newton.cpp -- loops that are not linear: start values for Newton's method, doubts about what it
 * finds, and what to do where it finds nothing.
 */
#include <algorithm>
#include <cmath>

#include "solve/lanes.hpp"
#include "solve/methods.hpp"
#include "solve/newton_search.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

/* Where no start value is given and g or its slopes are not finite at zero, these are tried for all
 * unknowns. */
constexpr double kOtherStarts[] = {1, 0.1, 10, -1};
/* Residuals up to this are rounding, relative to the unknowns; above it one doubts. */
constexpr double kRounding = 1e-12;
/* A residual that grows to this in one round shows a jump, relative to the unknowns. */
constexpr double kJump = 1e-3;

class Newton {
 public:
  Newton(LoopSystem& system, const SolveOptions& options, Control& control)
      : system_(system),
        options_(options),
        control_(control),
        n_(system.size()),
        lanes_(system.lanes()),
        all_{std::vector<LaneState>(lanes_, LaneState::searching), std::vector<double>(lanes_),
             std::vector<LaneOutcome>(lanes_)},
        start_(n_ * lanes_) {}

  std::vector<LaneOutcome> run() {
    begin();
    search_newton(system_, options_, all_, control_);
    reject_jumps();
    if (fall_back()) search_newton(system_, options_, all_, control_);
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (all_.outcomes[lane].converged) all_.outcomes[lane].residual = all_.norms[lane];
    return std::move(all_.outcomes);
  }

 private:
  void evaluate_all() {
    system_.evaluate();
    system_.evaluate_jacobian();
    std::fill(all_.norms.begin(), all_.norms.end(), 0.0);
    for (std::size_t i = 0; i < n_; ++i)
      dispatch<LargestDifference>(system_.value(i), system_.unknown(i), all_.norms.data(), lanes_);
  }

  /* A start is usable where the formulas and their slopes are finite; sqrt(x) has none at 0. */
  std::vector<double> usable() {
    std::vector<double> mark(lanes_, 1.0);
    dispatch<UnmarkNotFinite>(all_.norms.data(), mark.data(), lanes_);
    for (const JacobianColumn& entry : system_.jacobian())
      dispatch<UnmarkNotFinite>(entry.value, mark.data(), lanes_);
    return mark;
  }

  void begin() {
    for (std::size_t i = 0; i < n_; ++i)
      std::copy_n(system_.unknown(i), lanes_, start_.data() + i * lanes_);
    evaluate_all();
    for (const double other : kOtherStarts)
      if (!try_start(other)) break;
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (!std::isfinite(all_.norms[lane])) all_.states[lane] = LaneState::lost;
  }

  /* False if all lanes have a usable start. */
  bool try_start(double other) {
    const std::vector<double> mark = usable();
    if (std::find(mark.begin(), mark.end(), 0.0) == mark.end()) return false;
    for (std::size_t i = 0; i < n_; ++i) {
      if (system_.has_start(i)) continue;
      double* x = system_.unknown(i);
      for (std::size_t lane = 0; lane < lanes_; ++lane) x[lane] = mark[lane] != 0 ? x[lane] : other;
    }
    evaluate_all();
    return true;
  }

  double scale(std::size_t lane) const {
    double largest = 1;
    for (std::size_t i = 0; i < n_; ++i)
      largest = larger(largest, std::fabs(system_.unknown(i)[lane]));
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
      if (all_.outcomes[lane].converged && all_.norms[lane] > kRounding &&
          all_.norms[lane] > kRounding * scale(lane))
        doubtful.push_back(lane);
    if (doubtful.empty()) return;
    system_.evaluate();
    std::vector<double> found, next;
    for (const std::size_t lane : doubtful)
      for (std::size_t i = 0; i < n_; ++i) {
        found.push_back(system_.unknown(i)[lane]);
        next.push_back(system_.value(i)[lane]);
      }
    for (std::size_t k = 0; k < next.size(); ++k)
      system_.unknown(k % n_)[doubtful[k / n_]] = next[k];
    system_.evaluate();
    for (std::size_t k = 0; k < doubtful.size(); ++k) {
      const double residual = lane_residual(system_, doubtful[k]);
      for (std::size_t i = 0; i < n_; ++i) system_.unknown(i)[doubtful[k]] = found[k * n_ + i];
      if (residual <= kJump * scale(doubtful[k])) continue;
      all_.outcomes[doubtful[k]].converged = false;
      all_.states[doubtful[k]] = LaneState::lost;
    }
  }

  /* Lanes without a solution go on by damped fixed point from their start, and what that finds is
   * polished. */
  bool fall_back() {
    std::vector<bool> open(lanes_, false);
    bool any = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (all_.outcomes[lane].converged) continue;
      open[lane] = any = true;
      for (std::size_t i = 0; i < n_; ++i) system_.unknown(i)[lane] = start_[i * lanes_ + lane];
    }
    if (!any) return false;
    solve_damped(system_, options_, open, all_.outcomes, control_);
    evaluate_all();
    for (std::size_t lane = 0; lane < lanes_; ++lane)
      if (open[lane] && all_.outcomes[lane].converged) all_.states[lane] = LaneState::polishing;
    return true;
  }

  LoopSystem& system_;
  const SolveOptions& options_;
  Control& control_;
  const std::size_t n_;
  const std::size_t lanes_;
  NewtonLanes all_;
  std::vector<double> start_;
};

}  // namespace

std::vector<LaneOutcome> solve_newton(LoopSystem& system, const SolveOptions& options,
                                      Control& control) {
  return Newton(system, options, control).run();
}

}  // namespace sim
