/*
 * machine.hpp -- runs a program over batches of lanes.
 *
 * The machine owns the registers of one batch.  Parameters are set first and what depends on them
 * alone is computed once, for all steps where it is of a step; then any number of batches of trials
 * are run.  Each reported number is
 * handed to a sink, lanes in the order of trials.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/control.hpp"
#include "execute/kernels.hpp"
#include "model/data_table.hpp"
#include "model/program.hpp"
#include "random/philox.hpp"
#include "random/quantile.hpp"
#include "solve/loop_system.hpp"

namespace sim {

/* Takes the values of one slot of a batch. */
class SlotSink {
 public:
  virtual void take(std::uint32_t slot, const double* values, std::size_t n) = 0;

 protected:
  ~SlotSink() = default;
};

/* Told how each loop of a batch was solved, where somebody wants to know. */
class LoopObserver {
 public:
  virtual void solved(std::uint32_t loop, std::int64_t step,
                      std::span<const LaneOutcome> lanes) = 0;

 protected:
  ~LoopObserver() = default;
};

class Machine {
 public:
  /* The program and the tables must outlive the machine. `lanes`: the widest batch. */
  Machine(const Program& program, std::span<const DataTable> tables, std::uint64_t seed,
          std::size_t lanes, Control& control);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  std::size_t lanes() const { return lanes_; }

  /* The same value in all lanes. */
  void set_parameter(std::size_t parameter, double value);
  /* One value a lane; lanes beyond them repeat the last. */
  void set_parameter(std::size_t parameter, std::span<const double> values);

  void observe_loops(LoopObserver* observer) { observer_ = observer; }

  /* Whether unknowns of a loop have not been finite in some lane since the last run_once(): it has
   * failed then. Of programs without chance only. */
  bool has_failed_loop() const { return has_failed_loop_; }

  /*
   * Computes what depends on parameters only, in the first n lanes; needed after they change.
   * Throws Error(invalid_parameter) for parameters of a distribution that break its rules and are
   * the same in all trials.
   */
  void run_once(std::size_t n);
  void run_once() { run_once(lanes_); }

  /* Runs trials first_trial .. first_trial + n - 1, counted from 0. Requires: 1 <= n <= that of
   * run_once(). */
  void run(std::int64_t first_trial, std::size_t n, SlotSink& sink);

 private:
  class Loop;

  double* at(Register reg) {
    return (reg & kViewBit) != 0 ? views_[reg & ~kViewBit]
                                 : registers_ + static_cast<std::size_t>(reg) * lanes_;
  }
  /* Whether what depends on parameters alone may be read from its first lanes. */
  bool reads_first_lanes() const { return same_parameters_ && lanes_ >= kUniformLanes; }
  const double* operand(Register reg) { return reg == kNoRegister ? nullptr : at(reg); }
  void fill_lanes(double value, const Action& action);
  void run_actions(const ActionList& actions);
  void run_action(const Action& action);
  void stop_if_asked() const;
  void draw(const DrawSpec& spec, std::uint32_t number, double* out);
  void draw_mean(const DrawSpec& spec, double* out);
  void pick_row(const DrawSpec& spec, std::uint32_t number, double* out);
  void solve(std::uint32_t loop);
  bool is_solved(const LoopSpec& loop);
  void gather_row(const Action& action);
  void make_table();
  void begin_steps(bool table);
  void begin_step(bool table);
  void keep_step(const Phase& phase, bool table);
  void report_step(const Phase& phase, SlotSink& sink);
  void accumulate(const AggregateSpec& spec, const double* values);
  void prepare_quantile(std::uint32_t number);

  const Program& program_;
  std::span<const DataTable> tables_;
  Control& control_;
  std::size_t lanes_;
  std::size_t n_;  // lanes in use
  std::int64_t first_trial_ = 0;
  std::int64_t step_ = 0;
  bool same_parameters_ = true;  // in all lanes
  std::vector<double> table_;    // row by row, what is the same in all trials of a step
  std::vector<double> memory_;
  double* registers_ = nullptr;  // aligned start of the registers
  std::vector<double*> views_;
  std::vector<std::int64_t> ring_place_;  // by ring: where in it the value of this step lies
  const KernelTable& kernels_;
  std::vector<std::int64_t> row_offset_;  // by draw: rows to go on from the row of its action
  std::vector<double> nan_;
  std::vector<double> uniform_;
  std::vector<double> parameters_;                    // of one draw in one lane
  std::vector<RandomKey> keys_;                       // of each draw
  std::vector<std::uint32_t> draw_order_;             // by the name of the input
  std::vector<std::unique_ptr<Quantile>> quantiles_;  // of draws with constant parameters
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::int64_t> block_from_;   // by draw: first step of the block whose start is known
  std::vector<std::uint32_t> step_slots_;  // slots with time, by step
  std::size_t next_slot_ = 0;              // place in step_slots_ of the next to report
  LoopObserver* observer_ = nullptr;
  bool has_failed_loop_ = false;
};

}  // namespace sim
