/*
 * time_aggregates.cpp -- brings aggregates over time to one form: an aggregate of one variable over
 * a run of steps.
 *
 * The argument of sum(x[*] * y[*]) or any(wealth[t] < 0) is an expression at each step.  It becomes
 * the rule of a hidden variable, so that its steps, its look-backs and its place in the order of
 * evaluation are those of any other variable.
 */
#include <algorithm>

#include "model/analysis.hpp"

namespace sim {
namespace {

bool reads_time(const Expression& expression) {
  return std::any_of(expression.nodes.begin(), expression.nodes.end(), [](const Node& node) {
    return node.kind == NodeKind::time ||
           (node.kind == NodeKind::variable && node.index.kind != IndexKind::none &&
            node.index.kind != IndexKind::absolute && node.index.kind != IndexKind::from_last);
  });
}

bool is_series(const Index& index) {
  return index.kind == IndexKind::all || index.kind == IndexKind::range;
}

/* The run of steps the argument names: all, or the one range its parts agree on. */
Index common_steps(const Expression& argument, Diagnostics& diagnostics) {
  Index steps;
  steps.kind = IndexKind::all;
  for (const Node& node : argument.nodes) {
    if (node.kind != NodeKind::variable || node.index.kind != IndexKind::range) continue;
    if (steps.kind == IndexKind::range &&
        (steps.offset != node.index.offset || steps.end != node.index.end))
      diagnostics.error(node.range, "the series inside an aggregate must cover the same steps");
    steps = node.index;
  }
  return steps;
}

std::string hide(Model& model, Expression rule) {
  for (Node& node : rule.nodes)
    if (node.kind == NodeKind::variable && is_series(node.index))
      node.index = {IndexKind::relative, 0, 0, false};
  const std::string name = " " + std::to_string(model.variables.size());
  model.variable_index.emplace(name, static_cast<std::uint32_t>(model.variables.size()));
  Variable& variable = model.variables.emplace_back();
  variable.name = name;
  variable.timed = true;
  variable.hidden = true;
  variable.range = rule.range;
  variable.rule = std::move(rule);
  return name;
}

/* Drops nodes the root no longer needs. */
void tidy(Expression& expression) {
  const SourceRange range = expression.range;
  expression = sub_expression(expression, static_cast<std::uint32_t>(expression.nodes.size() - 1));
  expression.range = range;
}

}  // namespace

bool is_time_aggregate(const Model& model, const Expression& expression, const Node& node) {
  if (node.kind != NodeKind::call || node.arguments.size() != 1 ||
      model.functions.contains(node.name))
    return false;
  const bool named_so =
      std::any_of(functions().begin(), functions().end(), [&](const Function& function) {
        return function.name == node.name && function.form == FunctionForm::time_aggregate;
      });
  return named_so && reads_time(sub_expression(expression, node.arguments[0]));
}

void rewrite_time_aggregates(Model& model, Expression& expression, Diagnostics& diagnostics) {
  bool changed = false;
  for (std::size_t i = 0; i < expression.nodes.size(); ++i) {
    if (!is_time_aggregate(model, expression, expression.nodes[i])) continue;
    Expression argument = sub_expression(expression, expression.nodes[i].arguments[0]);
    const Index steps = common_steps(argument, diagnostics);
    const Node& root = argument.root();
    const bool plain =
        root.kind == NodeKind::variable && (is_series(root.index) || root.index.offset == 0);
    Node& place = expression.nodes[expression.nodes[i].arguments[0]];
    const SourceRange range = place.range;
    const std::string name = plain ? root.name : hide(model, std::move(argument));
    place = Node{};
    place.kind = NodeKind::variable;
    place.name = name;
    place.index = steps;
    place.range = range;
    changed = true;
  }
  if (changed) tidy(expression);
}

void resolve_last(const Model& model, Expression& expression) {
  for (Node& node : expression.nodes) {
    if (node.kind != NodeKind::variable) continue;
    if (node.index.kind == IndexKind::from_last)
      node.index = {IndexKind::absolute, model.steps - node.index.offset, 0, false};
    if (node.index.kind == IndexKind::range && node.index.to_last) {
      node.index.end = model.steps;
      node.index.to_last = false;
    }
  }
}

}  // namespace sim
