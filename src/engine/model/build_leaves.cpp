/*
 * build_leaves.cpp -- what the leaves of formulas become: inputs, draws, rows of data, values of
 * other steps, aggregates.
 */
#include <algorithm>
#include <cmath>

#include "model/term_builder.hpp"

namespace sim {
namespace {

TimeAggregate time_aggregate_named(std::string_view name) {
  if (name == "sum") return TimeAggregate::sum;
  if (name == "min") return TimeAggregate::min;
  if (name == "max") return TimeAggregate::max;
  if (name == "first_step") return TimeAggregate::first_step;
  if (name == "any") return TimeAggregate::any;
  if (name == "all") return TimeAggregate::all;
  return TimeAggregate::avg;
}

}  // namespace

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
  if (step_ >= 1 && static_cast<std::size_t>(step_) <= values.size())
    return number(values[static_cast<std::size_t>(step_) - 1]);
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
  const std::uint32_t variable = model_.variable_index.at(node.name);
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
  if (step_ >= 0 && (step_ - lag < 0 || !exists(model_.variables[variable], step_ - lag)))
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
  const std::uint32_t index = model_.variable_index.at(node.name);
  const Variable& definition = model_.variables[index];
  if (!definition.timed) return built_.scalars[index];
  if (phase_ == nullptr) return captured(index, node.index.offset, Level::final);
  std::int64_t lag = node.index.offset;
  if (node.index.kind == IndexKind::absolute) {
    const std::int64_t step = step_;
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

}  // namespace sim
