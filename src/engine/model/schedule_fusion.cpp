/*
 * schedule_fusion.cpp -- one action for two operations, or for several columns of one row of data.
 *
 * What an action costs beside its arithmetic is passing values through registers.  Where an
 * operation's only reader is another cheap one both are done in one pass, each rounding as it would
 * alone; columns of one row are fetched together, since a row is one place in memory.
 */
#include "model/scheduler.hpp"

namespace sim {
namespace {

constexpr std::size_t kColumnsOfAGather = 3;

/* Operations that take less time than writing and reading their value. */
bool may_be_absorbed(Operation operation) {
  switch (operation) {
    case Operation::add:
    case Operation::subtract:
    case Operation::multiply:
    case Operation::minimum:
    case Operation::maximum:
      return true;
    default:
      return false;
  }
}

bool absorbs(Operation operation) {
  return operation == Operation::add || operation == Operation::subtract ||
         operation == Operation::multiply;
}

FollowUp follow_up_of(Operation operation, bool second) {
  if (operation == Operation::add) return FollowUp::add;
  if (operation == Operation::multiply) return FollowUp::multiply;
  return second ? FollowUp::subtract_from : FollowUp::subtract;
}

}  // namespace

/* Finds the operations that are computed within their only reader. */
void Scheduler::fuse_operations(Level level, const std::vector<TermId>& order) {
  for (const TermId id : order) {
    absorbed_[id] = kNoTerm;
    done_[id] = false;
  }
  if (optimisation_ == Optimisation::off) return;
  const auto fits = [&](TermId id) {
    const Term& term = terms_[id];
    return term.kind == TermKind::operation && term.level == level && term.loop == 0 &&
           !is_tabled(id) && may_be_absorbed(term.operation) && absorbed_[id] == kNoTerm &&
           uses_[id] == 1 && !keep_[id] && register_[id] == kNoRegister;
  };
  for (const TermId id : order) {
    const Term& term = terms_[id];
    if (term.kind != TermKind::operation || is_tabled(id) || !absorbs(term.operation)) continue;
    const TermId inner = fits(term.a) ? term.a : fits(term.b) ? term.b : kNoTerm;
    if (inner == kNoTerm) continue;
    absorbed_[id] = inner;
    done_[inner] = true;
  }
}

/* An operation with its operands, and with the operation it absorbs. */
Action Scheduler::operation_action(TermId id) {
  const Term& term = terms_[id];
  const TermId inner = absorbed_[id];
  if (inner == kNoTerm)
    return with_operands({.operation = term.operation}, id, term.a, term.b, term.c);
  const bool second = inner == term.b;
  return with_operands(
      {.operation = terms_[inner].operation, .follow_up = follow_up_of(term.operation, second)}, id,
      terms_[inner].a, terms_[inner].b, second ? term.a : term.b);
}

/* What was computed once is the same in all lanes, and its register is not written over by lists
 * that run later; nor is one that holds what is the same at a step, while it is read. */
Action Scheduler::with_operands(Action action, TermId reader, TermId a, TermId b, TermId c) {
  const auto bit = [&](TermId id, UniformOperands uniform) {
    return id != kNoTerm && is_same_in_lanes(id) ? uniform : 0;
  };
  action.a = operand(a);
  action.b = operand(b);
  action.c = operand(c);
  if (optimisation_ == Optimisation::on && terms_[reader].level != Level::once)
    action.uniform =
        static_cast<UniformOperands>(bit(a, kUniformA) | bit(b, kUniformB) | bit(c, kUniformC));
  return action;
}

/* Finds the columns that are read together: all of one row, in the order of their first use. */
void Scheduler::join_gathers(const std::vector<TermId>& order) {
  gathers_of_.clear();
  std::map<TermId, TermId> open;  // by row: the first gather
  for (const TermId id : order) {
    const Term& term = terms_[id];
    if (term.kind != TermKind::gather) continue;
    const auto [entry, added] = open.try_emplace(term.a, id);
    std::vector<TermId>& joined = gathers_of_[entry->second];
    joined.push_back(id);
    if (!added) done_[id] = true;
    if (joined.size() == kColumnsOfAGather || optimisation_ == Optimisation::off) open.erase(entry);
  }
}

void Scheduler::emit_gathers(const std::vector<TermId>& gathers, Level level, ActionList& actions) {
  const TermId row = terms_[gathers[0]].a;
  const std::uint32_t draw = terms_[row].a;
  std::vector<std::uint32_t> columns;
  for (const TermId id : gathers) columns.push_back(terms_[id].c);
  const auto [entry, added] =
      gather_specs_.try_emplace({draw, columns}, static_cast<std::uint32_t>(gather_specs_.size()));
  if (added) program_.gathers.push_back({draw, columns, nullptr});
  Action action{.kind = ActionKind::gather, .spec = entry->second, .a = operand(row)};
  Register* const places[kColumnsOfAGather] = {&action.out, &action.b, &action.c};
  for (std::size_t i = 0; i < gathers.size(); ++i) {
    Register& place = register_[gathers[i]];
    if (place == kNoRegister) place = registers_.take();
    *places[i] = place;
  }
  for (const TermId id : gathers) release_inputs(id, level);
  actions.push_back(action);
}

}  // namespace sim
