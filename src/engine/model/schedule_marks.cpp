/*
 * schedule_marks.cpp -- which terms a program needs, at which steps, and which values must be kept.
 */
#include <algorithm>

#include "model/scheduler.hpp"

namespace sim {

/* Extends marks from users to all they need, through the bodies of loops too. */
void Scheduler::mark_from(std::vector<bool>& marked) const {
  std::vector<bool> loops(built_.loops.size(), false);
  for (TermId id = static_cast<TermId>(terms_.size()); id-- > 0;)
    if (marked[id]) for_each_new_input(id, loops, [&](TermId input) { marked[input] = true; });
}

void Scheduler::mark_reported() {
  for (std::uint32_t variable = 0; variable < reported_.size(); ++variable)
    reported_[variable] = built_.depth[variable] > 0;
  for (const CaptureSpec& capture : program_.captures) reported_[capture.variable] = true;
  for (const AggregateSpec& aggregate : program_.aggregates) reported_[aggregate.variable] = true;
  for (const SlotSpec& slot : program_.slots)
    reported_[slot.variable] = has_slot_[slot.variable] = true;
}

/* The variables whose value at this step is kept or reported. */
std::vector<std::uint32_t> Scheduler::phase_variables(const PhaseTerms& phase) const {
  std::vector<std::uint32_t> variables;
  for (std::uint32_t variable = 0; variable < phase.values.size(); ++variable)
    if (phase.values[variable] != kNoTerm && reported_[variable]) variables.push_back(variable);
  return variables;
}

/* What must be computed or read from the table at this step, operands first. */
std::vector<TermId> Scheduler::step_order(const PhaseTerms& phase,
                                          const std::vector<std::uint32_t>& variables,
                                          const std::vector<TermId>& columns, ListOf list) {
  std::vector<TermId> order;
  std::vector<TermId> open;
  std::vector<bool> loops(built_.loops.size(), false);
  ++visit_;
  const auto visit = [&](TermId id) {
    if (visited_[id] == visit_ || level_of(id) != Level::step) return;
    visited_[id] = visit_;
    const bool read = list == ListOf::trials && is_column(id);
    if (!read) open.push_back(id);
    if (read || is_action(id)) order.push_back(id);
  };
  for (const std::uint32_t variable : variables) visit(phase.values[variable]);
  for (const TermId id : columns) visit(id);
  while (!open.empty()) {
    const TermId id = open.back();
    open.pop_back();
    for_each_new_input(id, loops, visit);
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
Level Scheduler::level_of(TermId id) const {
  return terms_[id].loop > 0 ? built_.loops[terms_[id].loop - 1].level : terms_[id].level;
}

/* Moves operations to the list that reads them, where it is one alone.  What is a variable's value
 * or a parameter of a distribution stays where it is: other lists find it there. */
void Scheduler::delay_operations() {
  std::vector<unsigned> readers(terms_.size(), 0);  // a bit for each level
  const auto read_at = [&](TermId id, Level level) {
    readers[id] |= 1u << static_cast<unsigned>(level);
  };
  const auto pin = [&](TermId id) {
    if (id != kNoTerm) read_at(id, terms_[id].level);
  };
  for (const PhaseTerms& phase : built_.phases)
    std::for_each(phase.values.begin(), phase.values.end(), pin);
  std::for_each(built_.scalars.begin(), built_.scalars.end(), pin);
  for (const DrawTerms& draw : built_.draws)
    std::for_each(draw.parameters.begin(), draw.parameters.end(), pin);
  std::vector<bool> loops(built_.loops.size(), false);
  for (TermId id = static_cast<TermId>(terms_.size()); id-- > 0;) {
    if (!needed_[id]) continue;
    if (terms_[id].kind == TermKind::operation && terms_[id].loop == 0)
      for (const Level level : {Level::trial, Level::step, Level::final})
        if (readers[id] == 1u << static_cast<unsigned>(level)) terms_.set_level(id, level);
    for_each_new_input(id, loops, [&](TermId input) { read_at(input, level_of(id)); });
  }
}

void Scheduler::mark_kept() {
  std::vector<bool> loops(built_.loops.size(), false);
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (!needed_[id]) continue;
    if (is_row_of_blocks(id)) keep_[id] = true;
    const Level user = level_of(id);
    for_each_new_input(id, loops, [&](TermId input) {
      if (terms_[input].level < user) keep_[input] = true;
    });
  }
  for (const SlotSpec& slot : program_.slots)
    if (slot.step < 0) keep_[built_.scalars[slot.variable]] = true;
  // Parameters of a distribution are looked at when all that is computed once is there.
  for (const DrawTerms& draw : built_.draws)
    if (draw.spec.constant_parameters)
      for (const TermId parameter : draw.parameters) keep_[parameter] = true;
  for (const PhaseTerms& phase : built_.phases)
    for (const TermId value : phase.values)
      if (value != kNoTerm && terms_[value].level < Level::step) keep_[value] = true;
}

/* The row where a block began stays for all its steps. */
bool Scheduler::is_row_of_blocks(TermId id) const {
  return terms_[id].kind == TermKind::row && built_.draws[terms_[id].a].spec.block > 1;
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

}  // namespace sim
