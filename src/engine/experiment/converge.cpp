/*
 * converge.cpp -- scenarios side by side as lanes of one batch, and reports of how their loops were
 * solved.
 */
#include "experiment/converge.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "execute/machine.hpp"
#include "experiment/prepare.hpp"

namespace sim {
namespace {

constexpr std::size_t kLanes = 128;

std::string brief(double value) {
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::general, 3).ptr;
  return std::string(text, end);
}

/* One report a loop and scenario: of its steps the first that failed, else the one that took most
 * iterations. */
class LoopReports final : public LoopObserver {
 public:
  LoopReports(const Program& program, std::span<const std::uint32_t> scenarios)
      : program_(program), scenarios_(scenarios) {
    // The loop of a rule and that of its start rule are one loop to a reader: the same variables,
    // the same number.
    std::map<std::vector<std::uint32_t>, int> numbers;
    for (const LoopSpec& loop : program.loops)
      numbers_.push_back(
          numbers.emplace(loop.variables, static_cast<int>(numbers.size()) + 1).first->second);
  }

  void solved(std::uint32_t loop, std::int64_t step, std::span<const LaneOutcome> lanes) override {
    const LoopSpec& spec = program_.loops[loop];
    for (std::size_t lane = 0; lane < lanes.size() && lane < scenarios_.size(); ++lane) {
      const LaneOutcome& outcome = lanes[lane];
      const auto key = std::pair{scenarios_[lane], numbers_[loop]};
      const auto known = worst_.find(key);
      if (known != worst_.end() && !worse(outcome, known->second.outcome)) continue;
      worst_[key] = {outcome, loop, program_.steps == 0 || scalar(spec) ? -1 : step};
    }
  }

  struct Worst {
    LaneOutcome outcome;
    std::uint32_t loop;
    std::int64_t step;
  };

  const std::map<std::pair<std::uint32_t, int>, Worst>& all() const { return worst_; }

  LoopReport report(const std::pair<std::uint32_t, int>& key, const Worst& worst) const {
    const LoopSpec& spec = program_.loops[worst.loop];
    LoopReport report{key.first,
                      key.second,
                      {},
                      std::string(method_name(spec.method)),
                      worst.outcome.iterations,
                      worst.outcome.residual,
                      worst.outcome.contraction,
                      worst.outcome.converged,
                      worst.step};
    if (worst.outcome.fell_back) report.method = "fixed_point";
    for (const std::uint32_t variable : spec.variables)
      report.variables.push_back(program_.variable_names[variable]);
    return report;
  }

 private:
  bool scalar(const LoopSpec& loop) const {
    return std::none_of(program_.phases.begin(), program_.phases.end(), [&](const Phase& phase) {
      return phase.values[loop.variables[0]] != kNoRegister;
    });
  }

  static bool worse(const LaneOutcome& a, const LaneOutcome& b) {
    if (a.converged != b.converged) return b.converged;
    return a.converged && a.iterations > b.iterations;
  }

  const Program& program_;
  std::span<const std::uint32_t> scenarios_;
  std::vector<int> numbers_;  // by loop
  std::map<std::pair<std::uint32_t, int>, Worst> worst_;
};

class ValueSink final : public SlotSink {
 public:
  ValueSink(const Program& program, std::span<const std::uint32_t> scenarios,
            std::vector<std::vector<ConvergedValue>>& values)
      : program_(program), scenarios_(scenarios), values_(values) {}

  void take(std::uint32_t slot, const double* values, std::size_t n) override {
    const SlotSpec& spec = program_.slots[slot];
    for (std::size_t lane = 0; lane < n; ++lane) {
      std::vector<ConvergedValue>& of_scenario = values_[scenarios_[lane]];
      if (of_scenario.size() < program_.slots.size()) of_scenario.resize(program_.slots.size());
      of_scenario[slot] = {scenarios_[lane], spec.variable, spec.step, values[lane]};
    }
  }

 private:
  const Program& program_;
  std::span<const std::uint32_t> scenarios_;
  std::vector<std::vector<ConvergedValue>>& values_;
};

std::string join(const std::vector<std::string>& names, std::string_view separator) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += separator;
    text += name;
  }
  return text;
}

std::string hint_for(const LoopReport& report) {
  const bool iterated = report.method == "gauss_seidel" || report.method == "jacobi";
  if (report.method == "direct")
    return "The formulas of the loop have no single solution together: its equations are singular. "
           "Look for a formula that repeats another.";
  if (!iterated)
    return "Give a starting value near the solution: solve " + report.variables[0] +
           " = ...; or look whether the loop has a solution at all.";
  if (report.contraction >= 1)
    return "The loop amplifies itself: each round makes changes " + brief(report.contraction) +
           " times as large. Use solve method auto, which does not iterate, or damping below 1.";
  return "The loop converges slowly. Use solve method auto, or more iterations.";
}

[[noreturn]] void refuse(const Experiment& experiment, const LoopReport& report,
                         const LaneOutcome& outcome) {
  std::string message = "loop " + std::to_string(report.loop) + " of model \"" +
                        experiment.model.substr(0, experiment.model.find('@')) + "\"";
  const std::string& scenario = experiment.scenarios[report.scenario].name;
  if (scenario != "base") message += " in scenario \"" + scenario + "\"";
  message += " does not converge";
  if (report.step >= 0) message += " at step " + std::to_string(report.step);
  message += ": " + join(report.variables, ", ");
  std::string detail = report.method + " stopped after " + std::to_string(report.iterations) +
                       (report.iterations == 1 ? " iteration" : " iterations");
  detail += "; the last residuals were";
  for (const double residual : outcome.history) detail += " " + brief(residual);
  if (std::isfinite(report.contraction))
    detail += "; the estimated contraction factor is " + brief(report.contraction);
  throw Error(ErrorKind::not_converged, message, detail + ".", hint_for(report));
}

}  // namespace

ConvergeResult converge(const Experiment& experiment, bool require_convergence, Control& control) {
  const PreparedExperiment prepared =
      prepare_experiment(experiment, Chance::means, Reports::all_formulas);
  std::vector<std::vector<ConvergedValue>> values(experiment.scenarios.size());
  ConvergeResult result;
  for (const ScenarioGroup& group : prepared.groups) {
    const std::size_t lanes = std::min(kLanes, group.scenarios.size());
    Machine machine(group.program, prepared.tables, experiment.seed, lanes, control);
    for (std::size_t first = 0; first < group.scenarios.size(); first += lanes) {
      const std::size_t n = std::min(lanes, group.scenarios.size() - first);
      const std::span<const std::uint32_t> scenarios(group.scenarios.data() + first, n);
      for (std::size_t parameter = 0; parameter < group.program.parameters.size(); ++parameter) {
        std::vector<double> column;
        for (std::size_t lane = 0; lane < n; ++lane)
          column.push_back(group.parameters[first + lane][parameter]);
        machine.set_parameter(parameter, column);
      }
      LoopReports reports(group.program, scenarios);
      ValueSink sink(group.program, scenarios, values);
      machine.observe_loops(&reports);
      machine.run_once();
      machine.run(0, n, sink);
      for (const auto& [key, worst] : reports.all()) {
        const LoopReport report = reports.report(key, worst);
        if (require_convergence && !report.converged) refuse(experiment, report, worst.outcome);
        result.loops.push_back(report);
      }
    }
  }
  std::sort(result.loops.begin(), result.loops.end(), [](const LoopReport& a, const LoopReport& b) {
    return std::pair{a.scenario, a.loop} < std::pair{b.scenario, b.loop};
  });
  result.names = prepared.groups[0].program.variable_names;
  for (std::vector<ConvergedValue>& of_scenario : values) {
    if (control.stop_requested()) throw Error(ErrorKind::cancelled, "cancelled");
    result.values.insert(result.values.end(), of_scenario.begin(), of_scenario.end());
    std::vector<ConvergedValue>().swap(of_scenario);
  }
  return result;
}

}  // namespace sim
