/*
 * monte_carlo.cpp -- the rows of sim.monte_carlo and sim.percentiles.
 */
#include "statistics/statistics.hpp"

#include <cmath>

#include "statistics/statistics_rows.hpp"

namespace simpg {

namespace {

void write_percentile_row(RowWriter& table, const Results::Row& row, double probability,
                          const sim::PercentileEstimate& percentile) {
  fill_slot(table, row);
  add_number(table, probability);
  add_number(table, percentile.value);
  add_number(table, percentile.has_lower ? percentile.lower : NAN);
  add_number(table, percentile.has_upper ? percentile.upper : NAN);
  put(table);
}

}  // namespace

void write_monte_carlo(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report) {
  StatisticsPlaces places;
  places.known = !leaves_out_percentiles(call);
  for (const Results::Row& row : compute_rows(call, instrument, report)) {
    fill_statistics(table, row, places);
    put(table);
  }
}

void write_percentiles(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report) {
  for (const Results::Row& row : compute_rows(call, instrument, report)) {
    for (int i = 0; i < call.percentile_count; i++) {
      const int place = call.percentile_places[i];
      write_percentile_row(table, row, call.probabilities[place], row.percentiles[place]);
    }
  }
}

}  // namespace simpg
