/*
 * check.cpp -- every name, index and call of an expression, checked where it stands.
 */
#include <algorithm>

#include "model/analysis.hpp"
#include "model/graph.hpp"

namespace sim {
namespace {

/* How deep user functions may call each other: each level is written out inside the one above. */
constexpr int kMaxFunctionNesting = 100;

std::string arity_text(int least, int most) {
  const std::string count = std::to_string(least);
  if (most == least) return count + (least == 1 ? " value" : " values");
  if (most < 0) return "at least " + count + (least == 1 ? " value" : " values");
  return count + " to " + std::to_string(most) + " values";
}

class ExpressionChecker {
 public:
  ExpressionChecker(const Model& model, const Expression& expression, ExpressionPlace place,
                    const std::vector<std::string>* parameters, Diagnostics& diagnostics)
      : model_(model),
        expression_(expression),
        place_(place),
        parameters_(parameters),
        diagnostics_(diagnostics) {}

  void check() {
    mark_special_arguments();
    for (std::size_t i = 0; i < expression_.nodes.size(); ++i) {
      const Node& node = expression_.nodes[i];
      if (node.kind == NodeKind::variable) check_variable(node, special_[i]);
      if (node.kind == NodeKind::column) check_column(node, special_[i]);
      if (node.kind == NodeKind::time && !place_.timed)
        diagnostics_.error(node.range, "t has a value only in a formula with [t]",
                           in_function() ? "pass it to the function as a parameter" : "");
      if (node.kind == NodeKind::call) check_call(node);
    }
  }

 private:
  bool in_function() const { return parameters_ != nullptr; }

  /* Arguments of aggregates are series or columns; everywhere else those are errors. */
  void mark_special_arguments() {
    special_.assign(expression_.nodes.size(), false);
    for (const Node& node : expression_.nodes) {
      if (node.kind != NodeKind::call || node.arguments.size() != 1 ||
          model_.functions.contains(node.name))
        continue;
      const Node& argument = expression_.nodes[node.arguments[0]];
      if (argument.kind == NodeKind::column || argument.index.kind == IndexKind::all ||
          argument.index.kind == IndexKind::range)
        special_[node.arguments[0]] = true;
    }
  }

  void check_variable(const Node& node, bool in_aggregate) {
    if (in_function()) {
      check_parameter(node);
      return;
    }
    const Variable* variable = model_.find(node.name);
    if (variable == nullptr) {
      unknown(node);
      return;
    }
    if (variable->timed)
      check_timed(node, in_aggregate);
    else if (node.index.kind != IndexKind::none)
      diagnostics_.error(node.range, in_quotes(node.name) + " has no time",
                         "write " + node.name + " without brackets");
  }

  void check_parameter(const Node& node) {
    if (std::find(parameters_->begin(), parameters_->end(), node.name) == parameters_->end()) {
      const std::string near = nearest_name(node.name, *parameters_);
      diagnostics_.error(node.range, in_quotes(node.name) + " is not a parameter of this function",
                         near.empty() ? "pass it to the function as a parameter"
                                      : "Did you mean " + in_quotes(near) + "?");
    } else if (node.index.kind != IndexKind::none) {
      diagnostics_.error(
          node.range, "the parameter " + in_quotes(node.name) + " is one number and has no time");
    }
  }

  void unknown(const Node& node) {
    if (model_.refused_names.contains(node.name) || ++unknown_ > kMostErrors) return;
    if (model_.data_index.contains(node.name)) {
      diagnostics_.error(node.range, in_quotes(node.name) + " is a data block, not a number",
                         "use mean(" + node.name +
                             ".column) or draw from it: input x ~ empirical(" + node.name +
                             ".column)");
    } else if (model_.functions.contains(node.name) || is_function_name(node.name)) {
      diagnostics_.error(
          node.range, in_quotes(node.name) + " is a function and needs its arguments in brackets");
    } else {
      const std::string near = nearest_known(model_, node.name, diagnostics_);
      diagnostics_.error(node.range, "unknown name " + in_quotes(node.name),
                         near.empty() ? "" : "Did you mean " + in_quotes(near) + "?");
    }
  }

  void check_timed(const Node& node, bool in_aggregate) {
    const Index& index = node.index;
    const std::string& name = node.name;
    switch (index.kind) {
      case IndexKind::none:
        diagnostics_.error(
            node.range, in_quotes(name) + " has a value at each step",
            place_.timed ? "write " + name + "[t]"
                         : "write " + name + "[last], " + name + "[0] or sum(" + name + "[*])");
        break;
      case IndexKind::relative:
        if (!place_.timed)
          diagnostics_.error(node.range, name + "[t] has a meaning only in a formula with [t]",
                             "write " + name + "[last], " + name + "[0] or sum(" + name + "[*])");
        break;
      case IndexKind::absolute:
        if (index.offset < 0 || index.offset > model_.steps)
          diagnostics_.error(node.range, "step " + std::to_string(index.offset) +
                                             " does not exist: steps go from 0 to " +
                                             std::to_string(model_.steps));
        else if (place_.start_step >= 0 && index.offset > place_.start_step)
          diagnostics_.error(node.range,
                             "the value at step " + std::to_string(place_.start_step) +
                                 " cannot read step " + std::to_string(index.offset),
                             "a formula can only look back");
        else if (place_.timed && place_.start_step < 0 && index.offset == model_.steps &&
                 model_.steps > 1)
          look_ahead(node);
        break;
      case IndexKind::from_last:
        look_ahead(node);
        break;
      case IndexKind::all:
      case IndexKind::range:
        if (place_.timed)
          look_ahead(node);
        else if (!in_aggregate)
          diagnostics_.error(
              node.range, "a series stands only inside sum, min, max, avg, first_step, any or all");
        else if (index.kind == IndexKind::range &&
                 (index.offset < 0 || index.end > model_.steps || index.offset > index.end))
          diagnostics_.error(node.range, "steps go from 0 to " + std::to_string(model_.steps));
        break;
    }
  }

  void look_ahead(const Node& node) {
    diagnostics_.error(node.range,
                       "a formula with [t] cannot read " + in_quotes(node.name) +
                           " over all steps: they are not known yet",
                       "keep a running value: total[t] = total[t-1] + " + node.name + "[t]");
  }

  void check_column(const Node& node, bool in_aggregate) {
    const auto block = model_.data_index.find(node.qualifier);
    if (block == model_.data_index.end()) {
      if (model_.refused_names.contains(node.qualifier)) return;
      std::vector<std::string> names;
      for (const DataBlock& known : model_.data) names.push_back(known.name);
      const std::string near = nearest_name(node.qualifier, names);
      diagnostics_.error(node.range, "unknown data block " + in_quotes(node.qualifier),
                         near.empty() ? "" : "Did you mean " + in_quotes(near) + "?");
      return;
    }
    const std::vector<std::string>& columns = model_.data[block->second].columns;
    if (std::find(columns.begin(), columns.end(), node.name) == columns.end()) {
      const std::string near = nearest_name(node.name, columns);
      diagnostics_.error(
          node.range,
          "data block " + in_quotes(node.qualifier) + " has no column " + in_quotes(node.name),
          near.empty() ? "" : "Did you mean " + in_quotes(near) + "?");
    } else if (!in_aggregate) {
      diagnostics_.error(
          node.range,
          in_quotes(node.qualifier + "." + node.name) + " is a column of rows, not a number",
          "use mean, sd or count of it, or draw from it: input x ~ empirical(" + node.qualifier +
              "." + node.name + ")");
    }
  }

  void check_call(const Node& node) {
    const int count = static_cast<int>(node.arguments.size());
    if (!node.named.empty()) {
      diagnostics_.error(node.range, in_quotes(node.name) + " takes no named argument " +
                                         in_quotes(node.named[0].name));
      return;
    }
    if (const auto user = model_.functions.find(node.name); user != model_.functions.end()) {
      const int wanted = static_cast<int>(user->second.parameters.size());
      if (count != wanted) wrong_count(node, wanted, wanted, count);
      return;
    }
    if (!is_function_name(node.name)) {
      unknown_function(node);
      return;
    }
    const Function* function = find_function(node.name, count);
    if (function == nullptr) {
      int least = 1 << 20;
      int most = 0;
      for (const Function& known : functions())
        if (known.name == node.name) {
          least = std::min(least, known.min_arguments);
          most = known.max_arguments < 0 || most < 0 ? -1 : std::max(most, known.max_arguments);
        }
      wrong_count(node, least, most, count);
      return;
    }
    check_aggregate(node);
  }

  void wrong_count(const Node& node, int least, int most, int found) {
    diagnostics_.error(node.range, node.name + " takes " + arity_text(least, most) + ", found " +
                                       std::to_string(found));
  }

  void unknown_function(const Node& node) {
    if (model_.refused_names.contains(node.name)) return;
    if (const Distribution* distribution = find_distribution(node.name)) {
      diagnostics_.error(node.range, in_quotes(node.name) + " is a distribution, not a function",
                         "draw it as an input: input x ~ " + std::string(distribution->example));
      return;
    }
    std::vector<std::string> names;
    for (const auto& [name, function] : model_.functions) names.push_back(name);
    for (const Function& function : functions()) names.emplace_back(function.name);
    const std::string near = nearest_name(node.name, names);
    diagnostics_.error(node.range, "unknown function " + in_quotes(node.name),
                       near.empty() ? "sim.functions lists those there are"
                                    : "Did you mean " + in_quotes(near) + "?");
  }

  /* A name may be both: min(a, b) and min(x[*]). Which one is meant shows in the argument. */
  void check_aggregate(const Node& node) {
    if (node.arguments.size() != 1) return;
    bool over_time = false, over_data = false, value = false;
    for (const Function& known : functions()) {
      if (known.name != node.name) continue;
      over_time = over_time || known.form == FunctionForm::time_aggregate;
      over_data = over_data || known.form == FunctionForm::data_aggregate;
      value = value || (known.form != FunctionForm::time_aggregate &&
                        known.form != FunctionForm::data_aggregate && known.min_arguments <= 1);
    }
    const Node& argument = expression_.nodes[node.arguments[0]];
    const bool series =
        argument.index.kind == IndexKind::all || argument.index.kind == IndexKind::range;
    if (argument.kind == NodeKind::column) {
      if (!over_data)
        diagnostics_.error(node.range, node.name + " does not work on the rows of a data block",
                           "mean, sd and count do");
    } else if (series) {
      if (!over_time)
        diagnostics_.error(node.range, node.name + " does not work on a series",
                           "sum, min, max, avg, first_step, any and all do");
    } else if (!value) {
      if (over_time && place_.timed)
        diagnostics_.error(
            node.range, node.name + " works over all steps and cannot stand in a formula with [t]",
            "keep a running value: total[t] = total[t-1] + ...");
      else
        diagnostics_.error(node.range, node.name + (over_time ? " needs a series, such as x[*]"
                                                              : " needs a column of a data block"));
    }
  }

  const Model& model_;
  const Expression& expression_;
  const ExpressionPlace place_;
  const std::vector<std::string>* parameters_;
  Diagnostics& diagnostics_;
  std::vector<bool> special_;
  int unknown_ = 0;  // names nobody defined
};

/* Takes functions callees first, as they can be written out; reports circles. */
class FunctionOrder {
 public:
  FunctionOrder(Model& model, Diagnostics& diagnostics)
      : model_(model), diagnostics_(diagnostics) {}

  void settle() {
    std::vector<std::string> names;
    std::map<std::string, std::uint32_t, std::less<>> places;
    for (const auto& [name, function] : model_.functions) {
      places.emplace(name, static_cast<std::uint32_t>(names.size()));
      names.push_back(name);
    }
    DependencyGraph callees(names.size());
    for (const auto& [name, function] : model_.functions)
      for (const Node& node : function.body.nodes)
        if (node.kind == NodeKind::call && places.contains(node.name))
          callees[places.at(name)].push_back(places.at(node.name));
    std::vector<int> level(names.size(), 1);
    for (const Component& component : strongly_connected_components(callees)) {
      for (const std::uint32_t place : component.members) {
        UserFunction& function = model_.functions.at(names[place]);
        if (component.circular)
          diagnostics_.error(function.range, "the function " + in_quotes(names[place]) +
                                                 " calls itself, directly or through others");
        for (const std::uint32_t callee : callees[place])
          if (!component.circular) level[place] = std::max(level[place], level[callee] + 1);
        check_level(function, level[place]);
        mark_certain(function);
      }
    }
  }

 private:
  void check_level(const UserFunction& function, int level) {
    if (level == kMaxFunctionNesting + 1)
      diagnostics_.error(function.range, "functions call each other more than " +
                                             std::to_string(kMaxFunctionNesting) + " levels deep");
  }

  void mark_certain(UserFunction& function) {
    function.certain.assign(function.parameters.size(), false);
    const std::vector<bool> certain = certain_nodes(model_, function.body);
    for (std::size_t i = 0; i < function.body.nodes.size(); ++i)
      for (std::size_t p = 0; p < function.parameters.size(); ++p)
        if (certain[i] && function.body.nodes[i].kind == NodeKind::variable &&
            function.body.nodes[i].name == function.parameters[p])
          function.certain[p] = true;
  }

  Model& model_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<bool> certain_nodes(const Model& model, const Expression& expression) {
  std::vector<bool> certain(expression.nodes.size(), false);
  certain.back() = true;
  for (std::size_t i = expression.nodes.size(); i-- > 0;) {
    if (!certain[i]) continue;
    const Node& node = expression.nodes[i];
    const auto user =
        node.kind == NodeKind::call ? model.functions.find(node.name) : model.functions.end();
    for (std::size_t k = 0; k < node.arguments.size(); ++k) {
      const bool branch =
          node.kind == NodeKind::operation && node.operation == Operation::select && k > 0;
      const bool unused = user != model.functions.end() && k < user->second.certain.size() &&
                          !user->second.certain[k];
      if (!branch && !unused) certain[node.arguments[k]] = true;
    }
  }
  return certain;
}

void check_expression(const Model& model, const Expression& expression, ExpressionPlace place,
                      Diagnostics& diagnostics) {
  ExpressionChecker(model, expression, place, nullptr, diagnostics).check();
}

void check_functions(Model& model, Diagnostics& diagnostics) {
  for (const auto& [name, function] : model.functions)
    ExpressionChecker(model, function.body, {}, &function.parameters, diagnostics).check();
  FunctionOrder(model, diagnostics).settle();
}

}  // namespace sim
