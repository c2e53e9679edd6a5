/*
 * converge.cpp -- scenarios side by side as lanes of one batch, and reports of how their loops were
 * solved.
 */
#include "experiment/converge.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <list>
#include <map>
#include <numeric>

#include "core/control.hpp"
#include "core/error.hpp"
#include "execute/machine.hpp"
#include "experiment/prepare.hpp"
#include "language/names.hpp"

namespace sim {
namespace {

constexpr std::size_t kLanes = 128;
/* Values at a time, 8 MB, if one scenario has not more. */
constexpr std::size_t kValues = std::size_t{1} << 20;
/* Programs kept for scenarios to come. */
constexpr std::size_t kStructures = 16;
/* Lanes below which a machine is not worth making anew for fewer. */
constexpr std::size_t kNarrowest = 8;

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

/* Puts the values of each lane in a row of their own. */
class LaneRows final : public SlotSink {
 public:
  LaneRows(std::span<double> values, std::size_t slots) : values_(values), slots_(slots) {}

  void take(std::uint32_t slot, const double* values, std::size_t n) override {
    for (std::size_t lane = 0; lane < n; ++lane) values_[lane * slots_ + slot] = values[lane];
  }

 private:
  std::span<double> values_;
  std::size_t slots_;
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

[[noreturn]] void refuse(const std::string& model, const std::string& scenario,
                         const LoopReport& report, const LaneOutcome& outcome) {
  std::string message = "loop " + std::to_string(report.loop) + " of model " +
                        in_quotes(model.substr(0, model.find('@')));
  if (scenario != "base") message += " in scenario " + in_quotes(scenario);
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

/* Scenarios of one structure, and the machine that solves them. */
struct Structure {
  std::string text;  // see structure_of
  ScenarioProgram shared;
  std::unique_ptr<Machine> machine;
};

}  // namespace

struct ScenarioSolver::Implementation {
  explicit Implementation(const Experiment& experiment)
      : model(experiment.model), prepared(prepare_model(experiment, Reports::all_formulas)) {
    for (const Variable& variable : prepared.base.variables) names.push_back(variable.name);
  }

  Structure& current_structure();
  std::size_t lanes_of(const Structure& structure) const;
  Machine& ready_machine(Structure& structure);
  void run(Machine& machine, const Structure& structure, LoopReports* reports);
  void take_reports(Machine& machine, const Structure& structure);

  std::string model;  // name@version
  PreparedModel prepared;
  std::vector<std::string> names;
  CurrentControl control;
  std::list<Structure> structures;  // the latest used first

  std::span<const Scenario> scenarios;
  std::vector<std::string> texts;  // structure of each
  Unsolved unsolved = Unsolved::refuse;
  std::size_t done = 0;

  std::vector<std::uint32_t> lanes;  // the scenarios in work
  std::vector<double> column;        // of one parameter, by lane
  std::vector<double> values;
  std::vector<SolvedScenario> solved;
  std::vector<LoopReport> loops;
};

/* That of the next scenario. */
Structure& ScenarioSolver::Implementation::current_structure() {
  const auto known = std::find_if(structures.begin(), structures.end(),
                                  [&](const Structure& each) { return each.text == texts[done]; });
  if (known != structures.end()) {
    structures.splice(structures.begin(), structures, known);
  } else {
    ScenarioProgram shared = compile_scenario(prepared, scenarios[done], Chance::means);
    structures.push_front({texts[done], std::move(shared), nullptr});
    if (structures.size() > kStructures) structures.pop_back();
  }
  return structures.front();
}

/* How many of the next scenarios go together: of one structure, and of so few values that memory
 * stays small. */
std::size_t ScenarioSolver::Implementation::lanes_of(const Structure& structure) const {
  const std::size_t slots = structure.shared.program.slots.size();
  const std::size_t most = std::clamp<std::size_t>(kValues / (slots + 1), 1, kLanes);
  std::size_t n = 1;
  while (n < most && done + n < scenarios.size() && texts[done + n] == structure.text) ++n;
  return n;
}

/* A machine of about the right width with the parameters of the scenarios in work. */
Machine& ScenarioSolver::Implementation::ready_machine(Structure& structure) {
  const std::size_t n = lanes.size();
  std::unique_ptr<Machine>& machine = structure.machine;
  const Program& program = structure.shared.program;
  if (!machine || machine->lanes() < n || machine->lanes() > 2 * n + kNarrowest)
    machine = std::make_unique<Machine>(program, prepared.tables, 1, n, control);
  column.resize(n);
  for (std::size_t k = 0; k < program.parameters.size(); ++k) {
    for (std::size_t lane = 0; lane < n; ++lane)
      column[lane] = parameter_value(program.parameters[k], scenarios[lanes[lane]]);
    machine->set_parameter(k, column);
  }
  return *machine;
}

void ScenarioSolver::Implementation::run(Machine& machine, const Structure& structure,
                                         LoopReports* reports) {
  LaneRows rows(values, structure.shared.program.slots.size());
  machine.observe_loops(reports);
  machine.run_once(lanes.size());
  machine.run(0, lanes.size(), rows);
}

/* Solves once more, and is told how. */
void ScenarioSolver::Implementation::take_reports(Machine& machine, const Structure& structure) {
  LoopReports reports(structure.shared.program, lanes);
  run(machine, structure, &reports);
  for (const auto& [key, worst] : reports.all()) {
    LoopReport report = reports.report(key, worst);
    if (unsolved == Unsolved::report)
      loops.push_back(std::move(report));
    else if (!report.converged)
      refuse(model, scenarios[report.scenario].name, report, worst.outcome);
  }
}

ScenarioSolver::ScenarioSolver(const Experiment& experiment)
    : implementation_(std::make_unique<Implementation>(experiment)) {}

ScenarioSolver::~ScenarioSolver() = default;

void ScenarioSolver::begin(std::span<const Scenario> scenarios, Unsolved unsolved) {
  Implementation& own = *implementation_;
  own.scenarios = {};
  own.texts.clear();
  Asking asking(1 << 10);
  for (const Scenario& scenario : scenarios) {
    asking.spend();
    check_overrides(scenario, own.prepared.base);
    require_usable(own.prepared, scenario);
    own.texts.push_back(structure_of(own.prepared.base, scenario));
  }
  own.scenarios = scenarios;
  own.unsolved = unsolved;
  own.done = 0;
}

/* Structures and what is read do not hang on numbers. */
void ScenarioSolver::begin_again() {
  for (const Scenario& scenario : implementation_->scenarios)
    check_overrides(scenario, implementation_->prepared.base);
  implementation_->done = 0;
}

bool ScenarioSolver::next(Control& control) {
  Implementation& own = *implementation_;
  own.solved.clear();
  own.loops.clear();
  if (own.done == own.scenarios.size()) return false;
  if (control.stop_requested()) throw Error(ErrorKind::cancelled, "cancelled");
  own.control.current = &control;
  Structure& structure = own.current_structure();
  own.lanes.resize(own.lanes_of(structure));
  std::iota(own.lanes.begin(), own.lanes.end(), static_cast<std::uint32_t>(own.done));
  const std::vector<SlotSpec>& slots = structure.shared.program.slots;
  own.values.resize(slots.size() * own.lanes.size());
  Machine& machine = own.ready_machine(structure);
  if (own.unsolved == Unsolved::refuse) own.run(machine, structure, nullptr);
  if (own.unsolved == Unsolved::report || machine.has_failed_loop())
    own.take_reports(machine, structure);
  for (std::size_t lane = 0; lane < own.lanes.size(); ++lane)
    own.solved.push_back(
        {own.lanes[lane], slots, std::span(own.values).subspan(lane * slots.size(), slots.size())});
  own.done += own.lanes.size();
  return true;
}

std::span<const SolvedScenario> ScenarioSolver::solved() const { return implementation_->solved; }

std::span<const LoopReport> ScenarioSolver::loops() const { return implementation_->loops; }

const std::vector<std::string>& ScenarioSolver::names() const { return implementation_->names; }

ConvergeResult converge(const Experiment& experiment, Unsolved unsolved, Control& control) {
  ScenarioSolver solver(experiment);
  solver.begin(experiment.scenarios, unsolved);
  ConvergeResult result;
  while (solver.next(control)) {
    for (const SolvedScenario& solved : solver.solved())
      for (std::size_t i = 0; i < solved.slots.size(); ++i)
        result.values.push_back(
            {solved.scenario, solved.slots[i].variable, solved.slots[i].step, solved.values[i]});
    result.loops.insert(result.loops.end(), solver.loops().begin(), solver.loops().end());
  }
  result.names = solver.names();
  return result;
}

}  // namespace sim
