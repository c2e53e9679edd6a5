/*
 * monte_carlo.cpp -- the rows of sim.monte_carlo and sim.percentiles.
 */
#include "statistics/statistics.hpp"

#include <cmath>

#include "statistics/cached_run.hpp"

namespace simpg {

namespace {

using Row = Results::Row;

/* Scenario, output and step: what the rows of both begin with. */
void fill_slot(RowWriter& table, const Row& row) {
  add_text(table, row.scenario);
  add_text(table, row.output);
  add_step(table, row.step);
}

void fill_row(RowWriter& table, const Row& row) {
  const sim::Moments& total = *row.total;
  const bool any = total.count > 0;
  fill_slot(table, row);
  add_bigint(table, total.count + total.failed);
  add_bigint(table, total.failed);
  add_number(table, any ? total.mean : NAN);
  add_number(table, total.std_error());
  add_number(table, total.stddev());
  add_number(table, total.skewness());
  add_number(table, total.kurtosis());
  add_number(table, any ? total.min : NAN);
  for (int i = 0; i < kQuartilesAndTailsCount; i++) {
    add_number(table, row.percentiles[i].value);
  }
  add_number(table, any ? total.max : NAN);
}

void write_percentile_row(RowWriter& table, const Row& row, double probability,
                          const sim::PercentileEstimate& percentile) {
  fill_slot(table, row);
  add_number(table, probability);
  add_number(table, percentile.value);
  add_number(table, percentile.has_lower ? percentile.lower : NAN);
  add_number(table, percentile.has_upper ? percentile.upper : NAN);
  put(table);
}

Row row_of(const RunAnalysis& analysis, std::uint32_t scenario, std::uint32_t slot) {
  const sim::Slot& reported = analysis.simulation().slots()[slot];
  return {analysis.simulation().scenario_name(scenario).c_str(), reported.output.c_str(),
          reported.step, &analysis.total(scenario, slot), &analysis.percentile(scenario, slot, 0)};
}

RunRequest run_request(const StatisticsCall& call, int instrument) {
  RunRequest request{experiment_of(call)};
  request.probabilities = call.probabilities;
  request.probability_count = call.probability_count;
  request.intervals = call.intervals;
  request.instrument = instrument;
  return request;
}

/* Calls write(row) for each row of the call's statistics. */
template <class Write>
void for_each_row(const StatisticsCall& call, int instrument, RunReport* report, Write write) {
  if (is_cache_used()) {
    CachedRequest request = cached_request(call);
    request.instrument = instrument;
    for (const Row& row : complete_results(request, report)->rows()) {
      write(row);
    }
    return;
  }
  const RunAnalysis* analysis = run_experiment(run_request(call, instrument), report);
  for (std::uint32_t scenario = 0; scenario < analysis->simulation().scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis->slots(); slot++) {
      write(row_of(*analysis, scenario, slot));
    }
  }
}

}  // namespace

void fill_statistics(RowWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
                     std::uint32_t slot) {
  fill_row(table, row_of(analysis, scenario, slot));
}

void write_monte_carlo(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report) {
  for_each_row(call, instrument, report, [&](const Row& row) {
    fill_row(table, row);
    put(table);
  });
}

void write_percentiles(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report) {
  for_each_row(call, instrument, report, [&](const Row& row) {
    for (int i = 0; i < call.percentile_count; i++) {
      const int place = call.percentile_places[i];
      write_percentile_row(table, row, call.probabilities[place], row.percentiles[place]);
    }
  });
}

}  // namespace simpg
