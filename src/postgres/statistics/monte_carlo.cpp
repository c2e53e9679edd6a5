/*
 * monte_carlo.cpp -- the rows of sim.monte_carlo and sim.percentiles.
 */
#include "statistics/statistics.hpp"

#include <cmath>

namespace simpg {

namespace {

/* Scenario, output and step: what the rows of both begin with. */
void fill_slot(RowWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
               std::uint32_t slot) {
  const sim::Slot& reported = analysis.simulation().slots()[slot];
  add_text(table, analysis.simulation().scenario_name(scenario).c_str());
  add_text(table, reported.output.c_str());
  add_step(table, reported.step);
}

void write_percentile_row(RowWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
                          std::uint32_t slot, double probability, int number) {
  const sim::PercentileEstimate& percentile = analysis.percentile(scenario, slot, number);
  fill_slot(table, analysis, scenario, slot);
  add_number(table, probability);
  add_number(table, percentile.value);
  add_number(table, percentile.has_lower ? percentile.lower : NAN);
  add_number(table, percentile.has_upper ? percentile.upper : NAN);
  put(table);
}

}  // namespace

void fill_statistics(RowWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
                     std::uint32_t slot) {
  const sim::Moments& total = analysis.total(scenario, slot);
  const bool any = total.count > 0;
  fill_slot(table, analysis, scenario, slot);
  add_bigint(table, total.count + total.failed);
  add_bigint(table, total.failed);
  add_number(table, any ? total.mean : NAN);
  add_number(table, total.std_error());
  add_number(table, total.stddev());
  add_number(table, total.skewness());
  add_number(table, total.kurtosis());
  add_number(table, any ? total.min : NAN);
  for (int i = 0; i < kQuartilesAndTailsCount; i++) {
    add_number(table, analysis.percentile(scenario, slot, i).value);
  }
  add_number(table, any ? total.max : NAN);
}

void write_monte_carlo(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report) {
  RunRequest request{experiment_of(call)};
  request.probabilities = kQuartilesAndTails;
  request.probability_count = kQuartilesAndTailsCount;
  request.instrument = instrument;
  const RunAnalysis* analysis = run_experiment(request, report);
  for (std::uint32_t scenario = 0; scenario < analysis->simulation().scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis->slots(); slot++) {
      fill_statistics(table, *analysis, scenario, slot);
      put(table);
    }
  }
}

void write_percentiles(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report) {
  RunRequest request{experiment_of(call)};
  request.probabilities = call.probabilities;
  request.probability_count = call.probability_count;
  request.intervals = true;
  request.instrument = instrument;
  const RunAnalysis* analysis = run_experiment(request, report);
  for (std::uint32_t scenario = 0; scenario < analysis->simulation().scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis->slots(); slot++) {
      for (int i = 0; i < call.probability_count; i++) {
        write_percentile_row(table, *analysis, scenario, slot, call.probabilities[i], i);
      }
    }
  }
}

}  // namespace simpg
