/*
 * draws.cpp -- reads the distribution of an uncertain input: its kind, parameters, or the data it
 * is drawn from.
 */
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "model/analysis.hpp"

namespace sim {
namespace {

class DrawReader {
 public:
  DrawReader(const Model& model, const Expression& call, const std::vector<InputTarget>& targets,
             Diagnostics& diagnostics)
      : model_(model),
        call_(call),
        root_(call.root()),
        targets_(targets),
        diagnostics_(diagnostics) {}

  std::shared_ptr<const DrawDefinition> read() {
    const Distribution* distribution =
        root_.kind == NodeKind::call ? find_distribution(root_.name) : nullptr;
    if (distribution == nullptr) return unknown();
    definition_.kind = distribution->kind;
    definition_.range = call_.range;
    for (const InputTarget& target : targets_)
      definition_.key += (definition_.key.empty() ? "" : ",") + target.name;
    const bool good =
        distribution->from_data ? read_data(*distribution) : read_parameters(*distribution);
    return good ? std::make_shared<const DrawDefinition>(std::move(definition_)) : nullptr;
  }

 private:
  std::shared_ptr<const DrawDefinition> unknown() {
    if (root_.kind != NodeKind::call) {
      diagnostics_.error(call_.range, "~ needs a distribution", "for example: ~ normal(80, 12)");
      return nullptr;
    }
    std::vector<std::string> names;
    for (const Distribution& known : distributions()) names.emplace_back(known.name);
    const std::string near = nearest_name(root_.name, names);
    diagnostics_.error(
        root_.range, "unknown distribution " + in_quotes(root_.name),
        near.empty() ? "sim.distributions lists them" : "Did you mean " + in_quotes(near) + "?");
    return nullptr;
  }

  bool fail(SourceRange range, std::string message, std::string hint = {}) {
    diagnostics_.error(range, std::move(message), std::move(hint));
    return false;
  }

  static std::string call_form(const Distribution& distribution) {
    return std::string(distribution.name) + "(" + std::string(distribution.parameters) + ")";
  }

  bool read_parameters(const Distribution& distribution) {
    const int count = static_cast<int>(root_.arguments.size());
    if (targets_.size() > 1)
      return fail(call_.range, "a joint draw needs bootstrap or historical rows, found " +
                                   call_form(distribution));
    if (!root_.named.empty())
      return fail(root_.range,
                  call_form(distribution) + " takes no argument " + in_quotes(root_.named[0].name));
    if (count < distribution.min_arguments ||
        (distribution.max_arguments >= 0 && count > distribution.max_arguments))
      return fail(
          root_.range,
          call_form(distribution) + " takes " +
              (distribution.max_arguments == distribution.min_arguments ? "" : "at least ") +
              std::to_string(distribution.min_arguments) +
              (distribution.min_arguments == 1 ? " value" : " values") + ", found " +
              std::to_string(count));
    std::vector<double> constants;
    for (const std::uint32_t argument : root_.arguments) {
      definition_.parameters.push_back(part(argument));
      if (const std::optional<double> value = constant_value(model_, definition_.parameters.back()))
        constants.push_back(*value);
    }
    if (constants.size() < definition_.parameters.size()) return true;
    if (const std::optional<std::string> wrong = parameter_error(distribution.kind, constants))
      return fail(root_.range, call_form(distribution) + ": " + *wrong);
    return true;
  }

  Expression part(std::uint32_t node) const { return sub_expression(call_, node); }

  bool read_data(const Distribution& distribution) {
    const bool takes_block = distribution.kind == DistributionKind::bootstrap;
    for (const NamedArgument& argument : root_.named) {
      if (!takes_block || argument.name != "block")
        return fail(root_.range,
                    call_form(distribution) + " takes no argument " + in_quotes(argument.name));
      const std::optional<double> block = constant_value(model_, part(argument.node));
      if (!block || *block < 1 || *block != std::floor(*block) || *block > 1e9)
        return fail(call_.nodes[argument.node].range,
                    "block must be a whole number of rows, at least 1");
      definition_.block = static_cast<std::int64_t>(*block);
    }
    if (root_.arguments.size() != 1)
      return fail(root_.range, call_form(distribution) + " takes one data block or column");
    const Node& source = call_.nodes[root_.arguments[0]];
    const bool one_column = source.kind == NodeKind::column;
    if (!one_column && (source.kind != NodeKind::variable || source.index.kind != IndexKind::none))
      return fail(source.range, call_form(distribution) + " takes a data block or column",
                  "for example: data market(stock, bond)");
    return read_table(distribution, source, one_column) && check_time(distribution);
  }

  bool read_table(const Distribution& distribution, const Node& source, bool one_column) {
    definition_.table = one_column ? source.qualifier : source.name;
    const auto found = model_.data_index.find(definition_.table);
    if (found == model_.data_index.end()) {
      if (model_.refused_names.contains(definition_.table)) return false;
      std::vector<std::string> names;
      for (const DataBlock& block : model_.data) names.push_back(block.name);
      const std::string near = nearest_name(definition_.table, names);
      return fail(source.range, "unknown data block " + in_quotes(definition_.table),
                  near.empty() ? "declare it: data " + definition_.table + "(column, ...)"
                               : "Did you mean " + in_quotes(near) + "?");
    }
    const DataBlock& block = model_.data[found->second];
    definition_.columns = one_column ? std::vector<std::string>{source.name} : block.columns;
    if (one_column) {
      bool known = false;
      for (const std::string& column : block.columns) known = known || column == source.name;
      if (!known) {
        const std::string near = nearest_name(source.name, block.columns);
        return fail(
            source.range,
            "data block " + in_quotes(block.name) + " has no column " + in_quotes(source.name),
            near.empty() ? "" : "Did you mean " + in_quotes(near) + "?");
      }
    }
    const bool needs_column = distribution.kind == DistributionKind::empirical ||
                              distribution.kind == DistributionKind::series;
    if (needs_column && !one_column && block.columns.size() > 1)
      return fail(source.range, std::string(distribution.name) + " takes one column",
                  "write " + block.name + "." + block.columns[0]);
    if (definition_.columns.size() != targets_.size())
      return fail(source.range,
                  std::to_string(definition_.columns.size()) +
                      (definition_.columns.size() == 1 ? " column" : " columns") + " for " +
                      std::to_string(targets_.size()) +
                      (targets_.size() == 1 ? " input" : " inputs"),
                  "columns go to the inputs by position: input (a[t], b[t]) ~ bootstrap(data), or "
                  "name one column: " +
                      block.name + "." + block.columns[0]);
    return true;
  }

  bool check_time(const Distribution& distribution) {
    for (const InputTarget& target : targets_) {
      if (target.timed != targets_[0].timed)
        return fail(target.range, "inputs drawn together must all have [t], or none");
      if (distribution.kind == DistributionKind::series && !target.timed)
        return fail(target.range, "series gives one value a step",
                    "write input " + target.name + "[t] ~ series(...)");
    }
    if (definition_.block > 1 && !targets_[0].timed)
      return fail(root_.range, "block needs inputs with [t]");
    return true;
  }

  const Model& model_;
  const Expression& call_;
  const Node& root_;
  const std::vector<InputTarget>& targets_;
  Diagnostics& diagnostics_;
  DrawDefinition definition_;
};

}  // namespace

Expression sub_expression(const Expression& expression, std::uint32_t node) {
  // Only nodes of the part are visited, users first: parts of a long expression are taken out one
  // by one.
  std::set<std::uint32_t, std::greater<>> reached{node};
  for (const std::uint32_t user : reached) {
    const Node& known = expression.nodes[user];
    reached.insert(known.arguments.begin(), known.arguments.end());
    for (const NamedArgument& argument : known.named) reached.insert(argument.node);
  }
  const std::vector<std::uint32_t> kept(reached.rbegin(), reached.rend());
  const auto place_of = [&](std::uint32_t old) {
    return static_cast<std::uint32_t>(std::lower_bound(kept.begin(), kept.end(), old) -
                                      kept.begin());
  };
  Expression part;
  part.range = expression.nodes[node].range;
  for (const std::uint32_t old : kept) {
    Node& copy = part.nodes.emplace_back(expression.nodes[old]);
    for (std::uint32_t& argument : copy.arguments) argument = place_of(argument);
    for (NamedArgument& argument : copy.named) argument.node = place_of(argument.node);
  }
  return part;
}

std::shared_ptr<const DrawDefinition> analyse_draw(const Model& model, const Expression& call,
                                                   const std::vector<InputTarget>& targets,
                                                   Diagnostics& diagnostics) {
  return DrawReader(model, call, targets, diagnostics).read();
}

}  // namespace sim
