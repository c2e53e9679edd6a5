/*
 * lowering.cpp -- writes expressions out as terms, operand before user, without recursion over
 * their nodes.
 */
#include "model/lowering.hpp"

#include "language/parser.hpp"
#include "model/analysis.hpp"

namespace sim {
namespace {

/* Inside a function only its parameters and the rows of data have a meaning. */
class ParameterReader final : public LeafReader {
 public:
  ParameterReader(const std::vector<std::string>& names, const std::vector<TermId>& values,
                  LeafReader& caller)
      : names_(names), values_(values), caller_(caller) {}

  TermId variable(const Node& node) override {
    for (std::size_t i = 0; i < names_.size() && i < values_.size(); ++i)
      if (names_[i] == node.name) return values_[i];
    return kNoTerm;
  }
  TermId time() override { return kNoTerm; }
  TermId data_aggregate(std::string_view function, const Node& column) override {
    return caller_.data_aggregate(function, column);
  }
  TermId time_aggregate(std::string_view, const Node&) override { return kNoTerm; }

 private:
  const std::vector<std::string>& names_;
  const std::vector<TermId>& values_;
  LeafReader& caller_;
};

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> names;
  std::string name;
  for (const char letter : list) {
    if (letter == ',') {
      names.push_back(name);
      name.clear();
    } else if (letter != ' ') {
      name += letter;
    }
  }
  if (!name.empty()) names.push_back(name);
  return names;
}

}  // namespace

TermId Lowering::lower(const Expression& expression, LeafReader& leaves) {
  Arguments values(expression.nodes.size(), kNoTerm);
  for (std::size_t i = 0; i < expression.nodes.size(); ++i) {
    asking_.spend();
    values[i] = lower_node(expression, expression.nodes[i], values, leaves);
  }
  return values.back();
}

TermId Lowering::lower_node(const Expression& expression, const Node& node, const Arguments& values,
                            LeafReader& leaves) {
  switch (node.kind) {
    case NodeKind::number:
      return terms_.number(node.number);
    case NodeKind::variable:
      // The series inside a time aggregate is read by the aggregate, not by itself.
      return node.index.kind == IndexKind::all || node.index.kind == IndexKind::range
                 ? kNoTerm
                 : leaves.variable(node);
    case NodeKind::column:
      return kNoTerm;
    case NodeKind::time:
      return leaves.time();
    case NodeKind::operation: {
      TermId operands[3] = {kNoTerm, kNoTerm, kNoTerm};
      for (std::size_t i = 0; i < node.arguments.size() && i < 3; ++i) {
        operands[i] = values[node.arguments[i]];
        if (operands[i] == kNoTerm) return kNoTerm;
      }
      return terms_.operation(node.operation, operands[0], operands[1], operands[2]);
    }
    case NodeKind::call:
      return lower_call(expression, node, values, leaves);
  }
  return kNoTerm;
}

TermId Lowering::lower_call(const Expression& expression, const Node& node, const Arguments& values,
                            LeafReader& leaves) {
  const auto user = model_.functions.find(node.name);
  const Function* function = user == model_.functions.end()
                                 ? find_function(node.name, static_cast<int>(node.arguments.size()))
                                 : nullptr;
  if (node.arguments.size() == 1 && user == model_.functions.end()) {
    const Node& argument = expression.nodes[node.arguments[0]];
    if (argument.kind == NodeKind::column) return leaves.data_aggregate(node.name, argument);
    if (argument.index.kind == IndexKind::all || argument.index.kind == IndexKind::range)
      return leaves.time_aggregate(node.name, argument);
  }
  Arguments arguments;
  for (const std::uint32_t argument : node.arguments) {
    if (values[argument] == kNoTerm) return kNoTerm;
    arguments.push_back(values[argument]);
  }
  if (user != model_.functions.end()) return call_user_function(user->second, arguments, leaves);
  if (function == nullptr) return kNoTerm;
  switch (function->form) {
    case FunctionForm::operation:
    case FunctionForm::conditional:
      return terms_.operation(
          function->form == FunctionForm::conditional ? Operation::select : function->operation,
          arguments[0], arguments.size() > 1 ? arguments[1] : kNoTerm,
          arguments.size() > 2 ? arguments[2] : kNoTerm);
    case FunctionForm::fold: {
      TermId result = arguments[0];
      for (std::size_t i = 1; i < arguments.size(); ++i)
        result = terms_.operation(function->operation, result, arguments[i]);
      return result;
    }
    case FunctionForm::constant:
      return terms_.number(function->constant);
    case FunctionForm::expression:
      return call_written_function(*function, arguments, leaves);
    case FunctionForm::time_aggregate:
    case FunctionForm::data_aggregate:
      return kNoTerm;
  }
  return kNoTerm;
}

TermId Lowering::call_user_function(const UserFunction& function, const Arguments& arguments,
                                    LeafReader& leaves) {
  if (arguments.size() != function.parameters.size()) return kNoTerm;
  const auto known = calls_.find({&function, arguments});
  if (known != calls_.end()) return known->second;
  const TermId result = lower_body(function.body, function.parameters, arguments, leaves);
  calls_.emplace(std::pair{&function, arguments}, result);
  return result;
}

TermId Lowering::call_written_function(const Function& function, const Arguments& arguments,
                                       LeafReader& leaves) {
  auto body = bodies_.find(std::string(function.body));
  if (body == bodies_.end()) {
    Diagnostics none;
    body =
        bodies_
            .emplace(std::string(function.body), parse_override(function.name, function.body, none))
            .first;
  }
  return lower_body(body->second.value, split_names(function.parameters), arguments, leaves);
}

TermId Lowering::lower_body(const Expression& body, const std::vector<std::string>& parameters,
                            const Arguments& arguments, LeafReader& leaves) {
  ParameterReader reader(parameters, arguments, leaves);
  return lower(body, reader);
}

namespace {

class NothingIsKnown final : public LeafReader {
 public:
  TermId variable(const Node&) override { return kNoTerm; }
  TermId time() override { return kNoTerm; }
  TermId data_aggregate(std::string_view, const Node&) override { return kNoTerm; }
  TermId time_aggregate(std::string_view, const Node&) override { return kNoTerm; }
};

}  // namespace

std::optional<double> constant_value(const Model& model, const Expression& expression) {
  for (const Node& node : expression.nodes)
    if (node.kind == NodeKind::call && model.functions.contains(node.name)) return std::nullopt;
  TermGraph terms;
  NothingIsKnown nothing;
  const TermId term = Lowering(model, terms).lower(expression, nothing);
  if (term == kNoTerm || !terms.is_number(term)) return std::nullopt;
  return terms[term].number;
}

}  // namespace sim
