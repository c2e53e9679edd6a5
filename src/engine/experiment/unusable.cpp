/*
 * unusable.cpp -- follows names that cannot be used to all that reads them.
 */
#include "experiment/unusable.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>

#include "experiment/content_text.hpp"
#include "language/names.hpp"
#include "model/graph.hpp"

namespace sim {
namespace {

using Tables = std::set<std::string, std::less<>>;

/* Data blocks that an expression reads, also by functions that it calls. */
void add_tables(const Model& model, const Expression& expression, Tables& tables) {
  for (const Node& node : expression.nodes) {
    if (node.kind == NodeKind::column) tables.insert(node.qualifier);
    const auto called =
        node.kind == NodeKind::call ? model.functions.find(node.name) : model.functions.end();
    if (called != model.functions.end()) add_tables(model, called->second.body, tables);
  }
}

/* Who reads what, the other way round than a definition says. */
struct Readers {
  explicit Readers(const Model& model) : of_variable(model.variables.size()) {
    for (std::uint32_t reader = 0; reader < model.variables.size(); ++reader) add(model, reader);
  }

  DependencyGraph of_variable;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> of_table;

 private:
  void add(const Model& model, std::uint32_t reader) {
    const Variable& variable = model.variables[reader];
    Tables tables;
    for_each_definition(variable, [&](const Expression& expression) {
      for (const Node& node : expression.nodes) {
        if (node.kind != NodeKind::variable) continue;
        const auto found = model.variable_index.find(node.name);
        if (found != model.variable_index.end()) of_variable[found->second].push_back(reader);
      }
      add_tables(model, expression, tables);
    });
    if (variable.kind == VariableKind::input && variable.input.kind == InputDefinition::Kind::draw)
      tables.insert(variable.input.draw->table);
    for (const std::string& table : tables) of_table[table].push_back(reader);
  }
};

}  // namespace

UnusableValue::UnusableValue(const std::string& name)
    : Error(ErrorKind::invalid_data, "the value of " + in_quotes(name) + " cannot be used"),
      name_(name) {}

void put_unusable(const std::vector<std::string>& names, Model& model) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  for (const std::string& name : names) {
    const auto found = model.variable_index.find(name);
    if (found == model.variable_index.end()) continue;
    Variable& variable = model.variables[found->second];
    if (variable.kind != VariableKind::input) continue;
    variable.input = {InputDefinition::Kind::number, kNaN, {}, nullptr, 0, {}};
    if (!variable.timed) continue;
    variable.input.kind = InputDefinition::Kind::series;
    variable.input.series.assign(static_cast<std::size_t>(model.steps), kNaN);
  }
}

std::vector<std::uint32_t> first_reads(const Model& model, std::span<const std::string> names) {
  const Readers readers(model);
  std::vector<std::uint32_t> first(model.variables.size(), kReadsNone);
  std::vector<std::uint32_t> open;
  for (std::uint32_t place = 0; place < names.size(); ++place) {
    const auto reach = [&](std::uint32_t variable) {
      if (first[variable] != kReadsNone) return;
      first[variable] = place;
      open.push_back(variable);
    };
    const auto variable = model.variable_index.find(names[place]);
    if (variable != model.variable_index.end()) reach(variable->second);
    const auto table = readers.of_table.find(names[place]);
    if (table != readers.of_table.end())
      std::for_each(table->second.begin(), table->second.end(), reach);
    while (!open.empty()) {
      const std::uint32_t read = open.back();
      open.pop_back();
      std::for_each(readers.of_variable[read].begin(), readers.of_variable[read].end(), reach);
    }
  }
  return first;
}

std::vector<std::string> not_replaced(const std::vector<std::string>& names,
                                      const Scenario& scenario) {
  std::vector<std::string> kept;
  std::copy_if(names.begin(), names.end(), std::back_inserter(kept), [&](const std::string& name) {
    return std::none_of(scenario.overrides.begin(), scenario.overrides.end(),
                        [&](const Override& item) { return item.name == name; });
  });
  return kept;
}

}  // namespace sim
