/*
 * fixed_point.cpp -- iteration as planners do it: Gauss-Seidel, Jacobi, and the damped iteration
 * Newton falls back on.
 */
#include <algorithm>
#include <cmath>

#include "solve/lanes.hpp"
#include "solve/methods.hpp"
#include "solve/shared.hpp"
#include "solve/working_lanes.hpp"

namespace sim {
namespace {

/* A damping below this moves nothing any more. */
constexpr double kLeastDamping = 1.0 / 1024;

/* The contraction factor is estimated from the last two changes. */
void remember_change(LaneOutcome& outcome, double change) {
  remember(outcome, change);
  const double before = outcome.history[kResidualHistory - 2];
  outcome.contraction = before > 0 ? change / before : std::numeric_limits<double>::quiet_NaN();
}

class Rounds {
 public:
  Rounds(LoopSystem& system, const SolveOptions& options, Control& control, bool newest)
      : system_(system),
        options_(options),
        control_(control),
        newest_(newest),
        outcomes_(system.lanes()),
        working_(system),
        open_(system.lanes(), 1.0),
        count_(system.lanes()),
        damping_(system.lanes(), options.damping),
        change_(system.lanes()) {}

  std::vector<LaneOutcome> run() {
    for (std::int64_t round = 1; round <= options_.iterations && count_ > 0; ++round) {
      stop_if_asked(control_);
      std::fill(change_.begin(), change_.end(), 0.0);
      newest_ ? sweep() : step_together();
      for (std::size_t k = 0; k < change_.size(); ++k)
        if (open_[k] != 0) judge(k, round);
      leave();
    }
    system_.widen();
    for (std::size_t lane = 0; lane < outcomes_.size(); ++lane)
      if (!outcomes_[lane].converged) fail_lane(system_, lane);
    return std::move(outcomes_);
  }

 private:
  void leave() {
    const std::vector<std::uint32_t> places =
        working_.few_that(count_, [&](std::size_t k) { return open_[k] != 0; });
    if (places.empty()) return;
    working_.keep(places);
    keep_places(open_, open_.size(), places);
    damping_.resize(places.size());
    change_.resize(places.size());
  }

  void sweep() {
    for (std::size_t place = 0; place < system_.size(); ++place) {
      const LoopSystem::EquationValue equation = system_.evaluate_equation(place);
      move(equation.unknown, equation.value);
    }
  }

  void step_together() {
    const std::size_t lanes = working_.size();
    std::vector<double> values(system_.size() * lanes);
    for (std::size_t place = 0; place < system_.size(); ++place) {
      const LoopSystem::EquationValue equation = system_.evaluate_equation(place);
      std::copy_n(equation.value, lanes, values.data() + equation.unknown * lanes);
    }
    for (std::size_t i = 0; i < system_.size(); ++i) move(i, values.data() + i * lanes);
  }

  void move(std::size_t unknown, const double* value) {
    double* x = system_.unknown(unknown);
    if (options_.damping == 1)
      dispatch<MoveTo>(open_.data(), value, x, change_.data(), change_.size());
    else
      dispatch<MovePart>(open_.data(), value, damping_.data(), x, change_.data(), change_.size());
  }

  void judge(std::size_t k, std::int64_t round) {
    const bool converged = change_[k] <= options_.tolerance;
    const bool goes_on = !converged && std::isfinite(change_[k]);
    if (goes_on && !options_.report) return;
    LaneOutcome& outcome = outcomes_[working_[k]];
    outcome.iterations = round;
    outcome.converged = converged;
    if (options_.report) remember_change(outcome, change_[k]);
    if (goes_on) return;
    open_[k] = 0;
    --count_;
  }

  LoopSystem& system_;
  const SolveOptions& options_;
  Control& control_;
  const bool newest_;
  std::vector<LaneOutcome> outcomes_;
  WorkingLanes working_;
  std::vector<double> open_;  // marks
  std::size_t count_;         // of them
  std::vector<double> damping_;
  std::vector<double> change_;
};

/* Damped iteration in each lane, with a damping of its own. */
class Damped {
 public:
  Damped(LoopSystem& system, const SolveOptions& options, const std::vector<bool>& open,
         std::vector<LaneOutcome>& outcomes, Control& control)
      : system_(system),
        options_(options),
        control_(control),
        all_open_(open),
        outcomes_(outcomes),
        working_(system),
        open_(open.begin(), open.end()),
        count_(static_cast<std::size_t>(std::count(open.begin(), open.end(), true))),
        damping_(open.size(), 1.0),
        residual_(open.size(), std::numeric_limits<double>::infinity()),
        now_(open.size()),
        scale_(open.size()),
        change_(open.size()) {}

  void run() {
    for (std::int64_t round = 0; round <= 10 * options_.iterations; ++round) {
      leave();
      if (count_ == 0) break;
      stop_if_asked(control_);
      evaluate();
      for (std::size_t k = 0; k < open_.size(); ++k)
        if (open_[k] != 0) judge(k, round);
      for (std::size_t i = 0; i < system_.size(); ++i)
        dispatch<MovePart>(open_.data(), system_.value(i), damping_.data(), system_.unknown(i),
                           change_.data(), open_.size());
    }
    system_.widen();
    for (std::size_t lane = 0; lane < all_open_.size(); ++lane)
      if (all_open_[lane] && !outcomes_[lane].converged) fail_lane(system_, lane);
  }

 private:
  void leave() {
    const std::size_t lanes = open_.size();
    const std::vector<std::uint32_t> places =
        working_.few_that(count_, [&](std::size_t k) { return open_[k] != 0; });
    if (places.empty()) return;
    working_.keep(places);
    for (std::vector<double>* values : {&open_, &damping_, &residual_})
      keep_places(*values, lanes, places);
    for (std::vector<double>* values : {&now_, &scale_, &change_}) values->resize(places.size());
  }

  void evaluate() {
    system_.evaluate();
    std::fill(now_.begin(), now_.end(), 0.0);
    std::fill(scale_.begin(), scale_.end(), 1.0);
    for (std::size_t i = 0; i < system_.size(); ++i) {
      const double* x = system_.unknown(i);
      dispatch<LargestDifference>(system_.value(i), x, now_.data(), open_.size());
      dispatch<LargestSize>(x, scale_.data(), open_.size());
    }
  }

  void judge(std::size_t k, std::int64_t round) {
    LaneOutcome& outcome = outcomes_[working_[k]];
    outcome.fell_back = true;
    outcome.iterations += round > 0 ? 1 : 0;
    if (options_.report) remember_change(outcome, now_[k]);
    outcome.converged = now_[k] <= options_.tolerance * scale_[k];
    if (now_[k] > residual_[k]) damping_[k] /= 2;
    const bool goes_on =
        !outcome.converged && std::isfinite(now_[k]) && damping_[k] >= kLeastDamping;
    residual_[k] = now_[k];
    if (goes_on) return;
    open_[k] = 0;
    --count_;
  }

  LoopSystem& system_;
  const SolveOptions& options_;
  Control& control_;
  const std::vector<bool>& all_open_;
  std::vector<LaneOutcome>& outcomes_;
  WorkingLanes working_;
  std::vector<double> open_;  // marks
  std::size_t count_;         // of them
  std::vector<double> damping_;
  std::vector<double> residual_;
  std::vector<double> now_;
  std::vector<double> scale_;
  std::vector<double> change_;
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

void solve_damped(LoopSystem& system, const SolveOptions& options, const std::vector<bool>& open,
                  std::vector<LaneOutcome>& outcomes, Control& control) {
  Damped(system, options, open, outcomes, control).run();
}

}  // namespace sim
