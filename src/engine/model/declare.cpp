/*
 * declare.cpp -- from statements to named things: who is an input, a formula, a data block, a
 * function, an output.
 */
#include <algorithm>
#include <set>

#include "core/control.hpp"
#include "language/parser.hpp"
#include "model/analysis.hpp"

namespace sim {

std::string nearest_known(const Model& model, std::string_view name,
                          const Diagnostics& diagnostics) {
  constexpr int kMostHints = 30;
  constexpr std::size_t kMostNames = 10'000;
  if (model.variables.size() > kMostNames || diagnostics.error_count() >= kMostHints) return {};
  std::vector<std::string> names;
  for (const Variable& variable : model.variables)
    if (!variable.hidden) names.push_back(variable.name);
  for (const DataBlock& block : model.data) names.push_back(block.name);
  return nearest_name(name, names);
}

namespace {

class Declarations {
 public:
  Declarations(Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {}

  void operator()(const StepsStatement& statement) {
    if (model_.steps > 0) {
      diagnostics_.error(statement.range, "steps are given twice");
      return;
    }
    if (statement.count > kMaxSteps)
      diagnostics_.error(statement.range,
                         "at most " + std::to_string(kMaxSteps) + " steps are possible");
    model_.steps = statement.count;
    model_.step_label = statement.label;
  }

  void operator()(const DataStatement& statement) {
    if (!claim(statement.name, statement.range)) return;
    model_.data_index.emplace(statement.name, static_cast<std::uint32_t>(model_.data.size()));
    model_.data.push_back({statement.name, statement.columns, statement.range});
  }

  void operator()(const InputStatement& statement) {
    for (const InputTarget& target : statement.targets) {
      if (!claim(target.name, target.range)) continue;
      Variable& variable = add(target.name, target.timed, target.range);
      variable.kind = VariableKind::input;
      variable.annotations = statement.annotations;
    }
  }

  void operator()(FormulaStatement& statement) {
    Variable* variable = formula(statement);
    if (variable == nullptr) return;
    place(statement, *variable);
    if (variable->annotations.unit.empty()) variable->annotations.unit = statement.annotations.unit;
    if (variable->annotations.description.empty())
      variable->annotations.description = statement.annotations.description;
  }

  void operator()(const FunctionStatement& statement) {
    if (!claim(statement.name, statement.name_range)) return;
    model_.functions.emplace(
        statement.name,
        UserFunction{statement.parameters, statement.body, {}, statement.name_range});
  }

  void operator()(const SolveStatement& statement) {
    if (statement.tolerance) model_.solve.tolerance = *statement.tolerance;
    if (statement.iterations) model_.solve.iterations = *statement.iterations;
    if (statement.method) model_.solve.method = *statement.method;
    if (statement.damping) model_.solve.damping = *statement.damping;
    if (solve_seen_) diagnostics_.error(statement.range, "solve settings are given twice");
    solve_seen_ = true;
  }

  void operator()(const OutputStatement&) {}
  void operator()(const StartValueStatement&) {}

 private:
  /* The variable a formula statement adds to: a new one, or the one that already has other rules.
   */
  Variable* formula(const FormulaStatement& statement) {
    const bool timed = statement.kind != TargetKind::scalar;
    const auto existing = model_.variable_index.find(statement.name);
    if (existing == model_.variable_index.end())
      return claim(statement.name, statement.name_range)
                 ? &add(statement.name, timed, statement.name_range)
                 : nullptr;
    Variable& variable = model_.variables[existing->second];
    if (variable.kind == VariableKind::input || variable.timed != timed) {
      claim(statement.name, statement.name_range);
      return nullptr;
    }
    return &variable;
  }

  void place(FormulaStatement& statement, Variable& variable) {
    if (statement.kind == TargetKind::start) {
      if (model_.steps > 0 && statement.start_step > model_.steps)
        diagnostics_.error(statement.name_range, "step " + std::to_string(statement.start_step) +
                                                     " is beyond the last step, " +
                                                     std::to_string(model_.steps));
      if (!variable.start_rules.emplace(statement.start_step, std::move(statement.value)).second)
        diagnostics_.error(statement.name_range, in_quotes(statement.name) + " at step " +
                                                     std::to_string(statement.start_step) +
                                                     " is defined twice");
      return;
    }
    if (variable.rule) {
      diagnostics_.error(statement.name_range, in_quotes(statement.name) +
                                                   " is defined twice, first in line " +
                                                   std::to_string(line_of(variable.rule->range)));
      return;
    }
    variable.rule = std::move(statement.value);
  }

  Variable& add(const std::string& name, bool timed, SourceRange range) {
    model_.variable_index.emplace(name, static_cast<std::uint32_t>(model_.variables.size()));
    Variable& variable = model_.variables.emplace_back();
    variable.name = name;
    variable.timed = timed;
    variable.range = range;
    return variable;
  }

  /* True if the name is free; reports the clash otherwise. */
  bool claim(const std::string& name, SourceRange range) {
    if (is_function_name(name)) {
      model_.refused_names.insert(name);
      diagnostics_.error(range, in_quotes(name) + " is the name of a built-in function",
                         "choose another name, for example \"" + name + "_value\"");
      return false;
    }
    const SourceRange* first = defined_at(name);
    if (first == nullptr) return true;
    diagnostics_.error(range, in_quotes(name) + " is defined twice, first in line " +
                                  std::to_string(line_of(*first)));
    return false;
  }

  const SourceRange* defined_at(const std::string& name) const {
    if (const Variable* variable = model_.find(name)) return &variable->range;
    if (const auto block = model_.data_index.find(name); block != model_.data_index.end())
      return &model_.data[block->second].range;
    if (const auto function = model_.functions.find(name); function != model_.functions.end())
      return &function->second.range;
    return nullptr;
  }

  int line_of(SourceRange range) const { return position_of(model_.source, range.offset).line; }

  Model& model_;
  Diagnostics& diagnostics_;
  bool solve_seen_ = false;
};

/* Second pass: what refers to names by its nature rather than in a formula. */
class Uses {
 public:
  Uses(Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {}

  void operator()(const StepsStatement&) {}
  void operator()(const DataStatement&) {}
  void operator()(const FunctionStatement&) {}
  void operator()(const SolveStatement&) {}

  void operator()(const InputStatement& statement) {
    std::shared_ptr<const DrawDefinition> draw;
    if (statement.uncertain)
      draw = analyse_draw(model_, statement.value, statement.targets, diagnostics_);
    for (std::size_t i = 0; i < statement.targets.size(); ++i) {
      Variable* variable = input(statement.targets[i]);
      if (variable == nullptr) continue;
      define(statement, draw, i, *variable);
    }
  }

  void operator()(const FormulaStatement& statement) {
    if (!statement.is_output) return;
    const auto found = model_.variable_index.find(statement.name);
    if (found != model_.variable_index.end())
      add_output(found->second, statement.every, statement.name_range);
  }

  void operator()(const OutputStatement& statement) {
    const auto found = model_.variable_index.find(statement.name);
    if (found == model_.variable_index.end()) {
      if (model_.refused_names.contains(statement.name)) return;
      const std::string near = nearest_known(model_, statement.name, diagnostics_);
      diagnostics_.error(statement.range, "unknown name " + in_quotes(statement.name),
                         near.empty() ? "" : "Did you mean " + in_quotes(near) + "?");
      return;
    }
    Variable& variable = model_.variables[found->second];
    if (variable.timed != statement.timed) {
      diagnostics_.error(statement.range,
                         variable.timed ? in_quotes(statement.name) + " has a value at each step"
                                        : in_quotes(statement.name) + " has no time",
                         variable.timed ? "write output " + statement.name + "[t]"
                                        : "write output " + statement.name);
      return;
    }
    if (!statement.annotations.unit.empty()) variable.annotations.unit = statement.annotations.unit;
    if (!statement.annotations.description.empty())
      variable.annotations.description = statement.annotations.description;
    add_output(found->second, statement.every, statement.range);
  }

  void operator()(const StartValueStatement& statement) {
    const auto found = model_.variable_index.find(statement.name);
    if (found == model_.variable_index.end() ||
        model_.variables[found->second].kind == VariableKind::input) {
      if (model_.refused_names.contains(statement.name)) return;
      const std::string near = nearest_known(model_, statement.name, diagnostics_);
      diagnostics_.error(
          statement.range,
          "a starting value needs a formula, " + in_quotes(statement.name) + " is none",
          near.empty() || near == statement.name ? "" : "Did you mean " + in_quotes(near) + "?");
      return;
    }
    Variable& variable = model_.variables[found->second];
    if (variable.start_value)
      diagnostics_.error(statement.range,
                         "the starting value of " + in_quotes(statement.name) + " is given twice");
    variable.start_value = statement.value;
  }

 private:
  /* The variable this statement declared, or null when its name had been taken. */
  Variable* input(const InputTarget& target) {
    const auto found = model_.variable_index.find(target.name);
    if (found == model_.variable_index.end()) return nullptr;
    Variable& variable = model_.variables[found->second];
    return variable.range.offset == target.range.offset ? &variable : nullptr;
  }

  void define(const InputStatement& statement, const std::shared_ptr<const DrawDefinition>& draw,
              std::size_t place, Variable& variable) {
    if (statement.uncertain) {
      if (draw)
        variable.input = {InputDefinition::Kind::draw,       0, {}, draw,
                          static_cast<std::uint32_t>(place), {}};
    } else {
      variable.input.kind = InputDefinition::Kind::expression;
      variable.input.expression = statement.value;
    }
    variable.range_low = bound(statement.range_low);
    variable.range_high = bound(statement.range_high);
    if (variable.range_low && variable.range_high && *variable.range_low > *variable.range_high &&
        place == 0)
      diagnostics_.error(statement.range_low->range,
                         "the range of " + in_quotes(variable.name) + " is empty");
  }

  std::optional<double> bound(const std::optional<Expression>& expression) {
    if (!expression) return std::nullopt;
    const std::optional<double> value = constant_value(model_, *expression);
    if (!value) diagnostics_.error(expression->range, "an end of a range must be a constant");
    return value;
  }

  void add_output(std::uint32_t variable, std::int64_t every, SourceRange range) {
    if (!reported_.insert(variable).second) {
      diagnostics_.error(range, in_quotes(model_.variables[variable].name) + " is an output twice");
      return;
    }
    model_.outputs.push_back({variable, every});
  }

  Model& model_;
  Diagnostics& diagnostics_;
  std::set<std::uint32_t> reported_;
};

}  // namespace

void declare_names(SyntaxTree& tree, Model& model, Diagnostics& diagnostics) {
  model.refused_names.insert(tree.refused_names.begin(), tree.refused_names.end());
  Declarations declarations(model, diagnostics);
  Asking asking(1 << 10);
  // Steps first: start rules are checked against them wherever they stand.
  for (Statement& statement : tree.statements)
    if (std::holds_alternative<StepsStatement>(statement)) std::visit(declarations, statement);
  for (Statement& statement : tree.statements)
    if (!std::holds_alternative<StepsStatement>(statement)) {
      asking.spend();
      std::visit(declarations, statement);
    }

  for (const Variable& variable : model.variables) {
    if (variable.timed && model.steps == 0)
      diagnostics.error(variable.range,
                        in_quotes(variable.name) + " has time, but the model has no steps",
                        "add a line such as: steps 12 month");
    if (variable.kind == VariableKind::formula && variable.timed && !variable.rule &&
        static_cast<std::int64_t>(variable.start_rules.size()) <= model.steps)
      diagnostics.error(
          variable.range,
          in_quotes(variable.name) + " has start rules but no rule for the steps after them",
          "add a line: " + variable.name + "[t] = ...");
  }
}

void declare_uses(const SyntaxTree& tree, Model& model, Diagnostics& diagnostics) {
  Uses uses(model, diagnostics);
  for (const Statement& statement : tree.statements) std::visit(uses, statement);
  if (!model.outputs.empty()) return;
  for (std::uint32_t i = 0; i < model.variables.size(); ++i)
    if (model.variables[i].kind == VariableKind::formula) model.outputs.push_back({i, 1});
  if (model.outputs.empty() && !diagnostics.has_errors())
    diagnostics.error({0, 0}, "the model has no formula and no output",
                      "add a line such as: output total = a + b");
}

}  // namespace sim
