/*
 * inspect.cpp -- errors, variables, dependencies, loops and data of a text.
 */
#include "experiment/inspect.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/control.hpp"
#include "core/error.hpp"
#include "experiment/prepare.hpp"
#include "model/compiler.hpp"
#include "model/reads.hpp"

namespace sim {
namespace {

/* Rows in place of data that is not bound: the structure of a program does not depend on values. */
std::vector<DataTable> stand_in_tables(const Model& model) {
  std::vector<DataTable> tables;
  for (const DataBlock& block : model.data)
    tables.push_back(
        {block.name, block.columns, 1, std::vector<double>(block.columns.size(), 1.0)});
  return tables;
}

/* The loops of everything the model defines, whether reported or not. */
Program whole_program(const Model& model) {
  std::vector<Output> all;
  for (std::uint32_t i = 0; i < model.variables.size(); ++i)
    if (model.variables[i].kind == VariableKind::formula)
      all.push_back({i, std::max<std::int64_t>(model.steps, 1)});
  return compile_program(model, all, Chance::drawn, stand_in_tables(model));
}

std::string text_of(const Model& model, SourceRange range) {
  return model.source.substr(range.offset, range.length);
}

std::string definition_of(const Model& model, const Variable& variable) {
  std::string text;
  for (const auto& [step, rule] : variable.start_rules)
    text += "[" + std::to_string(step) + "] = " + text_of(model, rule.range) + "\n";
  if (variable.rule) return text + text_of(model, variable.rule->range);
  const InputDefinition& input = variable.input;
  if (input.kind == InputDefinition::Kind::draw) return "~ " + text_of(model, input.draw->range);
  if (variable.kind == VariableKind::input) return text_of(model, input.expression.range);
  if (!text.empty()) text.pop_back();
  return text;
}

/* Positions of places in a text, asked for in the order of the text: each line is walked once. */
class PositionWalk {
 public:
  explicit PositionWalk(std::string_view source) : source_(source) {}

  Position at(std::uint32_t offset) {
    if (offset < offset_) {
      offset_ = 0;
      position_ = {1, 1};
    }
    const Position moved = position_of(source_.substr(offset_), offset - offset_);
    position_ = moved.line == 1 ? Position{position_.line, position_.column + moved.column - 1}
                                : Position{position_.line + moved.line - 1, moved.column};
    offset_ = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(source_.size()));
    return position_;
  }

 private:
  std::string_view source_;
  std::uint32_t offset_ = 0;
  Position position_{1, 1};
};

VariableRow variable_row(const Model& model, const Variable& variable, bool output, int line) {
  VariableRow row;
  row.name = variable.name;
  row.kind = variable.kind == VariableKind::input ? "input" : output ? "output" : "formula";
  row.timed = variable.timed;
  row.definition = definition_of(model, variable);
  row.unit = variable.annotations.unit;
  row.description = variable.annotations.description;
  row.uncertain =
      variable.kind == VariableKind::input && variable.input.kind == InputDefinition::Kind::draw;
  row.range_low = variable.range_low.value_or(std::nan(""));
  row.range_high = variable.range_high.value_or(std::nan(""));
  row.line = line;
  return row;
}

/* Reads through hidden variables count as reads of whole series; a draw reads its data block. */
void add_dependencies(const Model& model, std::uint32_t index, ModelDescription& description) {
  const Variable& variable = model.variables[index];
  std::vector<Read> reads = rule_reads(model, variable);
  for (const auto& [step, rule] : variable.start_rules)
    for (const Read& read : start_reads(model, variable, step)) reads.push_back(read);
  std::set<std::pair<std::string, std::int64_t>> seen;
  const auto add = [&](const std::string& name, std::int64_t lag) {
    if (seen.emplace(name, lag).second)
      description.dependencies.push_back({variable.name, name, lag});
  };
  for (const Read& read : reads) {
    const Variable& target = model.variables[read.variable];
    if (target.hidden) {
      for (const Read& inner : rule_reads(model, target))
        add(model.variables[inner.variable].name, -1);
      continue;
    }
    add(target.name, read.kind == Read::Kind::same     ? 0
                     : read.kind == Read::Kind::lagged ? read.lag
                                                       : -1);
  }
  if (variable.kind == VariableKind::input && variable.input.kind == InputDefinition::Kind::draw &&
      !variable.input.draw->table.empty())
    add(variable.input.draw->table, 0);
}

bool order_matters(const Model& model, const DataBlock& block) {
  return std::any_of(model.variables.begin(), model.variables.end(), [&](const Variable& variable) {
    if (variable.kind != VariableKind::input || variable.input.kind != InputDefinition::Kind::draw)
      return false;
    const DrawDefinition& draw = *variable.input.draw;
    if (draw.table != block.name) return false;
    return draw.kind == DistributionKind::historical || draw.kind == DistributionKind::series ||
           draw.block > 1;
  });
}

void add_loops(const Model& model, ModelDescription& description) {
  const Program program = whole_program(model);
  std::set<std::vector<std::uint32_t>> seen;
  for (const LoopSpec& loop : program.loops) {
    if (!seen.insert(loop.variables).second) continue;
    LoopRow row{
        static_cast<int>(seen.size()), {}, std::string(method_name(loop.method)), loop.linear};
    for (const std::uint32_t variable : loop.variables)
      row.variables.push_back(model.variables[variable].name);
    description.loops.push_back(std::move(row));
  }
}

}  // namespace

std::vector<CheckRow> check_model(std::string_view source) {
  Diagnostics diagnostics;
  const Model model = analyse_model(source, diagnostics);
  std::vector<CheckRow> rows;
  PositionWalk positions(source);
  Asking asking(1 << 10);
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    asking.spend();
    const Position position = positions.at(diagnostic.range.offset);
    rows.push_back(
        {position.line, position.column, diagnostic.severity, diagnostic.message, diagnostic.hint});
  }
  if (diagnostics.has_errors()) return rows;
  try {
    whole_program(model);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    rows.push_back({1, 1, Severity::error, error.what(), error.hint()});
  }
  return rows;
}

ModelDescription describe_model(std::string_view name, std::string_view source) {
  const Model model = require_model(name, source);
  ModelDescription description;
  description.steps = model.steps;
  description.step_label = model.step_label;
  std::set<std::uint32_t> outputs;
  for (const Output& output : model.outputs) outputs.insert(output.variable);
  PositionWalk positions(model.source);
  Asking asking(1 << 10);
  for (std::uint32_t i = 0; i < model.variables.size(); ++i) {
    asking.spend();
    const Variable& variable = model.variables[i];
    if (variable.hidden) continue;
    description.variables.push_back(variable_row(model, variable, outputs.contains(i),
                                                 positions.at(variable.range.offset).line));
    description.uncertain = description.uncertain || description.variables.back().uncertain;
    add_dependencies(model, i, description);
  }
  add_loops(model, description);
  for (const DataBlock& block : model.data)
    description.data.push_back({block.name, block.columns, order_matters(model, block)});
  for (const Output& output : model.outputs)
    description.outputs.push_back(model.variables[output.variable].name);
  return description;
}

}  // namespace sim
