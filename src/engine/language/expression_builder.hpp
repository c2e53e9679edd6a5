/*
 * expression_builder.hpp -- appends the nodes of an expression, operands before the node that uses
 * them.
 */
#pragma once

#include <utility>
#include <vector>

#include "core/control.hpp"
#include "language/syntax.hpp"

namespace sim {

/* A node with the piece of text it was read from, brackets included. */
struct Operand {
  std::uint32_t node;
  SourceRange range;
};

class ExpressionBuilder {
 public:
  Operand add(Node node) {
    const SourceRange range = node.range;
    asking_.spend();
    expression_.nodes.push_back(std::move(node));
    return {static_cast<std::uint32_t>(expression_.nodes.size() - 1), range};
  }

  Operand add_number(double number, SourceRange range) {
    Node node;
    node.number = number;
    node.range = range;
    return add(std::move(node));
  }

  Operand add_operation(Operation operation, std::vector<std::uint32_t> operands,
                        SourceRange range) {
    Node node;
    node.kind = NodeKind::operation;
    node.operation = operation;
    node.arguments = std::move(operands);
    node.range = range;
    return add(std::move(node));
  }

  /* For an operand whose closing bracket was read after its node was added. */
  void set_range(Operand operand) { expression_.nodes[operand.node].range = operand.range; }

  /* Requires: root is the operand added last. */
  Expression finish(Operand root) {
    expression_.range = root.range;
    return std::move(expression_);
  }

 private:
  Expression expression_;
  Asking asking_;
};

}  // namespace sim
