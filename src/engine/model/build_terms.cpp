/*
 * build_terms.cpp -- the terms of everything the wanted outputs need: scalars first, then each kind
 * of step.
 */
#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "model/analysis.hpp"
#include "model/loop_terms.hpp"
#include "model/term_builder.hpp"

namespace sim {
namespace {

constexpr std::int64_t kMaxSlots = 4'000'000;

}  // namespace

void TermBuilder::find_required() {
  required_.assign(model_.variables.size(), false);
  reads_.resize(model_.variables.size());
  readers_.resize(model_.variables.size());
  std::vector<std::uint32_t> open;
  const auto need = [&](std::uint32_t variable) {
    if (required_[variable]) return;
    required_[variable] = true;
    open.push_back(variable);
  };
  for (const Output& output : wanted_) need(output.variable);
  Asking asking(1 << 10);
  while (!open.empty()) {
    asking.spend();
    const std::uint32_t variable = open.back();
    open.pop_back();
    const Variable& definition = model_.variables[variable];
    const auto need_all = [&](const std::vector<Read>& reads) {
      for (const Read& read : reads) {
        readers_[read.variable].push_back(variable);
        need(read.variable);
      }
    };
    reads_[variable] = rule_reads(model_, definition);
    need_all(reads_[variable]);
    for (const auto& [step, rule] : definition.start_rules)
      need_all(start_reads(model_, definition, step));
    need_all(start_value_reads(model_, definition));
  }
}

void TermBuilder::number_parameters() {
  for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
    const Variable& variable = model_.variables[i];
    if (!required_[i] || variable.kind != VariableKind::input ||
        variable.input.kind != InputDefinition::Kind::number)
      continue;
    built_.parameter_of[i] = static_cast<std::uint32_t>(built_.program.parameters.size());
    built_.program.parameters.push_back({variable.name, variable.input.number, kNoRegister});
  }
}

void TermBuilder::build_scalars(bool over_time) {
  phase_ = nullptr;
  DependencyGraph edges(model_.variables.size());
  const auto included = [&](std::uint32_t i) {
    return required_[i] && !model_.variables[i].timed && model_.variables[i].over_time == over_time;
  };
  const auto add_edges = [&](std::uint32_t i, const std::vector<Read>& reads) {
    for (const Read& read : reads)
      if (read.kind == Read::Kind::same && included(read.variable))
        edges[i].push_back(read.variable);
  };
  for (std::uint32_t i = 0; i < edges.size(); ++i) {
    if (!included(i)) continue;
    add_edges(i, reads_[i]);
    add_edges(i, start_value_reads(model_, model_.variables[i]));
  }
  for (const Component& component : strongly_connected_components(edges))
    if (included(component.members[0])) build_component(component);
}

void TermBuilder::build_phases() {
  if (model_.steps == 0) return;
  std::set<std::int64_t> special{0};
  for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
    if (!required_[i] || !model_.variables[i].timed) continue;
    for (const auto& [step, rule] : model_.variables[i].start_rules) special.insert(step);
    for (const Read& read : reads_[i])
      if (read.kind == Read::Kind::at_step && read.step <= model_.steps) special.insert(read.step);
  }
  Program& program = built_.program;
  program.special_phase.assign(static_cast<std::size_t>(*special.rbegin()) + 1, kNoRegister);
  for (const std::int64_t step : special) {
    program.special_phase[static_cast<std::size_t>(step)] =
        static_cast<std::uint32_t>(built_.phases.size());
    build_phase(step);
  }
  program.general_phase = static_cast<std::uint32_t>(built_.phases.size());
  if (static_cast<std::int64_t>(special.size()) <= model_.steps) build_phase(-1);
}

/* Step 0 is everybody's own; another that of variables with a rule for it or that read it, and of
 * all that read these. */
void TermBuilder::mark_own_steps(std::int64_t step) {
  own_step_.assign(model_.variables.size(), step == 0);
  if (step <= 0) return;
  std::vector<std::uint32_t> open;
  const auto mark = [&](std::uint32_t variable) {
    if (!required_[variable] || own_step_[variable]) return;
    own_step_[variable] = true;
    open.push_back(variable);
  };
  for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
    if (!required_[i] || !model_.variables[i].timed) continue;
    if (model_.variables[i].start_rules.contains(step)) mark(i);
    for (const Read& read : reads_[i])
      if (read.kind == Read::Kind::at_step && read.step == step) mark(i);
  }
  while (!open.empty()) {
    const std::uint32_t variable = open.back();
    open.pop_back();
    for (const std::uint32_t reader : readers_[variable]) mark(reader);
  }
}

void TermBuilder::build_phase(std::int64_t step) {
  mark_own_steps(step);
  PhaseTerms phase;
  phase.step = step;
  phase.values.assign(model_.variables.size(), kNoTerm);
  phase_ = &phase;
  DependencyGraph edges(model_.variables.size());
  const auto included = [&](std::uint32_t i) {
    return required_[i] && model_.variables[i].timed && exists(model_.variables[i], step);
  };
  for (std::uint32_t i = 0; i < edges.size(); ++i)
    if (included(i))
      for (const std::uint32_t read : same_step_reads(i))
        if (included(read)) edges[i].push_back(read);
  for (const Component& component : strongly_connected_components(edges))
    if (included(component.members[0])) build_component(component);
  phase_ = nullptr;
  built_.phases.push_back(std::move(phase));
}

const Expression* TermBuilder::rule_at(const Variable& variable, std::int64_t step) const {
  if (step >= 0)
    if (const auto start = variable.start_rules.find(step); start != variable.start_rules.end())
      return &start->second;
  return variable.rule ? &*variable.rule : nullptr;
}

std::vector<std::uint32_t> TermBuilder::same_step_reads(std::uint32_t variable) const {
  const Variable& definition = model_.variables[variable];
  const std::int64_t step = phase_->step;
  const bool starts = step >= 0 && definition.start_rules.contains(step);
  std::vector<std::uint32_t> reads;
  for (const Read& read : starts ? start_reads(model_, definition, step) : reads_[variable])
    if (read.kind == Read::Kind::same || (read.kind == Read::Kind::at_step && read.step == step))
      reads.push_back(read.variable);
  return reads;
}

void TermBuilder::build_component(const Component& component) {
  if (!component.circular) {
    values()[component.members[0]] = lower_variable(component.members[0]);
    return;
  }
  refuse_inputs(component);
  const std::uint32_t loop = static_cast<std::uint32_t>(built_.loops.size());
  built_.loops.emplace_back();
  LoopTermsBuilder builder(model_, built_.terms, loop, component.members);
  const std::vector<std::uint32_t>& variables = builder.variables();
  for (std::uint32_t i = 0; i < variables.size(); ++i) values()[variables[i]] = builder.unknown(i);
  std::vector<TermId> formulas;
  for (const std::uint32_t variable : variables) formulas.push_back(lower_variable(variable));
  std::vector<TermId> starts;
  PhaseTerms* const phase = phase_;
  for (const std::uint32_t variable : variables) {
    const Variable& definition = model_.variables[variable];
    TermId start = kNoTerm;
    if (definition.start_value) {
      phase_ = nullptr;
      step_ = -1;
      start = lowering_.lower(*definition.start_value, *this);
      phase_ = phase;
    } else if (phase_ != nullptr && phase_->step != 0) {
      step_ = step_seen_by(variable);
      start = lagged(variable, 1);
    }
    starts.push_back(start);
  }
  LoopTerms& terms = built_.loops[loop];
  terms = builder.finish(formulas, starts);
  // Where elimination always holds nothing is left to do at run time, but to report in converging.
  const bool done = terms.spec.method == SolveMethod::direct && !terms.solution.empty() &&
                    terms.trusted == kNoTerm && chance_ == Chance::drawn;
  for (std::uint32_t i = 0; i < variables.size(); ++i)
    values()[variables[i]] =
        done ? terms.solution[i] : built_.terms.leaf(TermKind::solved, terms.level, loop, i);
}

/* Circles that exist at single steps only are not seen before: a start rule may close them. */
void TermBuilder::refuse_inputs(const Component& loop) const {
  for (const std::uint32_t member : loop.members) {
    const Variable& variable = model_.variables[member];
    if (variable.kind != VariableKind::input) continue;
    throw Error(ErrorKind::invalid_model,
                "the input " + in_quotes(variable.name) + " depends on itself at step " +
                    std::to_string(phase_ == nullptr ? 0 : phase_->step),
                {}, "Only formulas may be circular.");
  }
}

TermId TermBuilder::lower_variable(std::uint32_t variable) {
  const Variable& definition = model_.variables[variable];
  step_ = step_seen_by(variable);
  if (definition.kind == VariableKind::input) return lower_input(definition, variable);
  const std::int64_t step = phase_ == nullptr ? -1 : phase_->step;
  const Expression* rule = rule_at(definition, step);
  if (rule == nullptr) return nan();
  start_step_ = step >= 0 && definition.start_rules.contains(step) ? step : -1;
  const TermId term = lowering_.lower(*rule, *this);
  start_step_ = -1;
  return term == kNoTerm ? nan() : term;
}

void TermBuilder::list_slots() {
  Program& program = built_.program;
  std::int64_t count = 0;
  for (const Output& output : wanted_)
    count += model_.variables[output.variable].timed ? model_.steps / output.every + 1 : 1;
  if (count > kMaxSlots)
    throw Error(ErrorKind::limit_exceeded,
                "the model reports " + std::to_string(count) + " numbers a trial, at most " +
                    std::to_string(kMaxSlots) + " are possible",
                {}, "Report fewer steps: output x[t] every 12.");
  for (const Output& output : wanted_) {
    const Variable& variable = model_.variables[output.variable];
    if (!variable.timed) {
      program.slots.push_back({output.variable, -1});
      continue;
    }
    for (std::int64_t step = 0; step <= model_.steps; step += output.every)
      if (exists(variable, step)) program.slots.push_back({output.variable, step});
  }
}

TermProgram build_terms(const Model& model, std::span<const Output> wanted, Chance chance,
                        std::span<const DataTable> tables, Optimisation optimisation) {
  return TermBuilder(model, wanted, chance, tables, optimisation).build();
}

}  // namespace sim
