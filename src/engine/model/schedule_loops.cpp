/*
 * schedule_loops.cpp -- the actions inside a loop: its formulas, their slopes, what they read from
 * outside.
 */
#include <algorithm>

#include "model/scheduler.hpp"

namespace sim {

/* The values a loop reads from outside: each once. */
const std::vector<TermId>& Scheduler::loop_inputs(std::uint32_t loop) {
  std::vector<TermId>& inputs = loop_inputs_[loop];
  if (!inputs.empty()) return inputs;
  const LoopTerms& terms = built_.loops[loop];
  const TermId first = terms.first_unknown;
  std::vector<TermId> open;
  ++visit_;
  const auto visit = [&](TermId id) {
    if (visited_[id] == visit_) return;
    visited_[id] = visit_;
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
    asking_.spend();
    const Term& term = terms_[id];
    if (!marked[id - first] || term.loop != loop + 1 || term.kind != TermKind::operation) continue;
    if (!again && register_[id] != kNoRegister) continue;
    if (register_[id] == kNoRegister) {
      register_[id] = registers_.take();
      temporary.push_back(register_[id]);
    }
    Action action = operation_action(id);
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
    slopes.insert(slopes.end(), terms.solution.begin(), terms.solution.end());
    if (terms.trusted != kNoTerm) slopes.push_back(terms.trusted);
    spec.jacobian_body = body_actions(slopes, loop, temporary, false);
  }
  for (const TermId value : terms.values) spec.values.push_back(operand(value));
  for (const JacobianTerm& entry : terms.jacobian)
    spec.jacobian.push_back({entry.row, entry.column, operand(entry.value)});
  for (const TermId value : terms.solution) spec.solution.push_back(operand(value));
  spec.trusted = operand(terms.trusted);
  for (const Register free : temporary) registers_.give_back(free);
  if (spec.method != SolveMethod::direct)
    for (const TermId input : loop_inputs(loop))
      if (!terms_.is_number(input)) spec.inputs.push_back(operand(input));
  for (const TermId input : loop_inputs(loop)) release(input, level);

  actions.push_back({.kind = ActionKind::solve, .spec = loop});
}

}  // namespace sim
