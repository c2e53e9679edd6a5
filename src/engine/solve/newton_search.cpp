/*
 * newton_search.cpp -- lanes side by side, each at a step of its own: at one evaluation some try a
 * new step and others half of their last one.
 */
#include "solve/newton_search.hpp"

#include <algorithm>
#include <cmath>

#include "solve/factorisation.hpp"
#include "solve/lanes.hpp"
#include "solve/shared.hpp"
#include "solve/working_lanes.hpp"

namespace sim {
namespace {

/* A step shorter than 2^-12 of Newton's leads nowhere. */
constexpr int kMaxHalvings = 12;
/* Steps after convergence, to take the residual down to rounding. */
constexpr int kMaxPolishing = 8;

class Search {
 public:
  Search(LoopSystem& system, const SolveOptions& options, NewtonLanes& all, Control& control)
      : system_(system),
        options_(options),
        all_(all),
        control_(control),
        working_(system),
        n_(system.size()),
        position_(n_ * working_.size()),
        step_(n_ * working_.size(), 0.0),
        length_(working_.size(), 0.0),
        now_(working_.size()),
        mark_(working_.size()),
        turn_(working_.size()) {
    for (std::size_t i = 0; i < n_; ++i)
      std::copy_n(system_.unknown(i), working_.size(), row(position_, i));
    for (std::size_t k = 0; k < turn_.size(); ++k) {
      turn_[k].state = all_.states[k];
      turn_[k].norm = all_.norms[k];
      turn_[k].converged = all_.outcomes[k].converged;
      turn_[k].iterations = all_.outcomes[k].iterations;
      active_ += turn_[k].active() ? 1 : 0;
    }
  }

  void run() {
    if (leave()) {
      system_.evaluate();
      system_.evaluate_jacobian();
    }
    while (true) {
      stop_if_asked(control_);
      take_steps();
      leave();
      if (active_ == 0) break;
      try_steps();
      if (judge()) system_.evaluate_jacobian();
    }
    write_back();
  }

 private:
  /* Where a working lane stands. */
  struct Turn {
    double norm;
    std::int64_t iterations;
    LaneState state;
    bool converged;
    bool wants_step = true;
    std::int8_t polished = 0;
    std::int8_t halvings = 0;

    bool active() const { return state == LaneState::searching || state == LaneState::polishing; }
  };

  double* row(std::vector<double>& values, std::size_t i) {
    return values.data() + i * working_.size();
  }

  void write_back() {
    for (std::size_t i = 0; i < n_; ++i)
      std::copy_n(row(position_, i), working_.size(), system_.unknown(i));
    for (std::size_t k = 0; k < turn_.size(); ++k) {
      all_.states[working_[k]] = turn_[k].state;
      all_.norms[working_[k]] = turn_[k].norm;
      all_.outcomes[working_[k]].converged = turn_[k].converged;
      all_.outcomes[working_[k]].iterations = turn_[k].iterations;
    }
  }

  bool leave() {
    const std::size_t lanes = working_.size();
    const std::vector<std::uint32_t> places =
        working_.few_that(active_, [&](std::size_t k) { return turn_[k].active(); });
    if (places.empty()) return false;
    write_back();
    working_.keep(places);
    keep_places(position_, lanes, places);
    keep_places(step_, lanes, places);
    keep_places(length_, lanes, places);
    keep_places(turn_, lanes, places);
    now_.resize(places.size());
    mark_.resize(places.size());
    return true;
  }

  /* Whether the lane goes on with another step. */
  bool begin_step(Turn& turn) {
    turn.halvings = 0;
    if (turn.state == LaneState::searching) {
      if (turn.iterations >= options_.iterations)
        turn.state = LaneState::lost;
      else
        ++turn.iterations;
    } else if (++turn.polished > kMaxPolishing) {
      turn.state = LaneState::done;
    }
    return turn.active();
  }

  void take_steps() {
    for (std::size_t k = 0; k < turn_.size(); ++k) {
      Turn& turn = turn_[k];
      turn.wants_step = turn.wants_step && turn.active() && begin_step(turn);
      mark_[k] = turn.wants_step ? 1 : 0;
      if (turn.wants_step) length_[k] = 1;
    }
    if (system_.eliminated(0) != nullptr)
      for (std::size_t i = 0; i < n_; ++i)
        dispatch<TakeWhereMarked>(mark_.data(), system_.eliminated(i), row(step_, i),
                                  working_.size());
    factor_untrusted();
    active_ = 0;
    for (std::size_t i = 0; i < n_; ++i)
      dispatch<UnmarkNotFinite>(row(step_, i), mark_.data(), working_.size());
    for (std::size_t k = 0; k < turn_.size(); ++k) {
      Turn& turn = turn_[k];
      if (turn.wants_step && mark_[k] == 0)
        turn.state = turn.state == LaneState::polishing ? LaneState::done : LaneState::lost;
      active_ += turn.active() ? 1 : 0;
    }
  }

  void factor_untrusted() {
    const double* trusted = system_.trusted();
    if (trusted == nullptr && system_.eliminated(0) != nullptr) return;
    for (std::size_t k = 0; k < working_.size(); ++k)
      if (mark_[k] != 0 && (trusted == nullptr || trusted[k] != 1)) {
        stop_if_asked(control_);
        factor_step(k);
      }
  }

  /* Newton's step solves (I - J) step = g(x) - x. */
  void factor_step(std::size_t k) {
    const Factorisation factors(newton_matrix(system_, k, control_), n_, control_);
    std::vector<double> right(n_);
    for (std::size_t i = 0; i < n_; ++i) right[i] = system_.value(i)[k] - system_.unknown(i)[k];
    const std::vector<double> step = factors.solve(right, control_);
    for (std::size_t i = 0; i < n_; ++i) row(step_, i)[k] = step[i];
  }

  void try_steps() {
    const std::size_t lanes = working_.size();
    for (std::size_t i = 0; i < n_; ++i)
      dispatch<Advance>(row(position_, i), length_.data(), row(step_, i), system_.unknown(i),
                        lanes);
    system_.evaluate();
    std::fill(now_.begin(), now_.end(), 0.0);
    for (std::size_t i = 0; i < n_; ++i)
      dispatch<LargestDifference>(system_.value(i), system_.unknown(i), now_.data(), lanes);
  }

  /* Whether any lane goes on with a new step. */
  bool judge() {
    std::vector<double>& accepted = mark_;
    std::fill(mark_.begin(), mark_.end(), 1.0);
    for (std::size_t i = 0; i < n_; ++i)
      dispatch<UnmarkLargeStep>(row(position_, i), length_.data(), row(step_, i),
                                options_.tolerance, mark_.data(), working_.size());
    bool any = false;
    for (std::size_t k = 0; k < turn_.size(); ++k) {
      Turn& turn = turn_[k];
      accepted[k] = turn.active() && accepts(k, turn, mark_[k] != 0) ? 1 : 0;
      turn.wants_step = accepted[k] != 0 && turn.active();
      any = any || turn.wants_step;
    }
    for (std::size_t i = 0; i < n_; ++i)
      dispatch<TakeWhereMarked>(accepted.data(), system_.unknown(i), row(position_, i),
                                working_.size());
    return any;
  }

  bool accepts(std::size_t k, Turn& turn, bool small) {
    const double now = now_[k];
    if (turn.state == LaneState::polishing) {
      if (now < turn.norm) return accept(k, turn);
      turn.state = LaneState::done;
      return false;
    }
    if (now <= turn.norm * (1 - 1e-4 * length_[k])) {
      if (small) {
        turn.converged = true;
        turn.state = now == 0 ? LaneState::done : LaneState::polishing;
      }
      return accept(k, turn);
    }
    shorten(k, turn);
    return false;
  }

  bool accept(std::size_t k, Turn& turn) {
    turn.norm = now_[k];
    if (options_.report) remember(all_.outcomes[working_[k]], now_[k]);
    return true;
  }

  /* No shorter residual along the whole step: at the solution that is rounding, elsewhere it is
   * failure. */
  void shorten(std::size_t k, Turn& turn) {
    length_[k] /= 2;
    if (++turn.halvings <= kMaxHalvings) return;
    const bool solved = is_small_step(k);
    turn.converged = turn.converged || solved;
    turn.state = solved ? LaneState::done : LaneState::lost;
  }

  bool is_small_step(std::size_t k) {
    const double full = 1;
    double small = 1;
    for (std::size_t i = 0; i < n_; ++i)
      UnmarkLargeStep::run(row(position_, i) + k, &full, row(step_, i) + k, options_.tolerance,
                           &small, 1);
    return small != 0;
  }

  LoopSystem& system_;
  const SolveOptions& options_;
  NewtonLanes& all_;
  Control& control_;
  WorkingLanes working_;
  const std::size_t n_;
  std::vector<double> position_;  // by unknown, then place among the working lanes
  std::vector<double> step_;
  std::vector<double> length_;  // of the step that is tried, as a part of Newton's
  std::vector<double> now_;     // residual there
  std::vector<double> mark_;
  std::vector<Turn> turn_;
  std::size_t active_ = 0;  // lanes, as of the last steps taken
};

}  // namespace

void search_newton(LoopSystem& system, const SolveOptions& options, NewtonLanes& lanes,
                   Control& control) {
  Search(system, options, lanes, control).run();
}

}  // namespace sim
