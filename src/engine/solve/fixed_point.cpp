/*
 * fixed_point.cpp -- iteration as planners do it: Gauss-Seidel, Jacobi, and the damped iteration
 * Newton falls back on.
 */
#include <algorithm>
#include <cmath>

#include "solve/methods.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

/* A damping below this moves nothing any more. */
constexpr double kLeastDamping = 1.0 / 1024;

/* The contraction factor estimated from the last two changes. */
double ratio_of_changes(const LaneOutcome& outcome) {
  const double before = outcome.history[kResidualHistory - 2];
  return before > 0 ? outcome.history.back() / before : std::numeric_limits<double>::quiet_NaN();
}

class Rounds {
 public:
  Rounds(LoopSystem& system, const SolveOptions& options, Control& control, bool newest)
      : system_(system),
        options_(options),
        control_(control),
        newest_(newest),
        outcomes_(system.lanes()),
        open_(system.lanes(), true) {}

  std::vector<LaneOutcome> run() {
    std::vector<double> change(system_.lanes());
    for (std::int64_t round = 1; round <= options_.iterations && any_open(); ++round) {
      stop_if_asked(control_);
      std::fill(change.begin(), change.end(), 0.0);
      newest_ ? sweep(change) : step_together(change);
      for (std::size_t lane = 0; lane < change.size(); ++lane)
        if (open_[lane]) judge(lane, round, change[lane]);
    }
    for (std::size_t lane = 0; lane < outcomes_.size(); ++lane)
      if (!outcomes_[lane].converged) fail_lane(system_, lane);
    return std::move(outcomes_);
  }

 private:
  bool any_open() const { return std::find(open_.begin(), open_.end(), true) != open_.end(); }

  void sweep(std::vector<double>& change) {
    for (std::size_t place = 0; place < system_.size(); ++place) {
      const LoopSystem::EquationValue equation = system_.evaluate_equation(place);
      move(equation.unknown, equation.value, change);
    }
  }

  void step_together(std::vector<double>& change) {
    std::vector<std::vector<double>> values(system_.size());
    for (std::size_t place = 0; place < system_.size(); ++place) {
      const LoopSystem::EquationValue equation = system_.evaluate_equation(place);
      values[equation.unknown].assign(equation.value, equation.value + system_.lanes());
    }
    for (std::size_t i = 0; i < system_.size(); ++i) move(i, values[i].data(), change);
  }

  void move(std::size_t unknown, const double* value, std::vector<double>& change) {
    double* x = system_.unknown(unknown);
    for (std::size_t lane = 0; lane < change.size(); ++lane) {
      if (!open_[lane]) continue;
      const double next = options_.damping == 1
                              ? value[lane]
                              : x[lane] + options_.damping * (value[lane] - x[lane]);
      change[lane] = larger(change[lane], std::fabs(next - x[lane]));
      x[lane] = next;
    }
  }

  void judge(std::size_t lane, std::int64_t round, double change) {
    LaneOutcome& outcome = outcomes_[lane];
    outcome.iterations = round;
    remember(outcome, change);
    outcome.contraction = ratio_of_changes(outcome);
    outcome.converged = change <= options_.tolerance;
    open_[lane] = !outcome.converged && std::isfinite(change);
  }

  LoopSystem& system_;
  const SolveOptions& options_;
  Control& control_;
  const bool newest_;
  std::vector<LaneOutcome> outcomes_;
  std::vector<bool> open_;
};

}  // namespace

std::vector<LaneOutcome> solve_gauss_seidel(LoopSystem& system, const SolveOptions& options,
                                            Control& control) {
  return Rounds(system, options, control, true).run();
}

std::vector<LaneOutcome> solve_jacobi(LoopSystem& system, const SolveOptions& options,
                                      Control& control) {
  return Rounds(system, options, control, false).run();
}

void solve_damped(LoopSystem& system, const SolveOptions& options, std::vector<bool>& open,
                  std::vector<LaneOutcome>& outcomes, Control& control) {
  const std::size_t n = system.size();
  const std::size_t lanes = system.lanes();
  std::vector<double> damping(lanes, 1.0);
  std::vector<double> residual(lanes, std::numeric_limits<double>::infinity());
  std::vector<bool> working = open;
  for (std::int64_t round = 0; round <= 10 * options.iterations &&
                               std::find(working.begin(), working.end(), true) != working.end();
       ++round) {
    stop_if_asked(control);
    system.evaluate();
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      if (!working[lane]) continue;
      LaneOutcome& outcome = outcomes[lane];
      outcome.fell_back = true;
      outcome.iterations += round > 0 ? 1 : 0;
      const double now = lane_residual(system, lane);
      double scale = 1;
      for (std::size_t i = 0; i < n; ++i) scale = larger(scale, std::fabs(system.unknown(i)[lane]));
      remember(outcome, now);
      outcome.contraction = ratio_of_changes(outcome);
      outcome.converged = now <= options.tolerance * scale;
      if (now > residual[lane]) damping[lane] /= 2;
      working[lane] = !outcome.converged && std::isfinite(now) && damping[lane] >= kLeastDamping;
      residual[lane] = now;
      if (!working[lane]) continue;
      for (std::size_t i = 0; i < n; ++i)
        system.unknown(i)[lane] +=
            damping[lane] * (system.value(i)[lane] - system.unknown(i)[lane]);
    }
  }
  for (std::size_t lane = 0; lane < lanes; ++lane)
    if (open[lane] && !outcomes[lane].converged) fail_lane(system, lane);
}

}  // namespace sim
