/*
 * scheduler.hpp -- the state of scheduling, for the files of this room only; compiler.hpp is the
 * door.
 *
 * A term's value lives in one register from where it is computed to its last use.  Values that a
 * later list reads keep their register for good; others give it back at once, so that the live
 * registers of a batch stay few and close together.
 */
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "core/control.hpp"
#include "core/error.hpp"
#include "model/compiler.hpp"

namespace sim {

/* A register takes up to 2 KiB: a batch must fit into memory whatever a text asks for. */
inline constexpr std::size_t kMaxRegisters = 1'000'000;

class Registers {
 public:
  explicit Registers(bool reuse) : reuse_(reuse) {}

  Register take() {
    if (free_.empty()) return take_run(1);
    const Register taken = free_.back();
    free_.pop_back();
    return taken;
  }
  /* A run of neighbouring registers, never given back. */
  Register take_run(std::size_t length) {
    if (length > kMaxRegisters - count_)
      throw Error(ErrorKind::limit_exceeded,
                  "the model keeps more than 1,000,000 values of a trial at a time", {},
                  "Look back fewer steps, x[t-k], or report fewer variables.");
    const Register first = count_;
    count_ += static_cast<Register>(length);
    return first;
  }
  void give_back(Register free) {
    if (reuse_) free_.push_back(free);
  }
  Register count() const { return count_; }

 private:
  bool reuse_;
  std::vector<Register> free_;
  Register count_ = 0;
};

class Scheduler {
  static constexpr std::uint32_t kNoColumn = 0xffffffffu;
  enum class ListOf { trials, table };

 public:
  Scheduler(TermProgram built, Optimisation optimisation)
      : optimisation_(optimisation),
        built_(std::move(built)),
        terms_(built_.terms),
        program_(built_.program),
        needed_(terms_.size(), false),
        keep_(terms_.size(), false),
        same_variable_(built_.depth.size(), false),
        has_slot_(built_.depth.size(), false),
        reported_(built_.depth.size(), false),
        visited_(terms_.size(), 0),
        register_(terms_.size(), kNoRegister),
        uses_(terms_.size(), 0),
        absorbed_(terms_.size(), kNoTerm),
        done_(terms_.size(), false),
        loop_inputs_(built_.loops.size()),
        registers_(optimisation == Optimisation::on) {}

  Program run() {
    mark_reported();
    mark_needed();
    if (optimisation_ == Optimisation::off) delay_operations();
    mark_kept();
    plan_table();
    place_specs();
    program_.once = list(Level::once, in_order(Level::once, needed_), {});
    program_.trial = list(Level::trial, in_order(Level::trial, needed_), {});
    for (const PhaseTerms& phase : built_.phases) program_.phases.push_back(trial_phase(phase));
    program_.final = list(Level::final, in_order(Level::final, needed_), {});
    place_slots();
    copy_specs();
    program_.register_count = registers_.count();
    return std::move(program_);
  }

 private:
  template <class Visit>
  void for_each_input(TermId id, Visit visit) const;
  template <class Visit>
  void for_each_new_input(TermId id, std::vector<bool>& loops, Visit visit) const;
  template <class Visit>
  void for_each_loop_input(const LoopTerms& loop, Visit visit) const;
  void mark_from(std::vector<bool>& marked) const;
  const std::vector<TermId>& loop_inputs(std::uint32_t loop);
  std::vector<std::uint32_t> phase_variables(const PhaseTerms& phase) const;
  std::vector<std::uint32_t> trial_variables(const PhaseTerms& phase) const;
  std::vector<std::uint32_t> table_variables(const PhaseTerms& phase) const;
  std::vector<TermId> step_order(const PhaseTerms& phase,
                                 const std::vector<std::uint32_t>& variables,
                                 const std::vector<TermId>& columns, ListOf list);
  bool is_action(TermId id) const;
  bool is_row_of_blocks(TermId id) const;

  void mark_reported();
  void mark_needed();
  void delay_operations();
  Level level_of(TermId id) const;
  void mark_kept();
  template <class Visit>
  void for_each_influence(Visit visit) const;
  std::vector<bool> find_drawn() const;
  void find_same();
  void plan_table();
  bool is_column(TermId id) const;
  bool is_tabled(TermId id) const { return any_same_ && column_[id] != kNoColumn; }
  bool is_same_in_lanes(TermId id) const;
  bool reads_same_of_step(TermId id) const;
  std::vector<TermId> columns_of(const std::vector<TermId>& order) const;
  void place_specs();
  void place_slots();
  void copy_specs();
  ActionList list(Level level, const std::vector<TermId>& order,
                  const std::vector<TermId>& results);
  Phase trial_phase(const PhaseTerms& phase);
  TablePhase table_phase(const PhaseTerms& phase, const std::vector<TermId>& columns);
  Phase phase_list(const PhaseTerms& phase, const std::vector<std::uint32_t>& variables,
                   const std::vector<TermId>& columns, ListOf list);
  Register view_of(std::uint32_t variable, std::int64_t lag);
  std::vector<TermId> in_order(Level level, const std::vector<bool>& marked) const;
  void mark_read_whole(const std::vector<TermId>& order, const std::vector<TermId>& results);
  UniformOperands uniform_result(TermId id) const;
  void count_uses(Level level, const std::vector<TermId>& order);
  void fuse_operations(Level level, const std::vector<TermId>& order);
  void join_gathers(const std::vector<TermId>& order);
  void emit(TermId id, Level level, ActionList& actions);
  void emit_column(TermId id, ActionList& actions);
  Action operation_action(TermId id);
  Action with_operands(Action action, TermId reader, TermId a, TermId b, TermId c);
  void emit_gathers(const std::vector<TermId>& gathers, Level level, ActionList& actions);
  void emit_loop(std::uint32_t loop, Level level, ActionList& actions);
  void release_inputs(TermId id, Level level);
  void release(TermId id, Level level);
  Action action_of(TermId id) const;
  ActionList body_actions(const std::vector<TermId>& roots, std::uint32_t loop,
                          std::vector<Register>& temporary, bool again);
  Register operand(TermId id);
  Register number_register(TermId id);

  const Optimisation optimisation_;
  TermProgram built_;
  TermGraph& terms_;
  Program& program_;
  std::vector<bool> needed_;
  std::vector<bool> keep_;  // value is read by a later list, or after all lists
  bool any_same_ = false;
  std::vector<bool> same_;  // of a step, and the same in all trials; empty unless any_same_
  std::vector<bool> same_variable_;
  std::vector<bool> read_whole_;  // by term, in the list being made: whether all lanes are read
  std::vector<std::uint32_t> column_;  // of the table, in the list being made; kNoColumn: computed
  bool has_table_ = false;
  std::vector<bool> has_slot_;  // by variable: reported by step
  std::vector<bool> reported_;  // by variable: whether its value at each step is kept or reported
  std::vector<std::uint32_t> visited_;  // by term: the last walk that came by
  std::uint32_t visit_ = 0;
  std::vector<Register> register_;
  std::vector<std::uint32_t> uses_;  // inside the list being made
  std::vector<TermId> absorbed_;     // by term: the operand it computes itself, in one action
  std::vector<bool> done_;           // in the list being made: needs no action of its own any more
  std::map<TermId, std::vector<TermId>> gathers_of_;  // by first gather: those of one action
  std::map<std::pair<std::uint32_t, std::vector<std::uint32_t>>, std::uint32_t> gather_specs_;
  std::vector<std::uint32_t> ring_of_;  // by variable: its ring
  std::vector<std::vector<TermId>> loop_inputs_;
  std::map<std::pair<std::uint32_t, std::int64_t>, Register> views_;
  Registers registers_;
  Asking asking_;
};

/* What must be computed before the term; for the solution of a loop, all that its formulas read. */
template <class Visit>
void Scheduler::for_each_input(TermId id, Visit visit) const {
  const Term& term = terms_[id];
  for_each_operand(term, visit);
  if (term.kind == TermKind::draw || term.kind == TermKind::mean)
    for (const TermId parameter : built_.draws[term.a].parameters) visit(parameter);
  if (term.kind == TermKind::solved) for_each_loop_input(built_.loops[term.a], visit);
}

/* The same for term after term: those of a loop once, not for each of its unknowns. `loops`: whose
 * have been visited. */
template <class Visit>
void Scheduler::for_each_new_input(TermId id, std::vector<bool>& loops, Visit visit) const {
  const Term& term = terms_[id];
  if (term.kind == TermKind::solved) {
    if (loops[term.a]) return;
    loops[term.a] = true;
  }
  for_each_input(id, visit);
}

template <class Visit>
void Scheduler::for_each_loop_input(const LoopTerms& loop, Visit visit) const {
  for (const TermId value : loop.values) visit(value);
  for (const JacobianTerm& entry : loop.jacobian) visit(entry.value);
  for (const TermId start : loop.starts)
    if (start != kNoTerm) visit(start);
  for (const TermId value : loop.solution) visit(value);
  if (loop.trusted != kNoTerm) visit(loop.trusted);
}

}  // namespace sim
