/*
 * analysis.hpp -- the stages of analysis, for the files of this room only; model.hpp is the door
 * for others.
 *
 * Order: declare (names and their kinds), rewrite (time aggregates get hidden variables, x[last]
 * becomes a number), check (every name, call and index of every expression), settle (steps that
 * exist, cycles that may not be).
 */
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/control.hpp"
#include "language/names.hpp"
#include "model/model.hpp"

namespace sim {

/* Formulas are not checked any more after so many errors. */
inline constexpr int kMostErrors = 1000;

/* The name a formula probably meant, or none.  Nobody reads hints by the hundred, and finding one
 * takes time in a long model: after some errors there are none. */
std::string nearest_known(const Model& model, std::string_view name,
                          const Diagnostics& diagnostics);

/* Fills variables, data, functions, outputs and solve settings from the statements; reports
 * duplicates and reserved names. Formulas are moved out of the tree. */
void declare_names(SyntaxTree& tree, Model& model, Diagnostics& diagnostics);

/* Completes what needs all names: outputs, start values, draws, ranges. */
void declare_uses(const SyntaxTree& tree, Model& model, Diagnostics& diagnostics);

/* The distribution call of an uncertain input as a definition; nothing when it is wrong. */
std::shared_ptr<const DrawDefinition> analyse_draw(const Model& model, const Expression& call,
                                                   const std::vector<InputTarget>& targets,
                                                   Diagnostics& diagnostics);

/* The part of an expression at and below one node, as an expression of its own. */
Expression sub_expression(const Expression& expression, std::uint32_t node);

/* Turns time aggregates of a scalar formula into aggregates of one variable, adding hidden
 * variables to the model. */
void rewrite_time_aggregates(Model& model, Expression& expression, Diagnostics& diagnostics);

/* Makes x[last], x[last - k] and x[a..last] plain numbers. */
void resolve_last(const Model& model, Expression& expression);

/* Checks names, calls, indexes. */
void check_expression(const Model& model, const Expression& expression, ExpressionPlace place,
                      Diagnostics& diagnostics);

/* Checks bodies of user functions: only parameters and functions, no circles, limited nesting;
 * fills `certain`. */
void check_functions(Model& model, Diagnostics& diagnostics);

/* For each node of an expression, whether it is evaluated whatever the conditions give. */
std::vector<bool> certain_nodes(const Model& model, const Expression& expression);

/* True for a call that runs over time: sum(x[*]), any(c[t]), but not min(a, b). */
bool is_time_aggregate(const Model& model, const Expression& expression, const Node& node);

/* Calls `visit(expression, place)` for each expression of the model but the bodies of user
 * functions. */
template <class M, class Visit>
void for_each_expression(M& model, Visit visit) {
  // Index loops: rewriting adds hidden variables at the end while it runs, and they need no second
  // visit.
  const std::size_t count = model.variables.size();
  Asking asking(1 << 10);
  for (std::size_t i = 0; i < count; ++i) {
    asking.spend();
    const bool timed = model.variables[i].timed;
    if (model.variables[i].rule) visit(*model.variables[i].rule, ExpressionPlace{timed, -1});
    for (auto& [step, expression] : model.variables[i].start_rules)
      visit(expression, ExpressionPlace{true, step});
    if (model.variables[i].start_value) visit(*model.variables[i].start_value, ExpressionPlace{});
    if (model.variables[i].kind == VariableKind::input &&
        model.variables[i].input.kind == InputDefinition::Kind::expression)
      visit(model.variables[i].input.expression, ExpressionPlace{timed, -1});
  }
}

}  // namespace sim
