/*
 * settle.cpp -- which steps exist, what is known only at the end, and the cycles that may not be.
 */
#include <algorithm>

#include "model/analysis.hpp"
#include "model/graph.hpp"
#include "model/reads.hpp"

namespace sim {
namespace {

class Settling {
 public:
  Settling(Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {
    Asking asking(1 << 10);
    for (const Variable& variable : model_.variables) {
      asking.spend();
      reads_.push_back(rule_reads(model_, variable));
    }
  }

  void run() {
    find_first_steps();
    check_steps();
    find_over_time();
    check_over_time();
    check_input_cycles();
    check_start_value_cycles();
  }

 private:
  using Kind = Read::Kind;

  static bool drawn(const Variable& variable) {
    return variable.kind == VariableKind::input &&
           (variable.begins_at_step_1 || variable.input.kind == InputDefinition::Kind::draw ||
            variable.input.kind == InputDefinition::Kind::series);
  }

  /* A rule holds at step 0 if all it certainly reads exists there; the largest such set of
   * variables. */
  void find_first_steps() {
    std::vector<std::vector<std::uint32_t>> readers(model_.variables.size());
    std::vector<std::uint32_t> lost;
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
      Variable& variable = model_.variables[i];
      variable.from_step_1 = false;
      if (!variable.timed || variable.start_rules.contains(0)) continue;
      bool missing = drawn(variable) || (variable.kind == VariableKind::formula && !variable.rule);
      for (const Read& read : reads_[i]) {
        if (!read.certain) continue;
        if (read.kind == Kind::same && model_.variables[read.variable].timed)
          readers[read.variable].push_back(i);
        missing =
            missing || read.kind == Kind::lagged || (read.kind == Kind::at_step && read.step > 0);
        if (read.kind == Kind::at_step && read.step == 0) readers[read.variable].push_back(i);
      }
      if (!missing) continue;
      variable.from_step_1 = true;
      lost.push_back(i);
    }
    while (!lost.empty()) {
      const std::uint32_t gone = lost.back();
      lost.pop_back();
      for (const std::uint32_t reader : readers[gone]) {
        if (model_.variables[reader].from_step_1) continue;
        model_.variables[reader].from_step_1 = true;
        lost.push_back(reader);
      }
    }
  }

  void check_steps() {
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
      const Variable& variable = model_.variables[i];
      for (const Read& read : reads_[i])
        if (read.certain) check_rule_read(variable, read);
      for (const auto& [step, rule] : variable.start_rules)
        for (const Read& read : start_reads(model_, variable, step))
          if (read.certain && model_.variables[read.variable].timed &&
              !exists(read.variable, step - read.lag))
            missing_step(variable, step, read, step - read.lag);
    }
  }

  bool exists(std::uint32_t variable, std::int64_t step) const {
    return step > 0 || (step == 0 && !model_.variables[variable].from_step_1);
  }

  void check_rule_read(const Variable& variable, const Read& read) {
    if (read.kind == Kind::at_step && !variable.timed) {
      if (!exists(read.variable, read.step)) missing_step(variable, -1, read, read.step);
      return;
    }
    if (read.kind == Kind::whole && read.step == 0 && !exists(read.variable, 0))
      missing_step(variable, -1, read, 0);
    if (!variable.timed || read.kind == Kind::same || read.kind == Kind::whole) return;
    const std::int64_t reach =
        read.kind == Kind::lagged ? read.lag : std::max<std::int64_t>(read.step, 1);
    for (std::int64_t step = 1; step <= std::min(reach, model_.steps); ++step) {
      if (variable.start_rules.contains(step)) continue;
      const std::int64_t wanted = read.kind == Kind::lagged ? step - read.lag : read.step;
      if (exists(read.variable, wanted) && wanted <= step) continue;
      missing_step(variable, step, read, wanted);
      return;
    }
  }

  void missing_step(const Variable& variable, std::int64_t step, const Read& read,
                    std::int64_t wanted) {
    const Variable& target = model_.variables[read.variable];
    const std::string reader = variable.hidden ? "the aggregate" : in_quotes(variable.name);
    const std::string where = step < 0 ? reader : reader + " at step " + std::to_string(step);
    std::string reason =
        wanted < 0 ? "steps begin at 0"
        : wanted > step && step >= 0
            ? "it is not known yet"
            : in_quotes(target.name) + " (line " +
                  std::to_string(position_of(model_.source, target.range.offset).line) +
                  ") begins at step 1";
    std::string hint;
    if (step >= 0 && !variable.hidden)
      hint = "give a start rule, " + variable.name + "[" + std::to_string(step) +
             "] = ..., or guard it: if(t > " +
             std::to_string(std::max<std::int64_t>(step, read.lag)) + ", ..., 0)";
    if (wanted == 0 && target.kind == VariableKind::formula)
      hint = "give a start rule: " + target.name + "[0] = ...";
    diagnostics_.error(read.range,
                       where + " reads step " + std::to_string(wanted) + " of " +
                           in_quotes(target.name) + ", which does not exist: " + reason,
                       hint);
  }

  /* Scalars that need the end of the horizon, directly or through other scalars. */
  void find_over_time() {
    std::vector<std::vector<std::uint32_t>> readers(model_.variables.size());
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
      Variable& variable = model_.variables[i];
      variable.over_time = false;
      if (variable.timed) continue;
      for (const Read& read : reads_[i]) {
        if (read.kind == Kind::same) readers[read.variable].push_back(i);
        if (read.kind == Kind::whole || read.kind == Kind::at_step) variable.over_time = true;
      }
      if (variable.over_time) found.push_back(i);
    }
    while (!found.empty()) {
      const std::uint32_t source = found.back();
      found.pop_back();
      for (const std::uint32_t reader : readers[source]) {
        if (model_.variables[reader].over_time) continue;
        model_.variables[reader].over_time = true;
        found.push_back(reader);
      }
    }
  }

  void check_over_time() {
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
      const Variable& variable = model_.variables[i];
      const bool draw = variable.kind == VariableKind::input &&
                        variable.input.kind == InputDefinition::Kind::draw;
      if (!variable.timed && draw && variable.over_time)
        diagnostics_.error(variable.range, "the distribution of " + in_quotes(variable.name) +
                                               " depends on the end of the time steps");
      for (const Read& read : start_value_reads(model_, variable))
        check_start_value(variable, read);
      if (!variable.timed) continue;
      for (const Read& read : reads_[i]) check_known(variable, read);
      for (const auto& [step, rule] : variable.start_rules)
        for (const Read& read : start_reads(model_, variable, step)) check_known(variable, read);
    }
  }

  void check_start_value(const Variable& variable, const Read& read) {
    if (read.kind == Kind::same) return check_known(variable, read);
    diagnostics_.error(read.range,
                       "the starting value of " + in_quotes(variable.name) +
                           " cannot read single steps of " +
                           in_quotes(model_.variables[read.variable].name),
                       "give a number or a formula without time");
  }

  void check_known(const Variable& variable, const Read& read) {
    const Variable& target = model_.variables[read.variable];
    if (!target.over_time && read.kind != Kind::whole) return;
    diagnostics_.error(read.range,
                       in_quotes(variable.name) + " cannot read " + in_quotes(target.name) +
                           ", which is known only after the last step",
                       "keep a running value: total[t] = total[t-1] + ...");
  }

  DependencyGraph same_step_edges() const {
    DependencyGraph edges(model_.variables.size());
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i)
      for (const Read& read : reads_[i])
        if (read.kind == Kind::same) edges[i].push_back(read.variable);
    return edges;
  }

  /* A starting value is needed before the loop is solved: it cannot depend on what the loop gives.
   */
  void check_start_value_cycles() {
    const auto started = [](const Variable& variable) { return variable.start_value.has_value(); };
    if (std::none_of(model_.variables.begin(), model_.variables.end(), started)) return;
    DependencyGraph edges = same_step_edges();
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i)
      for (const Read& read : start_value_reads(model_, model_.variables[i]))
        edges[i].push_back(read.variable);
    std::vector<std::size_t> place(edges.size());
    const std::vector<Component> components = strongly_connected_components(edges);
    for (std::size_t c = 0; c < components.size(); ++c)
      for (const std::uint32_t member : components[c].members) place[member] = c;
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i)
      for (const Read& read : start_value_reads(model_, model_.variables[i]))
        if (place[i] == place[read.variable])
          diagnostics_.error(read.range,
                             "the starting value of " + in_quotes(model_.variables[i].name) +
                                 " depends on " + in_quotes(model_.variables[read.variable].name) +
                                 ", which is not known before the loop is solved",
                             "give a number or a formula outside the loop");
  }

  void check_input_cycles() {
    const auto reads = [&](std::uint32_t i) {
      return model_.variables[i].kind == VariableKind::input && !reads_[i].empty();
    };
    bool any = false;
    for (std::uint32_t i = 0; i < reads_.size(); ++i) any = any || reads(i);
    if (!any) return;
    const DependencyGraph edges = same_step_edges();
    for (const Component& component : strongly_connected_components(edges)) {
      if (!component.circular) continue;
      const auto input = std::find_if(component.members.begin(), component.members.end(),
                                      [&](std::uint32_t member) {
                                        return model_.variables[member].kind == VariableKind::input;
                                      });
      if (input == component.members.end()) continue;
      diagnostics_.error(
          model_.variables[*input].range,
          "the input " + in_quotes(model_.variables[*input].name) + " depends on itself",
          "only formulas may be circular");
    }
  }

  Model& model_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<Read>> reads_;
};

}  // namespace

void settle_model(Model& model, Diagnostics& diagnostics) { Settling(model, diagnostics).run(); }

}  // namespace sim
