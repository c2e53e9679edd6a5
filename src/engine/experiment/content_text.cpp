/*
 * content_text.cpp -- writes syntax trees and definitions, node after node.
 */
#include "experiment/content_text.hpp"

#include "catalogue/operation.hpp"

namespace sim {
namespace {

void write_index(ByteWriter& writer, const Index& index) {
  writer.u8(static_cast<std::uint8_t>(index.kind));
  if (index.kind == IndexKind::none) return;
  writer.i64(index.offset);
  writer.i64(index.end);
}

void write_node(ByteWriter& writer, const Node& node, ContentNames& names) {
  writer.u8(static_cast<std::uint8_t>(node.kind));
  switch (node.kind) {
    case NodeKind::number:
      writer.f64(node.number);
      break;
    case NodeKind::variable:
      names.variable(writer, node.name);
      write_index(writer, node.index);
      break;
    case NodeKind::column:
      names.column(writer, node.qualifier, node.name);
      break;
    case NodeKind::time:
      break;
    case NodeKind::operation:
      writer.string(operation_name(node.operation));
      break;
    case NodeKind::call:
      if (!names.function(writer, node.name)) writer.string(node.name);
      break;
  }
  writer.u32(static_cast<std::uint32_t>(node.arguments.size()));
  for (const std::uint32_t argument : node.arguments) writer.u32(argument);
  writer.u32(static_cast<std::uint32_t>(node.named.size()));
  for (const NamedArgument& argument : node.named) {
    writer.string(argument.name);
    writer.u32(argument.node);
  }
}

void write_draw(ByteWriter& writer, const InputDefinition& input, ContentNames& names) {
  const DrawDefinition& draw = *input.draw;
  writer.string(distribution(draw.kind).name);
  writer.string(draw.key);
  writer.u64(draw.parameters.size());
  for (const Expression& parameter : draw.parameters) write_expression(writer, parameter, names);
  writer.i64(draw.block);
  writer.boolean(!draw.table.empty());
  if (!draw.table.empty()) names.column(writer, draw.table, draw.columns[input.draw_place]);
}

void write_optional(ByteWriter& writer, const std::optional<Expression>& expression,
                    ContentNames& names) {
  writer.boolean(expression.has_value());
  if (expression) write_expression(writer, *expression, names);
}

}  // namespace

void write_expression(ByteWriter& writer, const Expression& expression, ContentNames& names) {
  writer.u64(expression.nodes.size());
  for (const Node& node : expression.nodes) write_node(writer, node, names);
}

void write_input(ByteWriter& writer, const Variable& variable, ContentNames& names) {
  writer.string(variable.name);
  writer.boolean(variable.timed);
  writer.boolean(variable.timed && variable.begins_at_step_1);
  writer.u8(static_cast<std::uint8_t>(variable.input.kind));
  if (variable.input.kind == InputDefinition::Kind::expression)
    write_expression(writer, variable.input.expression, names);
  if (variable.input.kind == InputDefinition::Kind::draw) write_draw(writer, variable.input, names);
}

void write_variable(ByteWriter& writer, const Variable& variable, ContentNames& names) {
  writer.u8(static_cast<std::uint8_t>(variable.kind));
  if (variable.kind == VariableKind::input) return write_input(writer, variable, names);
  // The name of a hidden variable is its number among all of them.
  writer.string(variable.hidden ? "" : variable.name);
  writer.boolean(variable.timed);
  write_optional(writer, variable.rule, names);
  writer.u64(variable.start_rules.size());
  for (const auto& [step, rule] : variable.start_rules) {
    writer.i64(step);
    write_expression(writer, rule, names);
  }
  write_optional(writer, variable.start_value, names);
}

}  // namespace sim
