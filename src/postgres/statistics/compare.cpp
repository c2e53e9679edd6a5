/*
 * compare.cpp -- the rows of sim.compare: scenarios against a baseline.
 *
 * Without trials the converged values are compared.  With trials every scenario runs on the same
 * random numbers, so that the difference of two statistics is known far better than each of them:
 * its standard error comes from a second pass, which takes the differences trial by trial, of the
 * values themselves for means and of influence functions for other statistics.
 */
#include "statistics/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "converge/solving.hpp"
#include "scan/keep.hpp"
#include "scan/wanted_names.hpp"
#include "summary/influence.hpp"

namespace simpg {

namespace {

/* Scenario 0 is the baseline. */
constexpr std::uint32_t kBaseline = 0;

/* One comparison; std_error is NaN where there is none. */
struct Comparison {
  double value;
  double baseline;
  double std_error;
};

void write_row(RowWriter& table, const char* scenario, const char* variable, int64 step,
               const Comparison& compared) {
  const double difference = compared.value - compared.baseline;
  add_text(table, scenario);
  add_text(table, variable);
  add_step(table, step);
  add_number(table, compared.value);
  add_number(table, compared.baseline);
  add_number(table, difference);
  add_number(table, compared.baseline == 0 ? NAN : difference / std::fabs(compared.baseline));
  add_number(table, compared.std_error);
  put(table);
}

/* The converged values of the baseline; lives in C++. */
struct Baseline {
  std::vector<sim::SlotSpec> slots;  // by variable and step
  std::vector<double> values;

  void take(const sim::SolvedScenario& solved) {
    slots.assign(solved.slots.begin(), solved.slots.end());
    values.assign(solved.values.begin(), solved.values.end());
  }

  /* NaN where the baseline has none: a scenario may begin at another step. */
  double at(const sim::SlotSpec& slot) const {
    const auto before = [](const sim::SlotSpec& a, const sim::SlotSpec& b) {
      return std::pair{a.variable, a.step} < std::pair{b.variable, b.step};
    };
    const auto found = std::lower_bound(slots.begin(), slots.end(), slot, before);
    return found == slots.end() || before(slot, *found) ? NAN : values[found - slots.begin()];
  }
};

/* `wanted`: by variable; null: all. */
void write_scenario(RowWriter& table, const char* scenario, const sim::ScenarioSolver& solver,
                    const sim::SolvedScenario& solved, const Baseline& baseline,
                    const bool* wanted) {
  for (std::size_t i = 0; i < solved.slots.size(); i++) {
    const sim::SlotSpec& slot = solved.slots[i];
    if (wanted != nullptr && !wanted[slot.variable]) {
      continue;
    }
    write_row(table, scenario, solver.names()[slot.variable].c_str(), slot.step,
              {solved.values[i], baseline.at(slot), NAN});
  }
}

void compare_converged(const StatisticsCall& call, RowWriter& table) {
  const StoredExperiment* experiment = load_wanted(call);
  Holder<Baseline>* baseline = make_holder<Baseline>(CurrentMemoryContext);
  guarded([&] { hold(baseline); });
  BorrowedSolver* solver = borrow_solver(*experiment, CurrentMemoryContext);
  const bool* wanted = wanted_variables(wanted_results(call).outputs, solver->names());
  Solving* solving =
      begin_solving(solver, *experiment, sim::Unsolved::refuse, CurrentMemoryContext);
  while (solve_next(solving)) {
    for (const sim::SolvedScenario& solved : solving->solved) {
      if (solved.scenario == kBaseline) {
        guarded([&] { baseline->object->take(solved); });
      } else {
        write_scenario(table, experiment->scenarios[solved.scenario].name, *solving->parts.solver,
                       solved, *baseline->object, wanted);
      }
    }
  }
}

/* What is compared: the statistic, and for a percentile the two around it that tell the density
 * there. */
struct Compared {
  sim::Statistic statistic;
  sim::Neighbours neighbours;
  double probabilities[3];
  int probability_count;
};

Compared read_statistic(const StatisticsCall& call) {
  Compared compared{};
  guarded([&] { compared.statistic = sim::parse_statistic(call.statistic); });
  if (compared.statistic.kind == sim::Statistic::Kind::percentile) {
    compared.neighbours =
        sim::density_neighbours(compared.statistic.probability, call.request.trials);
    compared.probabilities[0] = compared.statistic.probability;
    compared.probabilities[1] = compared.neighbours.lower;
    compared.probabilities[2] = compared.neighbours.upper;
    compared.probability_count = call.errors ? 3 : 1;
  }
  return compared;
}

double percentile_of(const RunAnalysis& analysis, const Compared& compared, std::uint32_t scenario,
                     std::uint32_t slot, int number) {
  return compared.probability_count == 0 ? NAN : analysis.percentiles(scenario, slot)[number].value;
}

double value_of(const RunAnalysis& analysis, const Compared& compared, std::uint32_t scenario,
                std::uint32_t slot) {
  return sim::statistic_value(compared.statistic, analysis.total(scenario, slot),
                              percentile_of(analysis, compared, scenario, slot, 0));
}

/* The influence functions of all scenarios and slots, as sim.chunks takes them. C++ side. */
std::vector<std::uint8_t> influence_bytes(const RunAnalysis& analysis, const Compared& compared) {
  std::vector<sim::InfluenceSpec> influences;
  for (std::uint32_t scenario = 0; scenario < analysis.simulation().scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis.slots(); slot++) {
      const double density = sim::estimate_density(
          compared.neighbours, percentile_of(analysis, compared, scenario, slot, 1),
          percentile_of(analysis, compared, scenario, slot, 2));
      influences.push_back(sim::make_influence(compared.statistic, analysis.total(scenario, slot),
                                               percentile_of(analysis, compared, scenario, slot, 0),
                                               density));
    }
  }
  return keep_bytes(influences);
}

/* The moments of the paired differences of influences; null where the statistic has none. */
const sim::Partial* difference_pass(const bytea* experiment, const RunAnalysis* analysis,
                                    const Compared& compared, int instrument, RunReport* report) {
  if (!compared.statistic.has_influence()) {
    return nullptr;
  }
  Holder<std::vector<std::uint8_t>>* bytes =
      make_holder<std::vector<std::uint8_t>>(CurrentMemoryContext);
  guarded([&] { hold(bytes, influence_bytes(*analysis, compared)); });
  const bytea* keep = make_bytea(bytes->object->data(), bytes->object->size());
  return run_pass(experiment, keep, instrument, report)->object;
}

double error_of(const sim::Partial* differences, std::uint32_t scenario, std::uint32_t slot) {
  double error = NAN;
  if (differences != nullptr) {
    guarded([&] { error = differences->total(scenario, slot).std_error(); });
  }
  return error;
}

void compare_runs(const StatisticsCall& call, int instrument, RowWriter& table, RunReport* report) {
  RunRequest request{experiment_of(call)};
  const Compared compared = read_statistic(call);
  request.probabilities = compared.probabilities;
  request.probability_count = compared.probability_count;
  request.instrument = instrument;
  const RunAnalysis* analysis = run_experiment(request, report);
  const sim::Partial* differences =
      call.errors ? difference_pass(request.experiment, analysis, compared, instrument, report)
                  : nullptr;
  const sim::Simulation& simulation = analysis->simulation();
  for (std::uint32_t scenario = kBaseline + 1; scenario < simulation.scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis->slots(); slot++) {
      const sim::Slot& reported = simulation.slots()[slot];
      write_row(
          table, simulation.scenario_name(scenario).c_str(), reported.output.c_str(), reported.step,
          {value_of(*analysis, compared, scenario, slot),
           value_of(*analysis, compared, kBaseline, slot), error_of(differences, scenario, slot)});
    }
  }
}

}  // namespace

void write_compare(const StatisticsCall& call, int instrument, RowWriter& table,
                   RunReport* report) {
  if (call.request.converging) {
    compare_converged(call, table);
  } else {
    compare_runs(call, instrument, table, report);
  }
}

}  // namespace simpg
