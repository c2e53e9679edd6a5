/*
 * schedule.cpp -- from terms to flat lists of actions, and registers for their values.
 */
#include <algorithm>

#include "model/scheduler.hpp"

namespace sim {

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
         registers_.take_run(static_cast<std::size_t>(built_.depth[variable]) + 1), from_step_1,
         same_variable_[variable]});
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
  if (is_tabled(id)) return register_[id];
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
    case TermKind::lagged:
      return view_of(term.a, term.b);
    case TermKind::unknown:
    case TermKind::solved:
      return built_.loops[term.a].spec.unknowns[term.b];
    default:
      return register_[id];
  }
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
    if (is_tabled(id)) continue;
    if (terms_[id].kind != TermKind::solved) {
      for_each_input(id, count);
    } else if (!counted[terms_[id].a]) {
      counted[terms_[id].a] = true;
      for (const TermId input : loop_inputs(terms_[id].a)) count(input);
    }
  }
}

void Scheduler::release(TermId id, Level level) {
  const bool own = is_tabled(id) || (is_action(id) && terms_[id].kind != TermKind::solved);
  if (terms_[id].level != level || !own || keep_[id]) return;
  if (register_[id] == kNoRegister || (register_[id] & kViewBit) != 0 || uses_[id] == 0) return;
  if (--uses_[id] == 0) registers_.give_back(register_[id]);
}

void Scheduler::release_inputs(TermId id, Level level) {
  if (absorbed_[id] != kNoTerm) release_inputs(absorbed_[id], level);
  for_each_input(id, [&](TermId input) { release(input, level); });
}

Action Scheduler::action_of(TermId id) const {
  static constexpr std::pair<TermKind, ActionKind> kinds[] = {
      {TermKind::time, ActionKind::time},
      {TermKind::series, ActionKind::series},
      {TermKind::draw, ActionKind::draw},
      {TermKind::mean, ActionKind::mean},
      {TermKind::row, ActionKind::row}};
  Action action;
  for (const auto& [from, to] : kinds)
    if (from == terms_[id].kind) action.kind = to;
  action.spec = terms_[id].a;
  if (terms_[id].level == Level::step) action.uniform = uniform_result(id);
  return action;
}

void Scheduler::emit(TermId id, Level level, ActionList& actions) {
  const Term& term = terms_[id];
  const bool is_operation = term.kind == TermKind::operation;
  Action action = is_operation ? operation_action(id) : action_of(id);
  if (term.kind == TermKind::draw || term.kind == TermKind::mean) {
    DrawTerms& draw = built_.draws[term.a];
    draw.spec.parameters.clear();
    for (const TermId parameter : draw.parameters)
      draw.spec.parameters.push_back(operand(parameter));
  }
  if (is_row_of_blocks(id)) register_[id] = built_.draws[term.a].spec.block_start;
  // Elementwise operations may write over an operand, unless they read its first lanes only; draws
  // read their parameters while they write.
  const bool in_place = is_operation && !reads_same_of_step(id);
  if (in_place) release_inputs(id, level);
  if (register_[id] == kNoRegister) register_[id] = registers_.take();
  if (!in_place) release_inputs(id, level);
  action.out = register_[id];
  actions.push_back(action);
}

/* `results` are read after the list: their registers are given back only at its end. */
ActionList Scheduler::list(Level level, const std::vector<TermId>& order,
                           const std::vector<TermId>& results) {
  ActionList actions;
  count_uses(level, order);
  for (const TermId id : results) ++uses_[id];
  mark_read_whole(order, results);
  fuse_operations(level, order);
  join_gathers(order);
  for (const TermId id : order) {
    asking_.spend();
    if (done_[id]) continue;
    if (is_tabled(id))
      emit_column(id, actions);
    else if (terms_[id].kind == TermKind::gather)
      emit_gathers(gathers_of_.at(id), level, actions);
    else if (terms_[id].kind != TermKind::solved)
      emit(id, level, actions);
    else if (built_.loops[terms_[id].a].spec.unknowns.empty())
      emit_loop(terms_[id].a, level, actions);
  }
  return actions;
}

/* Reads a value from the table. */
void Scheduler::emit_column(TermId id, ActionList& actions) {
  if (register_[id] == kNoRegister) register_[id] = registers_.take();
  actions.push_back({.kind = ActionKind::tabled,
                     .uniform = uniform_result(id),
                     .spec = column_[id],
                     .out = register_[id]});
}

/* Where a variable's value of so many steps ago lies. */
Register Scheduler::view_of(std::uint32_t variable, std::int64_t lag) {
  const Register view = kViewBit + static_cast<Register>(program_.views.size());
  const auto [known, added] = views_.try_emplace({variable, lag}, view);
  if (added) program_.views.push_back({ring_of_[variable], lag});
  return known->second;
}

Phase Scheduler::phase_list(const PhaseTerms& terms, const std::vector<std::uint32_t>& variables,
                            const std::vector<TermId>& columns, ListOf list_of) {
  const std::vector<TermId> order = step_order(terms, variables, columns, list_of);
  for (const TermId id : order) register_[id] = kNoRegister;

  // A value that later steps read is computed into its ring at once, if it is an action of this
  // list and in no other ring.
  std::vector<std::uint32_t> copies;
  std::vector<TermId> results;
  const auto computed = [&](TermId id) {
    return is_tabled(id) || (terms_[id].level == Level::step && is_action(id) &&
                             terms_[id].kind != TermKind::solved);
  };
  std::copy_if(columns.begin(), columns.end(), std::back_inserter(results), computed);
  for (const std::uint32_t variable : variables) {
    const TermId value = terms.values[variable];
    const bool computed_here = computed(value);
    if (computed_here) results.push_back(value);
    const bool looked_back_at =
        ring_of_[variable] != kNoRegister && same_variable_[variable] == (list_of == ListOf::table);
    if (!looked_back_at) continue;
    if (computed_here && register_[value] == kNoRegister)
      register_[value] = view_of(variable, 0);
    else
      copies.push_back(variable);
  }

  Phase phase;
  phase.actions = list(Level::step, order, results);
  for (const std::uint32_t variable : copies)
    phase.actions.push_back({.kind = ActionKind::copy,
                             .out = view_of(variable, 0),
                             .a = operand(terms.values[variable])});
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

Program schedule(TermProgram built, Optimisation optimisation) {
  return Scheduler(std::move(built), optimisation).run();
}

Program compile_program(const Model& model, std::span<const Output> wanted, Chance chance,
                        std::span<const DataTable> tables, Optimisation optimisation,
                        RowLayouts* layouts) {
  RowLayouts own;
  RowLayouts& known = layouts == nullptr ? own : *layouts;
  Program program =
      schedule(build_terms(model, wanted, chance, tables, optimisation), optimisation);
  for (GatherSpec& gather : program.gathers) {
    const DrawSpec& draw = program.draws[gather.draw];
    gather.rows = known.find(draw.table, tables[draw.table], gather.columns, draw.block);
  }
  return program;
}

}  // namespace sim
