/*
 * explain.cpp -- tells in words what a simulation will compute, in which order.
 */
#include <algorithm>
#include <cmath>
#include <set>

#include "experiment/cost.hpp"
#include "experiment/inspect.hpp"
#include "experiment/prepare.hpp"
#include "experiment/simulation.hpp"
#include "model/compiler.hpp"

namespace sim {
namespace {

constexpr std::string_view kLevelNames[] = {"once", "per trial", "per step", "after the last step"};

constexpr std::uint32_t kNoLoop = 0xffffffffu;

class Explanation {
 public:
  Explanation(const Experiment& experiment, const ScenarioGroup& group,
              std::span<const DataTable> tables)
      : model_(group.model),
        terms_(build_terms(model_, wanted_outputs(experiment, model_, Reports::outputs),
                           Chance::drawn, tables)),
        loop_of_(model_.variables.size(), kNoLoop) {
    for (std::uint32_t loop = 0; loop < terms_.loops.size(); ++loop) find_members(loop);
  }

  std::vector<ExplainRow> rows() {
    for (const Level level : {Level::once, Level::trial, Level::step, Level::final})
      add_level(level);
    return std::move(rows_);
  }

 private:
  void add(Level level, std::string how) {
    rows_.push_back({static_cast<int>(rows_.size()) + 1,
                     std::string(kLevelNames[static_cast<int>(level)]), std::move(how)});
  }

  static std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  /* The term of a variable at the usual step, or of a scalar. */
  TermId value_of(std::uint32_t variable) const {
    if (!model_.variables[variable].timed) return terms_.scalars[variable];
    return terms_.phases.empty() ? kNoTerm : terms_.phases.back().values[variable];
  }

  /* A loop that elimination has solved leaves no term of its own but its solution. */
  void find_members(std::uint32_t loop) {
    const LoopTerms& terms = terms_.loops[loop];
    for (std::size_t place = 0; place < terms.spec.variables.size(); ++place) {
      const std::uint32_t variable = terms.spec.variables[place];
      const TermId id = value_of(variable);
      if (id == kNoTerm) continue;
      const Term& term = terms_.terms[id];
      if ((term.kind == TermKind::solved && term.a == loop) ||
          (!terms.solution.empty() && terms.solution[place] == id))
        loop_of_[variable] = loop;
    }
  }

  void add_level(Level level) {
    std::vector<std::string> drawn;
    std::vector<std::string> computed;
    std::set<std::uint32_t> loops;
    for (std::uint32_t i = 0; i < model_.variables.size(); ++i) {
      const TermId id = value_of(i);
      const Variable& variable = model_.variables[i];
      if (id == kNoTerm || variable.hidden || terms_.terms[id].level != level) continue;
      const bool uncertain = variable.kind == VariableKind::input &&
                             variable.input.kind == InputDefinition::Kind::draw;
      if (uncertain)
        drawn.push_back(variable.name);
      else if (loop_of_[i] != kNoLoop)
        loops.insert(loop_of_[i]);
      else
        computed.push_back(variable.name);
    }
    if (!drawn.empty())
      add(level, join(drawn) + (level == Level::once ? "" : " drawn by inversion"));
    for (const std::uint32_t loop : loops) add(level, loop_text(terms_.loops[loop].spec));
    if (!computed.empty()) add(level, join(computed));
  }

  std::string loop_text(const LoopSpec& loop) const {
    std::vector<std::string> names;
    for (const std::uint32_t variable : loop.variables)
      names.push_back(model_.variables[variable].name);
    std::string text = "loop {" + join(names) + "}: " + (loop.linear ? "linear, " : "not linear, ");
    if (loop.method == SolveMethod::direct) return text + "solved directly";
    if (loop.method == SolveMethod::newton) return text + "solved by Newton's method";
    return text + "iterated by " + std::string(method_name(loop.method));
  }

  const Model& model_;
  const TermProgram terms_;
  std::vector<std::uint32_t> loop_of_;  // by variable: its loop at the usual step
  std::vector<ExplainRow> rows_;
};

}  // namespace

std::vector<ExplainRow> explain_experiment(const Experiment& experiment) {
  const PreparedExperiment prepared =
      prepare_experiment(experiment, Chance::drawn, Reports::outputs);
  const Simulation simulation(experiment);
  std::vector<ExplainRow> rows =
      Explanation(experiment, prepared.groups[0], prepared.model.tables).rows();
  const std::int64_t leaves = (simulation.trials() + kLeafTrials - 1) / kLeafTrials;
  rows.push_back({0, "work",
                  std::to_string(simulation.trials()) + " trials in " + std::to_string(leaves) +
                      (leaves == 1 ? " leaf" : " leaves") + " of " + std::to_string(kLeafTrials) +
                      ", " + std::to_string(simulation.chunk_count()) +
                      (simulation.chunk_count() == 1 ? " chunk" : " chunks") + " of " +
                      std::to_string(simulation.chunk_leaves())});
  rows.push_back(
      {0, "cost",
       std::to_string(static_cast<std::int64_t>(std::ceil(simulation.operations_per_trial()))) +
           " operations a trial, about " +
           std::to_string(
               static_cast<std::int64_t>(std::ceil(simulation.operations_per_trial() * 0.3e-6 *
                                                   static_cast<double>(simulation.trials())))) +
           " ms of one core"});
  return rows;
}

}  // namespace sim
