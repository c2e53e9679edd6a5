/*
 * build_terms.cpp -- the terms of everything the wanted outputs need: scalars first, then each kind
 * of step.
 */
#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "core/error.hpp"
#include "model/analysis.hpp"
#include "model/compiler.hpp"
#include "model/graph.hpp"
#include "model/loop_terms.hpp"
#include "model/reads.hpp"

namespace sim {
namespace {

constexpr std::int64_t kMaxSlots = 4'000'000;

TimeAggregate time_aggregate_named(std::string_view name) {
  if (name == "sum") return TimeAggregate::sum;
  if (name == "min") return TimeAggregate::min;
  if (name == "max") return TimeAggregate::max;
  if (name == "first_step") return TimeAggregate::first_step;
  if (name == "any") return TimeAggregate::any;
  if (name == "all") return TimeAggregate::all;
  return TimeAggregate::avg;
}

class TermBuilder final : public LeafReader {
 public:
  TermBuilder(const Model& model, std::span<const Output> wanted, Chance chance,
              std::span<const DataTable> tables)
      : model_(model),
        wanted_(wanted),
        chance_(chance),
        tables_(tables),
        lowering_(model, built_.terms) {}

  TermProgram build() {
    built_.program.steps = model_.steps;
    for (const Variable& variable : model_.variables)
      built_.program.variable_names.push_back(variable.name);
    built_.scalars.assign(model_.variables.size(), kNoTerm);
    built_.depth.assign(model_.variables.size(), 0);
    find_required();
    number_parameters();
    build_scalars(false);
    build_phases();
    build_scalars(true);
    list_slots();
    return std::move(built_);
  }

  // Leaves, as they stand in the formula being lowered.
  TermId variable(const Node& node) override;
  TermId time() override {
    return phase_ != nullptr && phase_->step >= 0
               ? number(static_cast<double>(phase_->step))
               : built_.terms.leaf(TermKind::time, Level::step, 0);
  }
  TermId data_aggregate(std::string_view function, const Node& column) override;
  TermId time_aggregate(std::string_view function, const Node& node) override;

 private:
  TermId number(double value) { return built_.terms.number(value); }
  TermId nan() { return number(std::nan("")); }

  void find_required();
  void number_parameters();
  void build_scalars(bool over_time);
  void build_phases();
  void build_phase(std::int64_t step);
  void build_component(const Component& component);
  void refuse_inputs(const Component& loop) const;
  void list_slots();

  bool exists(const Variable& variable, std::int64_t step) const {
    return step != 0 || !variable.from_step_1;
  }
  const Expression* rule_at(const Variable& variable, std::int64_t step) const;
  std::vector<std::uint32_t> same_step_reads(std::uint32_t variable) const;
  TermId lower_variable(std::uint32_t variable);
  TermId lower_input(const Variable& variable, std::uint32_t index);
  TermId draw(const Variable& variable);
  TermId column_term(const DrawDefinition& definition, std::uint32_t draw, std::uint32_t place,
                     Level level);
  std::uint32_t draw_spec(const Variable& variable, const DrawDefinition& definition,
                          std::vector<TermId> parameters);
  TermId series_term(std::vector<double> values);
  TermId lagged(std::uint32_t variable, std::int64_t lag);
  TermId captured(std::uint32_t variable, std::int64_t step, Level level);
  std::vector<TermId>& values() { return phase_ == nullptr ? built_.scalars : phase_->values; }
  double column_mean(const DataTable& table, std::size_t column) const;

  const Model& model_;
  std::span<const Output> wanted_;
  const Chance chance_;
  std::span<const DataTable> tables_;
  TermProgram built_;
  Lowering lowering_;
  std::vector<bool> required_;
  std::vector<std::vector<Read>> reads_;
  PhaseTerms* phase_ = nullptr;   // null while scalars are built
  std::int64_t start_step_ = -1;  // the k of the start rule being lowered
  /* By definition, parameters, and the phase where parameters differ between phases. */
  std::map<std::tuple<const DrawDefinition*, std::vector<TermId>, std::int64_t>, std::uint32_t>
      draw_specs_;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> capture_places_;
  std::map<std::tuple<TimeAggregate, std::uint32_t, std::int64_t, std::int64_t>, std::uint32_t>
      aggregate_places_;
};

void TermBuilder::find_required() {
  required_.assign(model_.variables.size(), false);
  reads_.resize(model_.variables.size());
  std::vector<std::uint32_t> open;
  const auto need = [&](std::uint32_t variable) {
    if (required_[variable]) return;
    required_[variable] = true;
    open.push_back(variable);
  };
  for (const Output& output : wanted_) need(output.variable);
  while (!open.empty()) {
    const std::uint32_t variable = open.back();
    open.pop_back();
    const Variable& definition = model_.variables[variable];
    reads_[variable] = rule_reads(model_, definition);
    for (const Read& read : reads_[variable]) need(read.variable);
    for (const auto& [step, rule] : definition.start_rules)
      for (const Read& read : start_reads(model_, definition, step)) need(read.variable);
    for (const Read& read : start_value_reads(model_, definition)) need(read.variable);
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

void TermBuilder::build_phase(std::int64_t step) {
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
      start = lowering_.lower(*definition.start_value, *this);
      phase_ = phase;
    } else if (phase_ != nullptr && phase_->step != 0) {
      start = lagged(variable, 1);
    }
    starts.push_back(start);
  }
  built_.loops[loop] = builder.finish(formulas, starts);
  for (std::uint32_t i = 0; i < variables.size(); ++i)
    values()[variables[i]] = built_.terms.leaf(TermKind::solved, built_.loops[loop].level, loop, i);
}

/* Circles that exist at single steps only are not seen before: a start rule may close them. */
void TermBuilder::refuse_inputs(const Component& loop) const {
  for (const std::uint32_t member : loop.members) {
    const Variable& variable = model_.variables[member];
    if (variable.kind != VariableKind::input) continue;
    throw Error(ErrorKind::invalid_model,
                "the input " + quoted(variable.name) + " depends on itself at step " +
                    std::to_string(phase_ == nullptr ? 0 : phase_->step),
                {}, "Only formulas may be circular.");
  }
}

TermId TermBuilder::lower_variable(std::uint32_t variable) {
  const Variable& definition = model_.variables[variable];
  if (definition.kind == VariableKind::input) return lower_input(definition, variable);
  const std::int64_t step = phase_ == nullptr ? -1 : phase_->step;
  const Expression* rule = rule_at(definition, step);
  if (rule == nullptr) return nan();
  start_step_ = step >= 0 && definition.start_rules.contains(step) ? step : -1;
  const TermId term = lowering_.lower(*rule, *this);
  start_step_ = -1;
  return term == kNoTerm ? nan() : term;
}

TermId TermBuilder::lower_input(const Variable& variable, std::uint32_t index) {
  switch (variable.input.kind) {
    case InputDefinition::Kind::number:
      return built_.terms.leaf(TermKind::parameter, Level::once, built_.parameter_of.at(index));
    case InputDefinition::Kind::expression: {
      const TermId term = lowering_.lower(variable.input.expression, *this);
      return term == kNoTerm ? nan() : term;
    }
    case InputDefinition::Kind::series:
      return series_term(variable.input.series);
    case InputDefinition::Kind::draw:
      return draw(variable);
  }
  return nan();
}

TermId TermBuilder::series_term(std::vector<double> values) {
  // At a step with a phase of its own the value is known.
  if (phase_ != nullptr && phase_->step >= 1 &&
      static_cast<std::size_t>(phase_->step) <= values.size())
    return number(values[static_cast<std::size_t>(phase_->step) - 1]);
  std::vector<SeriesSpec>& series = built_.program.series;
  std::uint32_t place = 0;
  while (place < series.size() && series[place].values != values) ++place;
  if (place == series.size()) series.push_back({std::move(values)});
  return built_.terms.leaf(TermKind::series, Level::step, place);
}

TermId TermBuilder::draw(const Variable& variable) {
  const DrawDefinition& definition = *variable.input.draw;
  const Level drawn = variable.timed ? Level::step : Level::trial;
  const Distribution& kind = distribution(definition.kind);
  if (!kind.from_data) {
    std::vector<TermId> parameters;
    Level level = Level::once;
    for (const Expression& expression : definition.parameters) {
      const TermId parameter = lowering_.lower(expression, *this);
      parameters.push_back(parameter == kNoTerm ? nan() : parameter);
      level = std::max(level, built_.terms[parameters.back()].level);
    }
    const std::uint32_t spec = draw_spec(variable, definition, std::move(parameters));
    if (chance_ == Chance::means) return built_.terms.leaf(TermKind::mean, level, spec);
    built_.program.random = true;
    return built_.terms.leaf(TermKind::draw, drawn, spec);
  }

  const std::uint32_t table = model_.data_index.find(definition.table)->second;
  const std::vector<std::string>& columns = model_.data[table].columns;
  const std::string& name = definition.columns[variable.input.draw_place];
  const std::size_t column =
      static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  if (definition.kind == DistributionKind::series) {
    const double* rows = tables_[table].column(column);
    return series_term(std::vector<double>(
        rows, rows + std::min<std::int64_t>(tables_[table].rows, model_.steps)));
  }
  if (chance_ == Chance::means) return number(column_mean(tables_[table], column));
  built_.program.random = true;
  const std::uint32_t spec = draw_spec(variable, definition, {});
  const TermId row = built_.terms.leaf(TermKind::row, drawn, spec);
  return built_.terms.leaf(TermKind::gather, drawn, row, table, static_cast<std::uint32_t>(column));
}

std::uint32_t TermBuilder::draw_spec(const Variable& variable, const DrawDefinition& definition,
                                     std::vector<TermId> parameters) {
  const bool by_step = std::any_of(parameters.begin(), parameters.end(), [&](TermId id) {
    return built_.terms[id].level == Level::step;
  });
  const std::tuple key{&definition, parameters, by_step ? phase_->step : std::int64_t{-2}};
  const auto known = draw_specs_.find(key);
  if (known != draw_specs_.end()) return known->second;
  DrawTerms terms;
  terms.spec.kind = definition.kind;
  terms.spec.input = variable.name;
  terms.spec.key = definition.key;
  terms.spec.timed = variable.timed;
  terms.spec.block = definition.block;
  if (!definition.table.empty())
    terms.spec.table = model_.data_index.find(definition.table)->second;
  for (const TermId parameter : parameters)
    if (built_.terms[parameter].level != Level::once) terms.spec.constant_parameters = false;
  terms.parameters = std::move(parameters);
  const std::uint32_t spec = static_cast<std::uint32_t>(built_.draws.size());
  built_.draws.push_back(std::move(terms));
  draw_specs_.emplace(key, spec);
  return spec;
}

double TermBuilder::column_mean(const DataTable& table, std::size_t column) const {
  const double* values = table.column(column);
  double sum = 0;
  for (std::int64_t row = 0; row < table.rows; ++row) sum += values[row];
  return sum / static_cast<double>(table.rows);
}

TermId TermBuilder::data_aggregate(std::string_view function, const Node& column) {
  const std::uint32_t table = model_.data_index.find(column.qualifier)->second;
  const std::vector<std::string>& columns = model_.data[table].columns;
  const std::size_t place = static_cast<std::size_t>(
      std::find(columns.begin(), columns.end(), column.name) - columns.begin());
  const double rows = static_cast<double>(tables_[table].rows);
  if (function == "count") return number(rows);
  const double mean = column_mean(tables_[table], place);
  if (function != "sd" && function != "stddev") return number(mean);
  const double* values = tables_[table].column(place);
  double squares = 0;
  for (std::int64_t row = 0; row < tables_[table].rows; ++row)
    squares += (values[row] - mean) * (values[row] - mean);
  return number(rows > 1 ? std::sqrt(squares / (rows - 1)) : std::nan(""));
}

TermId TermBuilder::time_aggregate(std::string_view function, const Node& node) {
  const std::uint32_t variable = model_.variable_index.find(node.name)->second;
  AggregateSpec spec;
  spec.function = time_aggregate_named(function);
  spec.variable = variable;
  spec.first = node.index.kind == IndexKind::range ? node.index.offset : 0;
  spec.last = node.index.kind == IndexKind::range ? node.index.end : model_.steps;
  if (model_.variables[variable].from_step_1) spec.first = std::max<std::int64_t>(spec.first, 1);
  spec.out = kNoRegister;
  std::vector<AggregateSpec>& aggregates = built_.program.aggregates;
  const auto [place, added] =
      aggregate_places_.emplace(std::tuple{spec.function, variable, spec.first, spec.last},
                                static_cast<std::uint32_t>(aggregates.size()));
  if (added) aggregates.push_back(spec);
  return built_.terms.leaf(TermKind::aggregate, Level::final, place->second);
}

TermId TermBuilder::lagged(std::uint32_t variable, std::int64_t lag) {
  if (phase_->step >= 0 &&
      (phase_->step - lag < 0 || !exists(model_.variables[variable], phase_->step - lag)))
    return nan();
  built_.depth[variable] = std::max(built_.depth[variable], lag);
  return built_.terms.leaf(TermKind::lagged, Level::step, variable,
                           static_cast<std::uint32_t>(lag));
}

TermId TermBuilder::captured(std::uint32_t variable, std::int64_t step, Level level) {
  std::vector<CaptureSpec>& captures = built_.program.captures;
  const auto [place, added] = capture_places_.emplace(std::pair{variable, step},
                                                      static_cast<std::uint32_t>(captures.size()));
  if (added) captures.push_back({variable, step, kNoRegister});
  return built_.terms.leaf(TermKind::captured, level, place->second);
}

TermId TermBuilder::variable(const Node& node) {
  const std::uint32_t index = model_.variable_index.find(node.name)->second;
  const Variable& definition = model_.variables[index];
  if (!definition.timed) return built_.scalars[index];
  if (phase_ == nullptr) return captured(index, node.index.offset, Level::final);
  std::int64_t lag = node.index.offset;
  if (node.index.kind == IndexKind::absolute) {
    const std::int64_t step = phase_->step;
    if (step < 0) return captured(index, node.index.offset, Level::step);
    if (node.index.offset > step) return nan();
    if (node.index.offset < step && start_step_ < 0)
      return captured(index, node.index.offset, Level::step);
    lag = step - node.index.offset;
  }
  if (lag > 0) return lagged(index, lag);
  const TermId value = phase_->values[index];
  return value == kNoTerm ? nan() : value;
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

}  // namespace

TermProgram build_terms(const Model& model, std::span<const Output> wanted, Chance chance,
                        std::span<const DataTable> tables) {
  return TermBuilder(model, wanted, chance, tables).build();
}

}  // namespace sim
