/*
 * compare.cpp -- the rows of sim.compare: scenarios against a baseline.
 *
 * Without trials the converged values are compared.  With trials every scenario runs on the same
 * random numbers, so that the difference of two statistics is known far better than each of them:
 * its standard error comes from a second pass, which takes the differences trial by trial, of the
 * values themselves for means and of influence functions for other statistics.
 */
#include "statistics/statistics.hpp"

#include <cmath>
#include <map>

#include "experiment/converge.hpp"
#include "scan/keep.hpp"
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

void write_row(TableWriter& table, const char* scenario, const char* variable, int64 step,
               const Comparison& compared) {
  const double difference = compared.value - compared.baseline;
  fill_text(table, scenario);
  fill_text(table, variable);
  fill_step(table, step);
  fill_double(table, compared.value);
  fill_double(table, compared.baseline);
  fill_double(table, difference);
  fill_double(table, compared.baseline == 0 ? NAN : difference / std::fabs(compared.baseline));
  fill_double(table, compared.std_error);
  end_row(table);
}

/* A converged value beside the baseline's. */
struct ConvergedPair {
  const sim::ConvergedValue* value;
  double baseline;
};

/* Lives in C++: pairs each value of the other scenarios with the baseline's. */
struct ConvergedComparison {
  sim::ConvergeResult result;
  std::vector<ConvergedPair> pairs;
};

void pair_values(ConvergedComparison& comparison) {
  std::map<std::pair<std::uint32_t, std::int64_t>, double> baseline;
  for (const sim::ConvergedValue& value : comparison.result.values) {
    if (value.scenario == kBaseline) {
      baseline[{value.variable, value.step}] = value.value;
    }
  }
  for (const sim::ConvergedValue& value : comparison.result.values) {
    if (value.scenario != kBaseline) {
      const auto found = baseline.find({value.variable, value.step});
      comparison.pairs.push_back({&value, found == baseline.end() ? NAN : found->second});
    }
  }
}

void compare_converged(const StatisticsCall& call, TableWriter& table) {
  const StoredExperiment* experiment = load_experiment(call.request);
  Holder<ConvergedComparison>* comparison = make_holder<ConvergedComparison>(CurrentMemoryContext);
  BackendControl control;
  guarded([&] {
    ConvergedComparison& held = hold(comparison);
    held.result = sim::converge(make_experiment(*experiment), true, control);
    pair_values(held);
  });
  for (const ConvergedPair& pair : comparison->object->pairs) {
    const char* variable = comparison->object->result.names[pair.value->variable].c_str();
    write_row(table, experiment->scenarios[pair.value->scenario].name, variable, pair.value->step,
              {pair.value->value, pair.baseline, NAN});
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
    compared.probability_count = 3;
  }
  return compared;
}

double percentile_of(const RunAnalysis& analysis, const Compared& compared, std::uint32_t scenario,
                     std::uint32_t slot, int number) {
  return compared.probability_count == 0 ? NAN : analysis.percentile(scenario, slot, number).value;
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

void compare_runs(const StatisticsCall& call, int instrument, TableWriter& table,
                  RunReport* report) {
  RunRequest request{experiment_of(call)};
  const Compared compared = read_statistic(call);
  request.probabilities = compared.probabilities;
  request.probability_count = compared.probability_count;
  request.instrument = instrument;
  const RunAnalysis* analysis = run_experiment(request, report);
  const sim::Partial* differences =
      difference_pass(request.experiment, analysis, compared, instrument, report);
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

void write_compare(const StatisticsCall& call, int instrument, TableWriter& table,
                   RunReport* report) {
  if (call.request.converging) {
    compare_converged(call, table);
  } else {
    compare_runs(call, instrument, table, report);
  }
}

}  // namespace simpg
