/*
 * schedule.cpp -- from terms to flat lists of actions, and registers for their values.
 *
 * A term's value lives in one register from where it is computed to its last use.  Values that a
 * later list reads keep their register for good; others give it back at once, so that the live
 * registers of a batch stay few and close together.
 */
#include <algorithm>

#include "core/error.hpp"
#include "model/compiler.hpp"

namespace sim {
namespace {

/* A register takes up to 2 KiB: a batch must fit into memory whatever a text asks for. */
constexpr std::size_t kMaxRegisters = 1'000'000;

class Registers {
 public:
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
  void give_back(Register free) { free_.push_back(free); }
  Register count() const { return count_; }

 private:
  std::vector<Register> free_;
  Register count_ = 0;
};

class Scheduler {
 public:
  explicit Scheduler(TermProgram built)
      : built_(std::move(built)),
        terms_(built_.terms),
        program_(built_.program),
        needed_(terms_.size(), false),
        keep_(terms_.size(), false),
        reported_(built_.depth.size(), false),
        visited_(terms_.size(), 0),
        register_(terms_.size(), kNoRegister),
        uses_(terms_.size(), 0),
        loop_inputs_(built_.loops.size()) {}

  Program run() {
    mark_reported();
    mark_needed();
    mark_kept();
    place_specs();
    program_.once = list(Level::once, in_order(Level::once, needed_), {});
    program_.trial = list(Level::trial, in_order(Level::trial, needed_), {});
    for (const PhaseTerms& phase : built_.phases) program_.phases.push_back(phase_list(phase));
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
  void for_each_loop_input(const LoopTerms& loop, Visit visit) const;
  void mark_from(std::vector<bool>& marked) const;
  const std::vector<TermId>& loop_inputs(std::uint32_t loop);
  std::vector<std::uint32_t> phase_variables(const PhaseTerms& phase) const;
  std::vector<TermId> phase_order(const PhaseTerms& phase,
                                  const std::vector<std::uint32_t>& variables);
  bool is_action(TermId id) const;

  void mark_reported();
  void mark_needed();
  void mark_kept();
  void place_specs();
  void place_slots();
  void copy_specs();
  ActionList list(Level level, const std::vector<TermId>& order,
                  const std::vector<TermId>& results);
  Phase phase_list(const PhaseTerms& phase);
  Register ring_now(std::uint32_t variable);
  std::vector<TermId> in_order(Level level, const std::vector<bool>& marked) const;
  void count_uses(Level level, const std::vector<TermId>& order);
  void emit(TermId id, Level level, ActionList& actions);
  void emit_loop(std::uint32_t loop, Level level, ActionList& actions);
  void release_inputs(TermId id, Level level);
  void release(TermId id, Level level);
  Action action_of(TermId id) const;
  ActionList body_actions(const std::vector<TermId>& roots, std::uint32_t loop,
                          std::vector<Register>& temporary, bool again);
  Register operand(TermId id);
  Register number_register(TermId id);

  TermProgram built_;
  TermGraph& terms_;
  Program& program_;
  std::vector<bool> needed_;
  std::vector<bool> keep_;      // value is read by a later list, or after all lists
  std::vector<bool> reported_;  // by variable: whether its value at each step is kept or reported
  std::vector<std::uint32_t> visited_;  // by term: the last visit of phase_order that came by
  std::uint32_t visit_ = 0;
  std::vector<Register> register_;
  std::vector<std::uint32_t> uses_;     // inside the list being made
  std::vector<std::uint32_t> ring_of_;  // by variable: its ring
  std::vector<std::vector<TermId>> loop_inputs_;
  std::map<std::pair<std::uint32_t, std::int64_t>, Register> views_;
  Registers registers_;
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

template <class Visit>
void Scheduler::for_each_loop_input(const LoopTerms& loop, Visit visit) const {
  for (const TermId value : loop.values) visit(value);
  for (const JacobianTerm& entry : loop.jacobian) visit(entry.value);
  for (const TermId start : loop.starts)
    if (start != kNoTerm) visit(start);
}

/* Extends marks from users to all they need, through the bodies of loops too. */
void Scheduler::mark_from(std::vector<bool>& marked) const {
  for (TermId id = static_cast<TermId>(terms_.size()); id-- > 0;)
    if (marked[id]) for_each_input(id, [&](TermId input) { marked[input] = true; });
}

/* The values a loop reads from outside: each once. */
const std::vector<TermId>& Scheduler::loop_inputs(std::uint32_t loop) {
  std::vector<TermId>& inputs = loop_inputs_[loop];
  if (!inputs.empty()) return inputs;
  const LoopTerms& terms = built_.loops[loop];
  const TermId first = terms.first_unknown;
  std::vector<bool> seen(terms_.size(), false);
  std::vector<TermId> open;
  const auto visit = [&](TermId id) {
    if (seen[id]) return;
    seen[id] = true;
    if (terms_[id].loop == loop + 1)
      open.push_back(id);
    else
      inputs.push_back(id);
  };
  for_each_loop_input(terms, visit);
  while (!open.empty()) {
    const TermId id = open.back();
    open.pop_back();
    if (id >= first) for_each_operand(terms_[id], visit);
  }
  return inputs;
}

void Scheduler::mark_reported() {
  for (std::uint32_t variable = 0; variable < reported_.size(); ++variable)
    reported_[variable] = built_.depth[variable] > 0;
  for (const CaptureSpec& capture : program_.captures) reported_[capture.variable] = true;
  for (const AggregateSpec& aggregate : program_.aggregates) reported_[aggregate.variable] = true;
  for (const SlotSpec& slot : program_.slots) reported_[slot.variable] = true;
}

/* The variables whose value at this step is kept or reported. */
std::vector<std::uint32_t> Scheduler::phase_variables(const PhaseTerms& phase) const {
  std::vector<std::uint32_t> variables;
  for (std::uint32_t variable = 0; variable < phase.values.size(); ++variable)
    if (phase.values[variable] != kNoTerm && reported_[variable]) variables.push_back(variable);
  return variables;
}

/* What must be computed at this step, operands first. */
std::vector<TermId> Scheduler::phase_order(const PhaseTerms& phase,
                                           const std::vector<std::uint32_t>& variables) {
  std::vector<TermId> order;
  std::vector<TermId> open;
  ++visit_;
  const auto visit = [&](TermId id) {
    if (visited_[id] == visit_ || terms_[id].level != Level::step) return;
    visited_[id] = visit_;
    open.push_back(id);
    if (is_action(id)) order.push_back(id);
  };
  for (const std::uint32_t variable : variables) visit(phase.values[variable]);
  while (!open.empty()) {
    const TermId id = open.back();
    open.pop_back();
    for_each_input(id, visit);
  }
  std::sort(order.begin(), order.end());
  return order;
}

void Scheduler::mark_needed() {
  for (const PhaseTerms& phase : built_.phases)
    for (const std::uint32_t variable : phase_variables(phase))
      needed_[phase.values[variable]] = true;
  for (const SlotSpec& slot : program_.slots)
    if (slot.step < 0) needed_[built_.scalars[slot.variable]] = true;
  mark_from(needed_);
}

/* A loop's own terms (those with an unknown in them) run inside its action, at the level of the
 * loop. */
void Scheduler::mark_kept() {
  const auto level_of = [&](TermId id) {
    return terms_[id].loop > 0 ? built_.loops[terms_[id].loop - 1].level : terms_[id].level;
  };
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (!needed_[id]) continue;
    const Level user = level_of(id);
    for_each_input(id, [&](TermId input) {
      if (terms_[input].level < user) keep_[input] = true;
    });
  }
  for (const SlotSpec& slot : program_.slots)
    if (slot.step < 0) keep_[built_.scalars[slot.variable]] = true;
  for (const PhaseTerms& phase : built_.phases)
    for (const TermId value : phase.values)
      if (value != kNoTerm && terms_[value].level < Level::step) keep_[value] = true;
}

void Scheduler::place_specs() {
  for (ParameterSpec& parameter : program_.parameters) parameter.out = registers_.take_run(1);
  for (CaptureSpec& capture : program_.captures) capture.out = registers_.take_run(1);
  for (AggregateSpec& aggregate : program_.aggregates) aggregate.out = registers_.take_run(1);
  ring_of_.assign(built_.depth.size(), kNoRegister);
  for (std::uint32_t variable = 0; variable < built_.depth.size(); ++variable) {
    if (built_.depth[variable] == 0) continue;
    ring_of_[variable] = static_cast<Register>(program_.rings.size());
    const bool from_step_1 = !built_.phases.empty() && built_.phases[0].values[variable] == kNoTerm;
    program_.rings.push_back(
        {variable, built_.depth[variable],
         registers_.take_run(static_cast<std::size_t>(built_.depth[variable]) + 1), from_step_1});
  }
  for (DrawTerms& draw : built_.draws)
    if (draw.spec.block > 1) draw.spec.block_start = registers_.take_run(1);
}

Register Scheduler::number_register(TermId id) {
  if (register_[id] == kNoRegister) {
    register_[id] = registers_.take_run(1);
    program_.numbers.push_back({terms_[id].number, register_[id]});
  }
  return register_[id];
}

/* The register that holds a term's value where it is read. */
Register Scheduler::operand(TermId id) {
  if (id == kNoTerm) return kNoRegister;
  const Term& term = terms_[id];
  switch (term.kind) {
    case TermKind::number:
      return number_register(id);
    case TermKind::parameter:
      return program_.parameters[term.a].out;
    case TermKind::captured:
      return program_.captures[term.a].out;
    case TermKind::aggregate:
      return program_.aggregates[term.a].out;
    case TermKind::lagged: {
      const auto key = std::pair{term.a, static_cast<std::int64_t>(term.b)};
      const auto known = views_.find(key);
      if (known != views_.end()) return known->second;
      const Register view = kViewBit + static_cast<Register>(program_.views.size());
      program_.views.push_back({ring_of_[term.a], key.second});
      views_.emplace(key, view);
      return view;
    }
    case TermKind::unknown:
    case TermKind::solved:
      return built_.loops[term.a].spec.unknowns[term.b];
    default:
      return register_[id];
  }
}

bool Scheduler::is_action(TermId id) const {
  switch (terms_[id].kind) {
    case TermKind::number:
    case TermKind::parameter:
    case TermKind::captured:
    case TermKind::aggregate:
    case TermKind::lagged:
    case TermKind::unknown:
      return false;
    default:
      return terms_[id].loop == 0;
  }
}

std::vector<TermId> Scheduler::in_order(Level level, const std::vector<bool>& marked) const {
  std::vector<TermId> order;
  for (TermId id = 0; id < terms_.size(); ++id)
    if (marked[id] && is_action(id) && terms_[id].level == level) order.push_back(id);
  return order;
}

/* How often each value of this level is read inside the list: once for each action, once for each
 * loop. */
void Scheduler::count_uses(Level level, const std::vector<TermId>& order) {
  std::vector<bool> counted(built_.loops.size(), false);
  for (const TermId id : order) uses_[id] = 0;
  const auto count = [&](TermId input) {
    if (terms_[input].level == level) ++uses_[input];
  };
  for (const TermId id : order) {
    if (terms_[id].kind != TermKind::solved) {
      for_each_input(id, count);
    } else if (!counted[terms_[id].a]) {
      counted[terms_[id].a] = true;
      for (const TermId input : loop_inputs(terms_[id].a)) count(input);
    }
  }
}

void Scheduler::release(TermId id, Level level) {
  if (terms_[id].level != level || !is_action(id) || terms_[id].kind == TermKind::solved ||
      keep_[id])
    return;
  if (register_[id] == kNoRegister || (register_[id] & kViewBit) != 0 || uses_[id] == 0) return;
  if (--uses_[id] == 0) registers_.give_back(register_[id]);
}

void Scheduler::release_inputs(TermId id, Level level) {
  for_each_input(id, [&](TermId input) { release(input, level); });
}

Action Scheduler::action_of(TermId id) const {
  static constexpr std::pair<TermKind, ActionKind> kinds[] = {
      {TermKind::operation, ActionKind::operation}, {TermKind::time, ActionKind::time},
      {TermKind::series, ActionKind::series},       {TermKind::draw, ActionKind::draw},
      {TermKind::mean, ActionKind::mean},           {TermKind::row, ActionKind::row},
      {TermKind::gather, ActionKind::gather}};
  const Term& term = terms_[id];
  Action action{ActionKind::operation, term.operation, 0,          kNoRegister,
                kNoRegister,           kNoRegister,    kNoRegister};
  for (const auto& [from, to] : kinds)
    if (from == term.kind) action.kind = to;
  if (term.kind == TermKind::gather) {
    action.spec = term.b;
    action.b = term.c;
  } else if (term.kind != TermKind::operation) {
    action.spec = term.a;
  }
  return action;
}

void Scheduler::emit(TermId id, Level level, ActionList& actions) {
  const Term& term = terms_[id];
  Action action = action_of(id);
  if (term.kind == TermKind::operation) {
    action.a = operand(term.a);
    action.b = operand(term.b);
    action.c = operand(term.c);
  } else if (term.kind == TermKind::gather) {
    action.a = operand(term.a);
  } else if (term.kind == TermKind::draw || term.kind == TermKind::mean) {
    DrawTerms& draw = built_.draws[term.a];
    draw.spec.parameters.clear();
    for (const TermId parameter : draw.parameters)
      draw.spec.parameters.push_back(operand(parameter));
  }
  // Elementwise operations may write over an operand; draws read their parameters while they write.
  const bool in_place = term.kind == TermKind::operation;
  if (in_place) release_inputs(id, level);
  if (register_[id] == kNoRegister) register_[id] = registers_.take();
  if (!in_place) release_inputs(id, level);
  action.out = register_[id];
  actions.push_back(action);
}

/*
 * Terms with the loop's unknowns in them that `roots` need, as actions in order; each has a
 * register of its own.  Terms that have been computed are left out unless `again`: formulas taken
 * one after the other see each other's new values.
 */
ActionList Scheduler::body_actions(const std::vector<TermId>& roots, std::uint32_t loop,
                                   std::vector<Register>& temporary, bool again) {
  const TermId first = built_.loops[loop].first_unknown;
  ActionList actions;
  TermId end = first;
  for (const TermId root : roots) end = std::max(end, root + 1);
  std::vector<bool> marked(end - first, false);
  for (const TermId root : roots)
    if (root >= first) marked[root - first] = true;
  for (TermId id = end; id-- > first;)
    if (marked[id - first] && terms_[id].loop == loop + 1)
      for_each_operand(terms_[id], [&](TermId input) {
        if (input >= first) marked[input - first] = true;
      });
  for (TermId id = first; id < end; ++id) {
    const Term& term = terms_[id];
    if (!marked[id - first] || term.loop != loop + 1 || term.kind != TermKind::operation) continue;
    if (!again && register_[id] != kNoRegister) continue;
    if (register_[id] == kNoRegister) {
      register_[id] = registers_.take();
      temporary.push_back(register_[id]);
    }
    Action action = action_of(id);
    action.a = operand(term.a);
    action.b = operand(term.b);
    action.c = operand(term.c);
    action.out = register_[id];
    actions.push_back(action);
  }
  return actions;
}

void Scheduler::emit_loop(std::uint32_t loop, Level level, ActionList& actions) {
  LoopTerms& terms = built_.loops[loop];
  LoopSpec& spec = terms.spec;
  for (std::size_t i = 0; i < spec.variables.size(); ++i)
    spec.unknowns.push_back(registers_.take_run(1));
  for (const TermId start : terms.starts) spec.starts.push_back(operand(start));

  std::vector<Register> temporary;
  const bool sequential =
      spec.method == SolveMethod::gauss_seidel || spec.method == SolveMethod::jacobi;
  if (sequential) {
    for (const std::uint32_t place : spec.text_order) {
      LoopEquation equation{place, body_actions({terms.values[place]}, loop, temporary, true),
                            kNoRegister};
      equation.value = operand(terms.values[place]);
      spec.equations.push_back(std::move(equation));
    }
  } else if (spec.method == SolveMethod::newton) {
    spec.body = body_actions(terms.values, loop, temporary, false);
    std::vector<TermId> slopes;
    for (const JacobianTerm& entry : terms.jacobian) slopes.push_back(entry.value);
    spec.jacobian_body = body_actions(slopes, loop, temporary, false);
  }
  for (const TermId value : terms.values) spec.values.push_back(operand(value));
  for (const JacobianTerm& entry : terms.jacobian)
    spec.jacobian.push_back({entry.row, entry.column, operand(entry.value)});
  for (const Register free : temporary) registers_.give_back(free);
  for (const TermId input : loop_inputs(loop)) release(input, level);

  Action action{ActionKind::solve, Operation::add, loop,       kNoRegister,
                kNoRegister,       kNoRegister,    kNoRegister};
  actions.push_back(action);
}

/* `results` are read after the list: their registers are given back only at its end. */
ActionList Scheduler::list(Level level, const std::vector<TermId>& order,
                           const std::vector<TermId>& results) {
  ActionList actions;
  count_uses(level, order);
  for (const TermId id : results) ++uses_[id];
  for (const TermId id : order) {
    if (terms_[id].kind != TermKind::solved)
      emit(id, level, actions);
    else if (built_.loops[terms_[id].a].spec.unknowns.empty())
      emit_loop(terms_[id].a, level, actions);
  }
  return actions;
}

Register Scheduler::ring_now(std::uint32_t variable) {
  const Register view = kViewBit + static_cast<Register>(program_.views.size());
  program_.views.push_back({ring_of_[variable], 0});
  return view;
}

Phase Scheduler::phase_list(const PhaseTerms& terms) {
  const std::vector<std::uint32_t> variables = phase_variables(terms);
  const std::vector<TermId> order = phase_order(terms, variables);
  for (const TermId id : order) register_[id] = kNoRegister;

  // A value that later steps read is computed into its ring at once, if it is an action of this
  // list and in no other ring.
  std::vector<std::uint32_t> copies;
  std::vector<TermId> results;
  for (const std::uint32_t variable : variables) {
    const TermId value = terms.values[variable];
    const bool computed_here = terms_[value].level == Level::step && is_action(value) &&
                               terms_[value].kind != TermKind::solved;
    if (computed_here) results.push_back(value);
    if (ring_of_[variable] == kNoRegister) continue;
    if (computed_here && register_[value] == kNoRegister)
      register_[value] = ring_now(variable);
    else
      copies.push_back(variable);
  }

  Phase phase;
  phase.actions = list(Level::step, order, results);
  for (const std::uint32_t variable : copies)
    phase.actions.push_back({ActionKind::copy, Operation::add, 0, ring_now(variable),
                             operand(terms.values[variable]), kNoRegister, kNoRegister});
  phase.values.assign(terms.values.size(), kNoRegister);
  for (const std::uint32_t variable : variables)
    phase.values[variable] = operand(terms.values[variable]);
  for (const TermId id : results)
    if (uses_[id] > 0) {
      uses_[id] = 1;
      release(id, Level::step);
    }
  return phase;
}

void Scheduler::place_slots() {
  for (const SlotSpec& slot : program_.slots)
    program_.scalar_slots.push_back(slot.step < 0 ? operand(built_.scalars[slot.variable])
                                                  : kNoRegister);
}

void Scheduler::copy_specs() {
  for (DrawTerms& draw : built_.draws) program_.draws.push_back(std::move(draw.spec));
  for (LoopTerms& loop : built_.loops) program_.loops.push_back(std::move(loop.spec));
}

}  // namespace

Program schedule(TermProgram built) { return Scheduler(std::move(built)).run(); }

Program compile_program(const Model& model, std::span<const Output> wanted, Chance chance,
                        std::span<const DataTable> tables) {
  return schedule(build_terms(model, wanted, chance, tables));
}

}  // namespace sim
