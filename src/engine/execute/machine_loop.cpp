/*
 * machine_loop.cpp -- start values, choice of method, estimated contraction.
 */
#include "execute/machine_loop.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "execute/kernels.hpp"

namespace sim {

LoopSystem::EquationValue Machine::Loop::evaluate_equation(std::size_t place) {
  const LoopEquation& equation = spec_.equations[place];
  machine_.run_actions(equation.actions);
  return {equation.unknown, machine_.at(equation.value)};
}

void Machine::Loop::save_all_lanes() {
  all_lanes_ = machine_.n_;
  lane_.resize(all_lanes_);
  std::iota(lane_.begin(), lane_.end(), 0u);
  all_unknowns_.resize(size() * all_lanes_);
  all_inputs_.clear();
  for (const Register input : spec_.inputs)
    all_inputs_.insert(all_inputs_.end(), machine_.at(input), machine_.at(input) + all_lanes_);
}

/* Lanes move together, to the front. */
void Machine::Loop::narrow(std::span<const std::uint32_t> places) {
  if (lane_.empty()) save_all_lanes();
  const auto move_up = [&](auto* values) {
    for (std::size_t k = 0; k < places.size(); ++k) values[k] = values[places[k]];
  };
  for (std::size_t i = 0; i < size(); ++i) {
    double* x = unknown(i);
    for (std::size_t k = 0; k < machine_.n_; ++k) all_unknowns_[i * all_lanes_ + lane_[k]] = x[k];
    move_up(x);
  }
  for (const Register input : spec_.inputs) move_up(machine_.at(input));
  move_up(lane_.data());
  machine_.n_ = places.size();
}

void Machine::Loop::widen() {
  if (lane_.empty()) return;
  for (std::size_t i = 0; i < size(); ++i) {
    double* x = unknown(i);
    for (std::size_t k = 0; k < machine_.n_; ++k) all_unknowns_[i * all_lanes_ + lane_[k]] = x[k];
    std::copy_n(all_unknowns_.data() + i * all_lanes_, all_lanes_, x);
  }
  for (std::size_t k = 0; k < spec_.inputs.size(); ++k)
    std::copy_n(all_inputs_.data() + k * all_lanes_, all_lanes_, machine_.at(spec_.inputs[k]));
  machine_.n_ = all_lanes_;
  lane_.clear();
}

/* A start value that is missing or failed, as at the first step, is 0. */
void Machine::Loop::set_starts() {
  for (std::size_t i = 0; i < spec_.unknowns.size(); ++i) {
    double* x = unknown(i);
    if (spec_.starts.empty() || spec_.starts[i] == kNoRegister) {
      fill(0, x, machine_.n_);
      continue;
    }
    const double* start = machine_.at(spec_.starts[i]);
    for (std::size_t lane = 0; lane < machine_.n_; ++lane)
      x[lane] = std::isfinite(start[lane]) ? start[lane] : 0;
  }
}

std::vector<LaneOutcome> Machine::Loop::solve(bool report) {
  // Views move with the step, so places are looked up at each solve.
  jacobian_.clear();
  for (const JacobianEntry& entry : spec_.jacobian)
    jacobian_.push_back({entry.row, entry.column, machine_.at(entry.value)});
  const SolveOptions options{spec_.tolerance, spec_.iterations, spec_.damping, report};
  if (spec_.method != SolveMethod::direct) set_starts();
  std::vector<LaneOutcome> outcomes;
  switch (spec_.method) {
    case SolveMethod::gauss_seidel:
      return solve_gauss_seidel(*this, options, machine_.control_);
    case SolveMethod::jacobi:
      return solve_jacobi(*this, options, machine_.control_);
    case SolveMethod::newton:
      outcomes = solve_newton(*this, options, machine_.control_);
      break;
    case SolveMethod::direct:
    case SolveMethod::automatic:
      outcomes = direct_.solve(*this, spec_.uniform && machine_.same_parameters_, options,
                               machine_.control_);
      break;
  }
  if (report) estimate(outcomes);
  return outcomes;
}

void Machine::Loop::estimate(std::vector<LaneOutcome>& outcomes) {
  if (spec_.method == SolveMethod::newton) {
    evaluate();
    evaluate_jacobian();
  }
  estimate_contraction(*this, spec_.text_order, outcomes);
}

}  // namespace sim
