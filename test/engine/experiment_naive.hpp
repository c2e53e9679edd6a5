/*
 * experiment_naive.hpp -- models computed the slow, obvious way: one trial at a time, by recursion
 * over the syntax tree.
 *
 * The tests compare the engine with this bit for bit. Nothing is shared with the engine's compiler:
 * values come from the definitions of a model as they were analysed, evaluate(), uniform() and
 * Quantile alone. Loops are iterated as a planner would (gauss_seidel).
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/functions.hpp"
#include "catalogue/operation.hpp"
#include "language/parser.hpp"
#include "model/data_table.hpp"
#include "model/model.hpp"
#include "random/philox.hpp"
#include "random/quantile.hpp"

namespace sim::testing {

class NaiveTrial {
 public:
  /* `trial` counts from 0. The arguments must outlive this. */
  NaiveTrial(const Model& model, std::span<const DataTable> tables, std::uint64_t seed,
             std::int64_t trial)
      : model_(model), tables_(tables), seed_(seed), trial_(trial) {}

  /* The value of a variable at a step; scalars have step -1. */
  double value(std::uint32_t variable, std::int64_t step) {
    const Variable& definition = model_.variables[variable];
    if (!definition.timed) step = -1;
    if (definition.timed && (step < 0 || (step == 0 && definition.from_step_1))) return kNaN;
    const Place place{variable, step};
    if (const auto guess = guesses_.find(place); guess != guesses_.end()) return guess->second;
    if (const auto known = known_.find(place); known != known_.end()) return known->second;
    const std::vector<std::uint32_t> loop = loop_of(variable, step);
    if (loop.empty())
      known_[place] = define(variable, step);
    else
      solve(loop, step);
    return known_.at(place);
  }

 private:
  using Place = std::pair<std::uint32_t, std::int64_t>;
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  const Expression* rule_at(const Variable& variable, std::int64_t step) const {
    const auto start = variable.start_rules.find(step);
    if (start != variable.start_rules.end()) return &start->second;
    return variable.rule ? &*variable.rule : nullptr;
  }

  // Loops: the variables that reach each other at one step.

  std::set<std::uint32_t> reached_from(std::uint32_t variable, std::int64_t step) {
    std::set<std::uint32_t> reached;
    std::vector<std::uint32_t> open{variable};
    while (!open.empty()) {
      const Variable& definition = model_.variables[open.back()];
      open.pop_back();
      if (definition.kind == VariableKind::input) continue;
      const Expression* rule = rule_at(definition, definition.timed ? step : -1);
      if (rule == nullptr) continue;
      for (const Node& node : rule->nodes) {
        if (node.kind != NodeKind::variable || is_series(node.index)) continue;
        const auto found = model_.variable_index.find(node.name);
        if (found == model_.variable_index.end()) continue;
        const bool timed = model_.variables[found->second].timed;
        if (timed && step_read(node.index, step) != step) continue;
        if (reached.insert(found->second).second) open.push_back(found->second);
      }
    }
    return reached;
  }

  std::vector<std::uint32_t> loop_of(std::uint32_t variable, std::int64_t step) {
    const std::pair<std::uint32_t, std::int64_t> key{variable, std::min<std::int64_t>(step, 10)};
    const auto known = loops_.find(key);
    if (known != loops_.end()) return known->second;
    std::vector<std::uint32_t> loop;
    const std::set<std::uint32_t> reached = reached_from(variable, step);
    if (reached.contains(variable))
      for (const std::uint32_t other : reached)
        if (reached_from(other, step).contains(variable)) loop.push_back(other);
    std::sort(loop.begin(), loop.end(), [&](std::uint32_t a, std::uint32_t b) {
      return model_.variables[a].range.offset < model_.variables[b].range.offset;
    });
    return loops_[key] = loop;
  }

  double start_of(std::uint32_t variable, std::int64_t step) {
    const Variable& definition = model_.variables[variable];
    double start = 0;
    if (definition.start_value)
      start = evaluate_tree(*definition.start_value, -1, {});
    else if (step > 0)
      start = value(variable, step - 1);
    return std::isfinite(start) ? start : 0;
  }

  void solve(const std::vector<std::uint32_t>& loop, std::int64_t step) {
    std::vector<double> starts;
    for (const std::uint32_t variable : loop) starts.push_back(start_of(variable, step));
    for (std::size_t i = 0; i < loop.size(); ++i) guesses_[{loop[i], step}] = starts[i];
    bool converged = false;
    for (std::int64_t round = 0; round < model_.solve.iterations && !converged; ++round) {
      double largest = 0;
      for (const std::uint32_t variable : loop) {
        double& x = guesses_[{variable, step}];
        const double next = define(variable, step);
        const double change = std::fabs(next - x);
        largest = change > largest || std::isnan(change) ? change : largest;
        x = next;
      }
      converged = largest <= model_.solve.tolerance;
      if (!std::isfinite(largest)) break;
    }
    for (const std::uint32_t variable : loop) {
      known_[{variable, step}] = converged ? guesses_[{variable, step}] : kNaN;
      guesses_.erase({variable, step});
    }
  }

  // Definitions.

  double define(std::uint32_t variable, std::int64_t step) {
    const Variable& definition = model_.variables[variable];
    if (definition.kind == VariableKind::formula) {
      const Expression* rule = rule_at(definition, step);
      return rule == nullptr ? kNaN : evaluate_tree(*rule, step, {});
    }
    const InputDefinition& input = definition.input;
    switch (input.kind) {
      case InputDefinition::Kind::number:
        return input.number;
      case InputDefinition::Kind::expression:
        return evaluate_tree(input.expression, step, {});
      case InputDefinition::Kind::series:
        return input.series.at(static_cast<std::size_t>(step) - 1);
      case InputDefinition::Kind::draw:
        return draw(input, step);
    }
    return kNaN;
  }

  double draw(const InputDefinition& input, std::int64_t step) {
    const DrawDefinition& definition = *input.draw;
    const std::uint32_t drawn_at = step < 0 ? 0 : static_cast<std::uint32_t>(step);
    const RandomKey key = make_random_key(seed_, definition.key);
    const auto trial = static_cast<std::uint64_t>(trial_) + 1;
    if (!distribution(definition.kind).from_data) {
      std::vector<double> parameters;
      for (const Expression& expression : definition.parameters)
        parameters.push_back(evaluate_tree(expression, step, {}));
      if (parameter_error(definition.kind, parameters)) return kNaN;
      return Quantile::prepare(definition.kind, parameters)(uniform(key, trial, drawn_at, 0));
    }
    const DataTable& table = tables_[model_.data_index.at(definition.table)];
    const std::vector<std::string>& names = table.columns;
    const std::string& column = definition.columns[input.draw_place];
    const auto place =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), column) - names.begin());
    const std::int64_t at = step < 0 ? 1 : step;
    std::int64_t row = at - 1;
    if (definition.kind == DistributionKind::historical) row = trial_ + at - 1;
    if (definition.kind == DistributionKind::bootstrap ||
        definition.kind == DistributionKind::empirical) {
      const std::int64_t first = at - (at - 1) % definition.block;
      const double u = uniform(key, trial, step < 0 ? 0 : static_cast<std::uint32_t>(first), 0);
      const auto start = static_cast<std::int64_t>(std::floor(u * static_cast<double>(table.rows)));
      row = (start + at - first) % table.rows;
    }
    return table.column(place)[row];
  }

  // Expressions.

  using Parameters = std::map<std::string, double>;

  static bool is_series(const Index& index) {
    return index.kind == IndexKind::all || index.kind == IndexKind::range;
  }

  static std::int64_t step_read(const Index& index, std::int64_t step) {
    return index.kind == IndexKind::relative ? step - index.offset : index.offset;
  }

  double evaluate_tree(const Expression& tree, std::int64_t step, const Parameters& parameters) {
    return evaluate_node(tree, static_cast<std::uint32_t>(tree.nodes.size()) - 1, step, parameters);
  }

  double evaluate_node(const Expression& tree, std::uint32_t place, std::int64_t step,
                       const Parameters& parameters) {
    const Node& node = tree.nodes[place];
    switch (node.kind) {
      case NodeKind::number:
        return node.number;
      case NodeKind::time:
        return static_cast<double>(step);
      case NodeKind::column:
        return kNaN;
      case NodeKind::variable: {
        const auto parameter = parameters.find(node.name);
        if (parameter != parameters.end()) return parameter->second;
        // In a branch that is not taken a rule may read a step to come.
        if (step >= 0 && step_read(node.index, step) > step) return kNaN;
        return value(model_.variable_index.at(node.name), step_read(node.index, step));
      }
      case NodeKind::operation: {
        const std::vector<double> x = arguments(tree, node, step, parameters);
        return evaluate(node.operation, x[0], x.size() > 1 ? x[1] : 0, x.size() > 2 ? x[2] : 0);
      }
      case NodeKind::call:
        return call(tree, node, step, parameters);
    }
    return kNaN;
  }

  std::vector<double> arguments(const Expression& tree, const Node& node, std::int64_t step,
                                const Parameters& parameters) {
    std::vector<double> values;
    for (const std::uint32_t argument : node.arguments)
      values.push_back(evaluate_node(tree, argument, step, parameters));
    return values;
  }

  double call(const Expression& tree, const Node& node, std::int64_t step,
              const Parameters& parameters) {
    if (node.arguments.size() == 1) {
      const Node& argument = tree.nodes[node.arguments[0]];
      if (argument.kind == NodeKind::column) return over_rows(node.name, argument);
      if (argument.kind == NodeKind::variable && is_series(argument.index))
        return over_time(node.name, argument);
    }
    const std::vector<double> x = arguments(tree, node, step, parameters);
    if (const auto user = model_.functions.find(node.name); user != model_.functions.end()) {
      Parameters own;
      for (std::size_t i = 0; i < x.size(); ++i) own[user->second.parameters[i]] = x[i];
      return evaluate_tree(user->second.body, step, own);
    }
    const Function& function = *find_function(node.name, static_cast<int>(x.size()));
    switch (function.form) {
      case FunctionForm::constant:
        return function.constant;
      case FunctionForm::expression:
        return by_formula(function, x);
      case FunctionForm::conditional:
        return evaluate(Operation::select, x[0], x[1], x[2]);
      case FunctionForm::fold: {
        double result = x[0];
        for (std::size_t i = 1; i < x.size(); ++i)
          result = evaluate(function.operation, result, x[i]);
        return result;
      }
      default:
        return evaluate(function.operation, x[0], x.size() > 1 ? x[1] : 0, x.size() > 2 ? x[2] : 0);
    }
  }

  /* A function of the catalogue that is a formula of others. */
  double by_formula(const Function& function, const std::vector<double>& x) {
    Diagnostics diagnostics;
    const InputStatement body = parse_override("body", function.body, diagnostics);
    Parameters own;
    std::string name;
    for (const char c : std::string(function.parameters) + ",") {
      if (c != ',' && c != ' ') name += c;
      if (c != ',') continue;
      own[name] = x[own.size()];
      name.clear();
    }
    return evaluate_tree(body.value, -1, own);
  }

  double over_rows(const std::string& function, const Node& column) {
    const DataTable& table = tables_[model_.data_index.at(column.qualifier)];
    const std::vector<std::string>& names = table.columns;
    const double* values = table.column(static_cast<std::size_t>(
        std::find(names.begin(), names.end(), column.name) - names.begin()));
    const auto rows = static_cast<double>(table.rows);
    double sum = 0, squares = 0;
    for (std::int64_t row = 0; row < table.rows; ++row) sum += values[row];
    for (std::int64_t row = 0; row < table.rows; ++row)
      squares += (values[row] - sum / rows) * (values[row] - sum / rows);
    if (function == "count") return rows;
    return function == "mean" ? sum / rows : std::sqrt(squares / (rows - 1));
  }

  double over_time(const std::string& function, const Node& node) {
    const std::uint32_t variable = model_.variable_index.at(node.name);
    const bool all = node.index.kind == IndexKind::all;
    std::int64_t first = all ? 0 : node.index.offset;
    const std::int64_t last = all ? model_.steps : node.index.end;
    if (model_.variables[variable].from_step_1) first = std::max<std::int64_t>(first, 1);
    if (function == "first_step") {
      for (std::int64_t step = first; step <= last; ++step) {
        const double x = value(variable, step);
        if (std::isnan(x)) return x;
        if (x != 0) return static_cast<double>(step);
      }
      return static_cast<double>(model_.steps + 1);
    }
    double result = value(variable, first);
    if (function == "any") result = evaluate(Operation::logical_or, 0, result);
    if (function == "all") result = evaluate(Operation::logical_and, 1, result);
    for (std::int64_t step = first + 1; step <= last; ++step)
      result = evaluate(combining(function), result, value(variable, step));
    return function == "avg" || function == "average"
               ? result / static_cast<double>(last - first + 1)
               : result;
  }

  static Operation combining(const std::string& function) {
    if (function == "min") return Operation::minimum;
    if (function == "max") return Operation::maximum;
    if (function == "any") return Operation::logical_or;
    return function == "all" ? Operation::logical_and : Operation::add;
  }

  const Model& model_;
  std::span<const DataTable> tables_;
  const std::uint64_t seed_;
  const std::int64_t trial_;
  std::map<Place, double> known_;
  std::map<Place, double> guesses_;  // of the loop being solved
  std::map<std::pair<std::uint32_t, std::int64_t>, std::vector<std::uint32_t>> loops_;
};

}  // namespace sim::testing
