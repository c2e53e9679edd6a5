/*
 * schedule_table.cpp -- what is the same in all trials is computed once for all steps, into a table
 * that trials read.
 *
 * discount[t] = 1.02 ^ (-t / 12) draws nothing, nor does what looks back at such values only. Their
 * terms leave the lists of trials: lists of their own compute them for all steps, in one lane, when
 * parameters are known.  A row of the table holds what the trials' actions of that step read of
 * them.  Terms that a drawn value reaches, through operands, loops or earlier steps, stay where
 * they are.
 */
#include <algorithm>

#include "model/scheduler.hpp"

namespace sim {

/* visit(from, to) for all needed terms: `to` is drawn where `from` is. The solutions of a loop hang
 * together; the values of a variable reach all that read other steps of it. */
template <class Visit>
void Scheduler::for_each_influence(Visit visit) const {
  std::vector<TermId> solution(built_.loops.size(), kNoTerm);  // of each loop: the first one needed
  std::vector<std::vector<TermId>> readers(built_.depth.size());
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (!needed_[id]) continue;
    const Term& term = terms_[id];
    if (term.kind == TermKind::solved && solution[term.a] != kNoTerm) {
      visit(solution[term.a], id);
      continue;
    }
    if (term.kind == TermKind::solved) solution[term.a] = id;
    if (term.kind == TermKind::lagged) readers[term.a].push_back(id);
    if (term.kind == TermKind::captured) readers[program_.captures[term.a].variable].push_back(id);
    for_each_input(id, [&](TermId input) { visit(input, id); });
  }
  for (const PhaseTerms& phase : built_.phases)
    for (std::uint32_t variable = 0; variable < phase.values.size(); ++variable)
      if (phase.values[variable] != kNoTerm && needed_[phase.values[variable]])
        for (const TermId reader : readers[variable]) visit(phase.values[variable], reader);
}

/* By term: whether it differs between trials. */
std::vector<bool> Scheduler::find_drawn() const {
  std::vector<std::size_t> end(terms_.size() + 1, 0);
  for_each_influence([&](TermId from, TermId) { ++end[from + 1]; });
  for (std::size_t id = 0; id < terms_.size(); ++id) end[id + 1] += end[id];
  std::vector<TermId> reached(end.back());
  std::vector<std::size_t> place(end.begin(), end.end() - 1);
  for_each_influence([&](TermId from, TermId to) { reached[place[from]++] = to; });

  std::vector<bool> drawn(terms_.size(), false);
  std::vector<TermId> open;
  const auto mark = [&](TermId id) {
    if (drawn[id]) return;
    drawn[id] = true;
    open.push_back(id);
  };
  for (TermId id = 0; id < terms_.size(); ++id)
    if (terms_[id].kind == TermKind::draw || terms_[id].kind == TermKind::row) mark(id);
  while (!open.empty()) {
    const TermId id = open.back();
    open.pop_back();
    for (std::size_t i = end[id]; i < end[id + 1]; ++i) mark(reached[i]);
  }
  return drawn;
}

/* The terms of steps that no draw reaches, and the variables of which that holds at all steps. */
void Scheduler::find_same() {
  const std::vector<bool> drawn = find_drawn();
  const auto same = [&](TermId id) {
    return needed_[id] && !drawn[id] && terms_[id].loop == 0 && level_of(id) == Level::step;
  };
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (!same(id)) continue;
    same_.resize(terms_.size(), false);
    same_[id] = any_same_ = true;
  }
  if (!same_.empty()) {
    column_.assign(terms_.size(), kNoColumn);
    read_whole_.assign(terms_.size(), false);
  }
  for (std::uint32_t variable = 0; variable < same_variable_.size(); ++variable)
    same_variable_[variable] =
        std::none_of(built_.phases.begin(), built_.phases.end(), [&](const PhaseTerms& phase) {
          return phase.values[variable] != kNoTerm && drawn[phase.values[variable]];
        });
}

/* Decides whether there is a table: not where it would be too large. */
void Scheduler::plan_table() {
  if (optimisation_ == Optimisation::off || !program_.random || built_.phases.empty()) return;
  find_same();
  std::size_t& width = program_.table_width;
  if (any_same_)
    for (const PhaseTerms& phase : built_.phases) {
      const std::vector<TermId> order =
          step_order(phase, trial_variables(phase), {}, ListOf::trials);
      width = std::max(width, columns_of(order).size());
    }
  if (width * (static_cast<std::size_t>(program_.steps) + 1) > kMaxTableValues) {
    width = 0;
    for (TermId id = 0; id < terms_.size(); ++id)
      if (is_column(id)) same_[id] = false;
    same_variable_.assign(same_variable_.size(), false);
  }
  has_table_ = width > 0;
  const auto mark = [&](auto& specs) {
    for (auto& spec : specs) {
      spec.same_in_trials = same_variable_[spec.variable];
      has_table_ = has_table_ || spec.same_in_trials;
    }
  };
  mark(program_.captures);
  mark(program_.aggregates);
}

/* The step and a series are had as quickly as a column of the table. */
bool Scheduler::is_column(TermId id) const {
  return any_same_ && same_[id] && terms_[id].kind != TermKind::time &&
         terms_[id].kind != TermKind::series;
}

std::vector<TermId> Scheduler::columns_of(const std::vector<TermId>& order) const {
  std::vector<TermId> columns;
  for (const TermId id : order)
    if (is_column(id)) columns.push_back(id);
  return columns;
}

/* Whether its register holds one value in all lanes of a batch of trials. */
bool Scheduler::is_same_in_lanes(TermId id) const {
  if (terms_[id].level == Level::once) return terms_[id].loop == 0;
  return any_same_ && (is_tabled(id) || (same_[id] && !is_column(id)));
}

bool Scheduler::reads_same_of_step(TermId id) const {
  if (!any_same_) return false;
  bool found = absorbed_[id] != kNoTerm && reads_same_of_step(absorbed_[id]);
  for_each_operand(terms_[id], [&](TermId operand) {
    found = found || (terms_[operand].level == Level::step && is_same_in_lanes(operand));
  });
  return found;
}

/* Only kernels of operations do with the first lanes; loops move lanes, draws and whoever takes
 * results read them all. */
void Scheduler::mark_read_whole(const std::vector<TermId>& order,
                                const std::vector<TermId>& results) {
  if (!any_same_) return;
  for (const TermId id : order) read_whole_[id] = false;
  const auto mark = [&](TermId input) { read_whole_[input] = true; };
  for (const TermId id : order) {
    const Term& term = terms_[id];
    if (is_tabled(id)) continue;
    if (term.kind == TermKind::solved) {
      const std::vector<TermId>& inputs = loop_inputs(term.a);
      std::for_each(inputs.begin(), inputs.end(), mark);
    } else if (term.kind != TermKind::operation || !reads_first_lanes(term.operation)) {
      for_each_input(id, mark);
    }
  }
  std::for_each(results.begin(), results.end(), mark);
}

/* For an action that fills its lanes with a number. */
UniformOperands Scheduler::uniform_result(TermId id) const {
  return any_same_ && is_same_in_lanes(id) && !read_whole_[id] ? kUniformOut : UniformOperands{0};
}

/* What a trial keeps or reports of a step by itself. */
std::vector<std::uint32_t> Scheduler::trial_variables(const PhaseTerms& phase) const {
  std::vector<std::uint32_t> variables = phase_variables(phase);
  std::erase_if(variables, [&](std::uint32_t variable) {
    return same_variable_[variable] && !has_slot_[variable];
  });
  return variables;
}

/* What is kept of a step while the table is made. */
std::vector<std::uint32_t> Scheduler::table_variables(const PhaseTerms& phase) const {
  std::vector<std::uint32_t> variables = phase_variables(phase);
  std::erase_if(variables, [&](std::uint32_t variable) { return !same_variable_[variable]; });
  return variables;
}

/* The list that computes a row of the table. */
TablePhase Scheduler::table_phase(const PhaseTerms& terms, const std::vector<TermId>& columns) {
  TablePhase table{phase_list(terms, table_variables(terms), columns, ListOf::table), {}};
  for (const TermId id : columns) table.columns.push_back(operand(id));
  return table;
}

/* The list that trials run, after the one of the table that it reads. */
Phase Scheduler::trial_phase(const PhaseTerms& terms) {
  const std::vector<std::uint32_t> variables = trial_variables(terms);
  if (!has_table_) return phase_list(terms, variables, {}, ListOf::trials);
  const std::vector<TermId> columns = columns_of(step_order(terms, variables, {}, ListOf::trials));
  program_.table_phases.push_back(table_phase(terms, columns));
  for (std::uint32_t place = 0; place < columns.size(); ++place) column_[columns[place]] = place;
  Phase phase = phase_list(terms, variables, {}, ListOf::trials);
  for (const TermId id : columns) column_[id] = kNoColumn;
  return phase;
}

}  // namespace sim
