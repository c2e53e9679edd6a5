/*
 * statistics_rows.cpp -- has the rows of a call computed, and writes their columns.
 */
#include "statistics/statistics_rows.hpp"

#include <cmath>

#include "scan/wanted_names.hpp"
#include "statistics/cached_run.hpp"
#include "store_fault.hpp"

namespace simpg {

namespace {

RunRequest run_request(const StatisticsCall& call, int instrument) {
  RunRequest request{experiment_of(call)};
  request.probabilities = call.probabilities;
  request.probability_count = call.probability_count;
  request.intervals = call.intervals;
  request.bins = call.bins;
  request.instrument = instrument;
  return request;
}

}  // namespace

std::vector<Results::Row> rows_of(const RunAnalysis& analysis) {
  std::vector<Results::Row> rows;
  const sim::Simulation& simulation = analysis.simulation();
  for (std::uint32_t scenario = 0; scenario < simulation.scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis.slots(); slot++) {
      const sim::Slot& reported = simulation.slots()[slot];
      rows.push_back({simulation.scenario_name(scenario).c_str(), reported.output.c_str(),
                      reported.step, &analysis.total(scenario, slot),
                      analysis.percentiles(scenario, slot).data(),
                      &analysis.histogram(scenario, slot)});
    }
  }
  return rows;
}

const std::vector<Results::Row>& compute_rows(const StatisticsCall& call, int instrument,
                                              RunReport* report) {
  CachedRequest request = cached_request(call);
  if (is_cache_used() || has_fault(*request.stored) || wants_nothing(*request.stored)) {
    request.instrument = instrument;
    return complete_results(request, report)->rows();
  }
  const RunAnalysis* analysis = run_experiment(run_request(call, instrument), report);
  auto* rows = make_holder<std::vector<Results::Row>>(CurrentMemoryContext);
  guarded([&] { hold(rows, rows_of(*analysis)); });
  return *rows->object;
}

void fill_slot(RowWriter& table, const Results::Row& row) {
  add_text(table, row.scenario);
  add_text(table, row.output);
  add_step(table, row.step);
}

void fill_statistics(RowWriter& table, const Results::Row& row, const StatisticsPlaces& places) {
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
  for (const int place : places.places) {
    add_number(table, places.known ? row.percentiles[place].value : NAN);
  }
  add_number(table, any ? total.max : NAN);
}

}  // namespace simpg
