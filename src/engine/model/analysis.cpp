/*
 * analysis.cpp -- the stages of analysis in their order.
 */
#include "model/analysis.hpp"

#include <cmath>

#include "language/parser.hpp"
#include "model/reads.hpp"

namespace sim {
namespace {

/* Takes each expression out of the model while it is rewritten: rewriting adds hidden variables,
 * which moves the others. */
void rewrite(Model& model, std::size_t variable, std::optional<Expression> Variable::*member,
             Diagnostics& diagnostics) {
  if (!(model.variables[variable].*member)) return;
  Expression expression = std::move(*(model.variables[variable].*member));
  if (!model.variables[variable].timed || member == &Variable::start_value)
    rewrite_time_aggregates(model, expression, diagnostics);
  model.variables[variable].*member = std::move(expression);
}

void rewrite_expressions(Model& model, Diagnostics& diagnostics) {
  for_each_expression(
      model, [&](Expression& expression, ExpressionPlace) { resolve_last(model, expression); });
  const std::size_t count = model.variables.size();
  for (std::size_t i = 0; i < count; ++i) {
    rewrite(model, i, &Variable::rule, diagnostics);
    if (model.variables[i].kind != VariableKind::input || model.variables[i].timed) continue;
    Expression expression = std::move(model.variables[i].input.expression);
    if (!expression.nodes.empty()) rewrite_time_aggregates(model, expression, diagnostics);
    model.variables[i].input.expression = std::move(expression);
  }
}

void check_range(const Variable& variable, Diagnostics& diagnostics) {
  if (variable.kind != VariableKind::input || variable.input.kind != InputDefinition::Kind::number)
    return;
  const double value = variable.input.number;
  if ((variable.range_low && value < *variable.range_low) ||
      (variable.range_high && value > *variable.range_high))
    diagnostics.error(variable.range,
                      "the default of " + in_quotes(variable.name) + " is outside its range");
}

/* An input whose default is a constant is a number that scenarios replace at no cost. */
void fold_defaults(Model& model) {
  for (Variable& variable : model.variables) {
    if (variable.kind != VariableKind::input ||
        variable.input.kind != InputDefinition::Kind::expression)
      continue;
    if (const std::optional<double> value = constant_value(model, variable.input.expression)) {
      variable.input.kind = InputDefinition::Kind::number;
      variable.input.number = *value;
    }
  }
}

void check_draw_parameters(const Model& model, const InputDefinition& definition, bool timed,
                           Diagnostics& diagnostics) {
  if (definition.kind != InputDefinition::Kind::draw || definition.draw_place > 0) return;
  for (const Expression& parameter : definition.draw->parameters)
    check_expression(model, parameter, {timed, -1}, diagnostics);
}

/* Everything an expression needs before it can be checked or read: for text that comes after the
 * model's own. */
void check_definition(const Model& model, const Variable& variable,
                      const InputDefinition& definition, Diagnostics& diagnostics) {
  if (definition.kind == InputDefinition::Kind::expression)
    check_expression(model, definition.expression, {variable.timed, -1}, diagnostics);
  check_draw_parameters(model, definition, variable.timed, diagnostics);
}

/* A circle through other variables is found when all overrides are in place. */
void refuse_own_value(const Model& model, const Variable& variable,
                      const InputDefinition& definition, Diagnostics& diagnostics) {
  Variable replaced = variable;
  replaced.input = definition;
  const auto own = model.variable_index.find(variable.name);
  for (const Read& read : rule_reads(model, replaced)) {
    if (read.variable != own->second || read.kind != Read::Kind::same) continue;
    diagnostics.error(read.range,
                      "the override of " + in_quotes(variable.name) + " reads " +
                          in_quotes(variable.name) + ", which is what it replaces",
                      "Make the factor an input of the model, or override with a number.");
    return;
  }
}

/* An error found later, among the model's own definitions, is shown where the input stands. */
void relocate(Expression& expression, SourceRange range) {
  expression.range = range;
  for (Node& node : expression.nodes) node.range = range;
}

void relocate(InputDefinition& definition, SourceRange range) {
  relocate(definition.expression, range);
  if (!definition.draw) return;
  auto draw = std::make_shared<DrawDefinition>(*definition.draw);
  for (Expression& parameter : draw->parameters) relocate(parameter, range);
  definition.draw = std::move(draw);
}

}  // namespace

Model analyse_model(std::string_view source, Diagnostics& diagnostics) {
  Model model;
  model.source = source;
  SyntaxTree tree = parse_model(source, diagnostics);
  declare_names(tree, model, diagnostics);
  declare_uses(tree, model, diagnostics);
  check_functions(model, diagnostics);
  rewrite_expressions(model, diagnostics);
  int errors = diagnostics.error_count();
  for_each_expression(model, [&](const Expression& expression, ExpressionPlace place) {
    if (errors > kMostErrors) return;
    check_expression(model, expression, place, diagnostics);
    errors = diagnostics.error_count();
  });
  for (const Variable& variable : model.variables)
    if (variable.kind == VariableKind::input)
      check_draw_parameters(model, variable.input, variable.timed, diagnostics);
  if (diagnostics.has_errors()) return model;
  fold_defaults(model);
  for (const Variable& variable : model.variables) check_range(variable, diagnostics);
  settle_model(model, diagnostics);
  return model;
}

InputDefinition analyse_override(const Model& model, const Variable& variable,
                                 std::string_view text, Diagnostics& diagnostics) {
  const InputStatement statement = parse_override(variable.name, text, diagnostics);
  InputDefinition definition;
  if (diagnostics.has_errors()) return definition;
  if (statement.uncertain) {
    InputTarget target{variable.name, variable.timed, {}};
    const auto draw = analyse_draw(model, statement.value, {target}, diagnostics);
    if (draw) definition = {InputDefinition::Kind::draw, 0, {}, draw, 0, {}};
  } else {
    definition.kind = InputDefinition::Kind::expression;
    definition.expression = statement.value;
    resolve_last(model, definition.expression);
    for (const Node& node : definition.expression.nodes)
      if (is_time_aggregate(model, definition.expression, node))
        diagnostics.error(node.range, "an override cannot aggregate over time");
    if (const std::optional<double> value = constant_value(model, definition.expression);
        value && !diagnostics.has_errors())
      definition = {InputDefinition::Kind::number, *value, {}, nullptr, 0, {}};
  }
  if (!diagnostics.has_errors()) check_definition(model, variable, definition, diagnostics);
  if (!diagnostics.has_errors()) refuse_own_value(model, variable, definition, diagnostics);
  if (!diagnostics.has_errors()) relocate(definition, variable.range);
  return definition;
}

}  // namespace sim
