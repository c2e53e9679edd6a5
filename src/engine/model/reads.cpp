/*
 * reads.cpp -- finds the places where expressions read variables.
 */
#include "model/reads.hpp"

#include "core/control.hpp"
#include "model/analysis.hpp"

namespace sim {
namespace {

Read read_of(const Model& model, const Node& node, std::uint32_t variable, bool certain,
             ExpressionPlace place) {
  Read read{Read::Kind::same, variable, 0, 0, certain, node.range};
  switch (node.index.kind) {
    case IndexKind::none:
      break;
    case IndexKind::relative:
      if (node.index.offset > 0) read.kind = Read::Kind::lagged;
      read.lag = node.index.offset;
      break;
    case IndexKind::absolute:
    case IndexKind::from_last:
      if (place.start_step < 0) {
        read.kind = Read::Kind::at_step;
        read.step = node.index.offset;
      } else if (node.index.offset != place.start_step) {
        read.kind = Read::Kind::lagged;
        read.lag = place.start_step - node.index.offset;
      }
      break;
    case IndexKind::all:
    case IndexKind::range:
      read.kind = Read::Kind::whole;
      read.step = node.index.kind == IndexKind::all ? model.steps : node.index.end;
      break;
  }
  return read;
}

void append(std::vector<Read>& reads, std::vector<Read> more) {
  reads.insert(reads.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Read> expression_reads(const Model& model, const Expression& expression,
                                   ExpressionPlace place) {
  std::vector<Read> reads;
  const std::vector<bool> certain = certain_nodes(model, expression);
  Asking asking(1 << 16);
  for (std::size_t i = 0; i < expression.nodes.size(); ++i) {
    asking.spend();
    const Node& node = expression.nodes[i];
    if (node.kind != NodeKind::variable) continue;
    const auto found = model.variable_index.find(node.name);
    if (found != model.variable_index.end())
      reads.push_back(read_of(model, node, found->second, certain[i], place));
  }
  return reads;
}

std::vector<Read> rule_reads(const Model& model, const Variable& variable) {
  std::vector<Read> reads;
  const ExpressionPlace place{variable.timed, -1};
  if (variable.rule) append(reads, expression_reads(model, *variable.rule, place));
  if (variable.kind != VariableKind::input) return reads;
  if (variable.input.kind == InputDefinition::Kind::expression)
    append(reads, expression_reads(model, variable.input.expression, place));
  if (variable.input.kind == InputDefinition::Kind::draw)
    for (const Expression& parameter : variable.input.draw->parameters)
      append(reads, expression_reads(model, parameter, place));
  return reads;
}

std::vector<Read> start_reads(const Model& model, const Variable& variable, std::int64_t step) {
  const auto rule = variable.start_rules.find(step);
  if (rule == variable.start_rules.end()) return {};
  return expression_reads(model, rule->second, {true, step});
}

std::vector<Read> start_value_reads(const Model& model, const Variable& variable) {
  if (!variable.start_value) return {};
  return expression_reads(model, *variable.start_value, {});
}

}  // namespace sim
