/*
 * monte_carlo.cpp -- the rows of sim.monte_carlo and sim.percentiles.
 */
#include "statistics/statistics.hpp"

#include <cmath>

namespace simpg {

namespace {

/* Scenario, output and step: what the rows of both begin with. */
void fill_slot(TableWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
               std::uint32_t slot) {
  const sim::Slot& reported = analysis.simulation().slots()[slot];
  fill_text(table, analysis.simulation().scenario_name(scenario).c_str());
  fill_text(table, reported.output.c_str());
  fill_step(table, reported.step);
}

void write_row(TableWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
               std::uint32_t slot) {
  const sim::Moments& total = analysis.total(scenario, slot);
  const bool any = total.count > 0;
  fill_slot(table, analysis, scenario, slot);
  fill_bigint(table, total.count + total.failed);
  fill_bigint(table, total.failed);
  fill_double(table, any ? total.mean : NAN);
  fill_double(table, total.std_error());
  fill_double(table, total.stddev());
  fill_double(table, total.skewness());
  fill_double(table, total.kurtosis());
  fill_double(table, any ? total.min : NAN);
  for (int i = 0; i < kQuartilesAndTailsCount; i++) {
    fill_double(table, analysis.percentile(scenario, slot, i).value);
  }
  fill_double(table, any ? total.max : NAN);
  end_row(table);
}

void write_percentile_row(TableWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
                          std::uint32_t slot, double probability, int number) {
  const sim::PercentileEstimate& percentile = analysis.percentile(scenario, slot, number);
  fill_slot(table, analysis, scenario, slot);
  fill_double(table, probability);
  fill_double(table, percentile.value);
  fill_double(table, percentile.has_lower ? percentile.lower : NAN);
  fill_double(table, percentile.has_upper ? percentile.upper : NAN);
  end_row(table);
}

}  // namespace

void write_monte_carlo(const StatisticsCall& call, int instrument, TableWriter& table,
                       RunReport* report) {
  RunRequest request{experiment_of(call)};
  request.probabilities = kQuartilesAndTails;
  request.probability_count = kQuartilesAndTailsCount;
  request.instrument = instrument;
  const RunAnalysis* analysis = run_experiment(request, report);
  for (std::uint32_t scenario = 0; scenario < analysis->simulation().scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis->slots(); slot++) {
      write_row(table, *analysis, scenario, slot);
    }
  }
}

void write_percentiles(const StatisticsCall& call, int instrument, TableWriter& table,
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
