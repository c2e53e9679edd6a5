/*
 * run_statistics.cpp -- sim.run_statistics: all that a stored run keeps of its results, from the
 * cache or from one simulation.
 */
#include "boundary.hpp"

#include <algorithm>

#include "runs/number_array.hpp"
#include "statistics/cached_run.hpp"
#include "statistics/result_hash.hpp"
#include "summary/quantile_sketch.hpp"

namespace simpg {

namespace {

/* Of a histogram that is kept, about. */
constexpr int kStoredBins = 40;

std::size_t count_numbers(const ExperimentKeys& keys) {
  std::size_t count = 0;
  for (const std::vector<sim::OutputKey>& scenario : keys.outputs) {
    for (const sim::OutputKey& output : scenario) {
      count += static_cast<std::size_t>((output.last_step - output.first_step) / output.every) + 1;
    }
  }
  return count;
}

/* The grid of the sketch, for as many numbers as the call reports. */
std::span<const double> levels_of(const StatisticsCall& call) {
  const ExperimentKeys* keys = experiment_keys(*load_experiment(call.request));
  std::span<const double> levels;
  guarded([&] { levels = sim::sketch_levels(count_numbers(*keys)); });
  return levels;
}

StatisticsPlaces places_among(std::span<const double> levels) {
  StatisticsPlaces found;
  for (int i = 0; i < kQuartilesAndTailsCount; i++) {
    const auto at = std::lower_bound(levels.begin(), levels.end(), kQuartilesAndTails[i]);
    found.places[i] = static_cast<int>(at - levels.begin());
  }
  return found;
}

/* All rows, and what sim.monte_carlo would ask goes into the cache with them. */
const std::vector<Results::Row>& compute(const StatisticsCall& call, RunReport* report) {
  if (!is_cache_used()) {
    return compute_rows(call, 0, report);
  }
  const CachedRequest request = cached_request(call);
  const Results* results = complete_results(request, report);
  put_statistics(request, results);
  return results->rows();
}

/* NULL for none. */
template <typename Number>
void add_array(RowWriter& table, std::span<const Number> numbers) {
  if (numbers.empty()) {
    add_null(table);
    return;
  }
  MemoryContext before = MemoryContextSwitchTo(table.row_context);
  add_datum(table, PointerGetDatum(make_array(numbers)));
  MemoryContextSwitchTo(before);
}

void add_sketch(RowWriter& table, const Results::Row& row, std::size_t levels) {
  auto* sketch = static_cast<double*>(palloc(sizeof(double) * levels));
  for (std::size_t i = 0; i < levels; i++) {
    sketch[i] = row.percentiles[i].value;
  }
  add_array<double>(table, {sketch, row.total->count > 0 ? levels : 0});
  pfree(sketch);
}

}  // namespace

/* sim.run_statistics(model, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_run_statistics) {
  RowWriter table = open_rows(fcinfo);
  StatisticsCall call = read_call(StatisticsKind::monte_carlo, fcinfo);
  const std::span<const double> levels = levels_of(call);
  const StatisticsPlaces places = places_among(levels);
  call.probabilities = levels.data();
  call.probability_count = static_cast<int>(levels.size());
  call.bins = kStoredBins;
  call.durable = true;
  RunReport report;
  const std::vector<Results::Row>& rows = compute(call, &report);
  char hash[kHashDigits + 1];
  guarded([&] { write_result_hash(rows, places, hash); });
  for (const Results::Row& row : rows) {
    fill_statistics(table, row, places);
    add_array(table, levels);
    add_sketch(table, row, levels.size());
    add_array<double>(table, row.histogram->edges);
    add_array<int64>(table, row.histogram->counts);
    add_integer(table, report.workers);
    add_text(table, hash);
    put(table);
  }
  return Datum{0};
}

}  // namespace simpg
