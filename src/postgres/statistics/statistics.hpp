/*
 * statistics.hpp -- sim.monte_carlo, sim.percentiles and sim.compare: what they have in common.
 *
 * Each reads its arguments into a StatisticsCall, runs the experiment, and writes rows.  They are
 * called as functions, or by SimStatistics, which stands in their place in FROM and shows in
 * EXPLAIN what ran inside.
 */
#pragma once

#include "store.hpp"

#include "row_writer.hpp"
#include "scan/function_scan.hpp"
#include "statistics/run.hpp"

namespace simpg {

enum class StatisticsKind { none, monte_carlo, percentiles, compare };

/* Most arguments that one of them has. */
inline constexpr int kMaxStatisticsArguments = 7;

/* How many arguments the function has. */
int argument_count(StatisticsKind kind);

/* The arguments, detoasted and checked. */
struct StatisticsCall {
  StatisticsKind kind;
  ExperimentRequest request;
  const double* probabilities = nullptr;  // ascending, each once; none for sim.compare
  int probability_count = 0;              // 0 where no percentile is read
  bool intervals = false;
  int bins = 0;                            // of histograms; for sim.run
  bool durable = false;                    // for functions that store: see CachedRequest
  int percentile_count = 0;                // of sim.percentiles: as they were given
  const int* percentile_places = nullptr;  // among the probabilities
  const char* statistic = nullptr;         // of sim.compare, UTF-8
  bool errors = true;                      // of sim.compare: of the differences
  bool only_usable = false;                // leaves out what a fault keeps from being computed
  /* The scan that asks, whose filter tells what is wanted; null: all is. */
  CustomScanState* scan = nullptr;
  const FunctionScanParts* parts = nullptr;  // of the scan
};

/* Names of what a call wants; NIL: all. */
struct WantedResults {
  List* scenarios;
  List* outputs;
};

WantedResults wanted_results(const StatisticsCall& call);

/* Raises 22004 and 22023 for arguments that cannot be. In the current memory context. */
StatisticsCall read_call(StatisticsKind kind, const Datum* values, const bool* nulls);
StatisticsCall read_call(StatisticsKind kind, FunctionCallInfo call);

/* Leaves out the statistics for which only columns stand that the scan does not read: percentiles
 * of sim.monte_carlo, standard errors of sim.compare. */
void leave_out_unread(StatisticsCall* call);

/* What it computes: wanted outputs alone; where a binding has a fault, wanted scenarios alone. */
StoredExperiment* load_wanted(const StatisticsCall& call);

/* The same as bytes; null for sim.compare without trials, which converges. */
const bytea* experiment_of(const StatisticsCall& call);

/* Computes all rows. `instrument`: options of EXPLAIN ANALYZE, or 0. */
void write_statistics(const StatisticsCall& call, int instrument, RowWriter& table,
                      RunReport* report);

/* One for each kind. */
void write_monte_carlo(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report);
void write_percentiles(const StatisticsCall& call, int instrument, RowWriter& table,
                       RunReport* report);
void write_compare(const StatisticsCall& call, int instrument, RowWriter& table, RunReport* report);

/* The percentiles that sim.monte_carlo has columns for. */
inline constexpr double kQuartilesAndTails[] = {0.05, 0.25, 0.5, 0.75, 0.95};
inline constexpr int kQuartilesAndTailsCount = 5;

/* Whether it is sim.monte_carlo without them. */
inline bool leaves_out_percentiles(const StatisticsCall& call) {
  return call.kind == StatisticsKind::monte_carlo && call.probability_count == 0;
}

}  // namespace simpg
