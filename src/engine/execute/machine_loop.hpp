/*
 * machine_loop.hpp -- a loop of a program as the methods of solution see it; for the files of this
 * room only.
 */
#pragma once

#include <vector>

#include "execute/machine.hpp"
#include "solve/direct.hpp"
#include "solve/methods.hpp"

namespace sim {

class Machine::Loop final : public LoopSystem {
 public:
  Loop(Machine& machine, const LoopSpec& spec) : machine_(machine), spec_(spec) {}

  /* Puts the start values in place and solves. Outcomes may be left out unless `report`. */
  std::vector<LaneOutcome> solve(bool report);

  /* Parameters have changed, and with them coefficients that depend on parameters only. */
  void forget() { direct_.forget(); }

  std::size_t size() const override { return spec_.unknowns.size(); }
  std::size_t lanes() const override { return machine_.n_; }
  double* unknown(std::size_t i) override { return machine_.at(spec_.unknowns[i]); }
  bool has_start(std::size_t i) const override { return spec_.starts[i] != kNoRegister; }
  void evaluate() override { machine_.run_actions(spec_.body); }
  void evaluate_jacobian() override { machine_.run_actions(spec_.jacobian_body); }
  const double* value(std::size_t i) const override { return machine_.at(spec_.values[i]); }
  std::span<const JacobianColumn> jacobian() const override { return jacobian_; }
  const double* eliminated(std::size_t i) const override {
    return spec_.solution.empty() ? nullptr : machine_.at(spec_.solution[i]);
  }
  const double* trusted() const override { return machine_.operand(spec_.trusted); }
  EquationValue evaluate_equation(std::size_t place) override;
  void narrow(std::span<const std::uint32_t> places) override;
  void widen() override;

 private:
  void set_starts();
  void save_all_lanes();
  void estimate(std::vector<LaneOutcome>& outcomes);

  Machine& machine_;
  const LoopSpec& spec_;
  DirectSolver direct_;
  std::vector<JacobianColumn> jacobian_;
  /* While narrowed: which lanes are at work, of how many, and what all lanes have. */
  std::vector<std::uint32_t> lane_;
  std::size_t all_lanes_ = 0;
  std::vector<double> all_unknowns_;
  std::vector<double> all_inputs_;
};

}  // namespace sim
