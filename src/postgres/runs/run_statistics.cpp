/*
 * run_statistics.cpp -- sim.run_statistics: all that a stored run keeps of its results, from one
 * simulation.
 */
#include "boundary.hpp"

#include <algorithm>

#include "row_writer.hpp"
#include "runs/number_array.hpp"
#include "statistics/result_hash.hpp"
#include "statistics/statistics.hpp"
#include "summary/quantile_sketch.hpp"

namespace simpg {

namespace {

/* Of a histogram that is kept, about. */
constexpr int kStoredBins = 40;

/* The grid of the sketch, for as many numbers as the experiment reports. */
std::span<const double> levels_of(const bytea* experiment) {
  std::span<const double> levels;
  guarded([&] {
    const SharedExperiment compiled = compile(bytes_of(experiment), current_knobs());
    const sim::Simulation& simulation = compiled->simulation;
    levels = sim::sketch_levels(simulation.slots().size() * simulation.scenarios());
  });
  return levels;
}

/* First the percentiles that sim.monte_carlo has, then the levels. */
double* asked_percentiles(std::span<const double> levels) {
  auto* asked =
      static_cast<double*>(palloc(sizeof(double) * (kQuartilesAndTailsCount + levels.size())));
  double* next = std::copy_n(kQuartilesAndTails, kQuartilesAndTailsCount, asked);
  std::copy(levels.begin(), levels.end(), next);
  return asked;
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

/* What is known of all runs alike. */
struct Common {
  std::span<const double> levels;
  int workers;
  const char* hash;
};

void write_row(RowWriter& table, const RunAnalysis& analysis, std::uint32_t scenario,
               std::uint32_t slot, const Common& common) {
  fill_statistics(table, analysis, scenario, slot);
  add_text(table, std::string_view(analysis.simulation().slots()[slot].unit));
  add_array(table, common.levels);
  const bool any = analysis.total(scenario, slot).count > 0;
  auto* sketch = static_cast<double*>(palloc(sizeof(double) * common.levels.size()));
  for (std::size_t i = 0; i < common.levels.size(); i++) {
    sketch[i] = analysis.percentile(scenario, slot, kQuartilesAndTailsCount + i).value;
  }
  add_array<double>(table, {sketch, any ? common.levels.size() : 0});
  pfree(sketch);
  const Histogram& histogram = analysis.histogram(scenario, slot);
  add_array<double>(table, histogram.edges);
  add_array<int64>(table, histogram.counts);
  add_integer(table, common.workers);
  add_text(table, common.hash);
  put(table);
}

}  // namespace

/* sim.run_statistics(experiment) */
SIM_FUNCTION(sim_run_statistics) {
  RowWriter table = open_rows(fcinfo);
  RunRequest request{PG_GETARG_BYTEA_PP(0)};
  const std::span<const double> levels = levels_of(request.experiment);
  request.probabilities = asked_percentiles(levels);
  request.probability_count = kQuartilesAndTailsCount + static_cast<int>(levels.size());
  request.bins = kStoredBins;
  RunReport report;
  const RunAnalysis* analysis = run_experiment(request, &report);
  char hash[kHashDigits + 1];
  guarded([&] { write_result_hash(*analysis, hash); });
  const Common common = {levels, report.workers, hash};
  for (std::uint32_t scenario = 0; scenario < analysis->simulation().scenarios(); scenario++) {
    for (std::uint32_t slot = 0; slot < analysis->slots(); slot++) {
      write_row(table, *analysis, scenario, slot, common);
    }
  }
  return Datum{0};
}

}  // namespace simpg
