/*
 * statistics_rows.hpp -- the statistics of a call row by row, from the cache or from a run.
 */
#pragma once

#include "postgres.hpp"

#include <vector>

#include "statistics/results.hpp"
#include "statistics/statistics.hpp"

namespace simpg {

/* Scenario by scenario, slot by slot, as long as the analysis lives. C++ side: inside guarded(). */
std::vector<Results::Row> rows_of(const RunAnalysis& analysis);

/* All rows of sim.monte_carlo, sim.percentiles or sim.run. In the current memory context. */
const std::vector<Results::Row>& compute_rows(const StatisticsCall& call, int instrument,
                                              RunReport* report);

/* Where the percentiles that sim.monte_carlo has columns for stand among those of a row. */
struct StatisticsPlaces {
  int places[kQuartilesAndTailsCount] = {0, 1, 2, 3, 4};
  bool known = true;  // if not, these columns are NULL
};

/* Scenario, output and step. */
void fill_slot(RowWriter& table, const Results::Row& row);
/* These and all other columns of sim.monte_carlo, without putting the row. */
void fill_statistics(RowWriter& table, const Results::Row& row, const StatisticsPlaces& places);

}  // namespace simpg
