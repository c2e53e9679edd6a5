/*
 * sketch_functions.cpp -- what the sketch of a stored run tells: percentiles, exceedance, edges of
 * a histogram.
 */
#include "boundary.hpp"

#include <cmath>
#include <vector>

#include "chart/histogram_edges.hpp"
#include "percentile_list.hpp"
#include "row_writer.hpp"
#include "runs/sketch_argument.hpp"

namespace simpg {

namespace {

sim::BoundedNumber exactly(double value) { return {value, value, value}; }

/* What is known of the values of one reported number. */
struct Known {
  std::span<const double> counted;  // values below each point, then all; empty: not counted
  sim::QuantileSketch sketch;
  int64 trials;  // with a finite value

  /* The share of the values that exceed point number `i`. C++ side. */
  sim::BoundedNumber exceedance(std::span<const double> points, std::size_t i) const {
    if (counted.empty()) {
      return sim::sketch_exceedance(sketch, trials, points[i], false);
    }
    return exactly((counted.back() - counted[i]) / counted.back());
  }

  /* The share between edge `i` and the next, both where that is the last. C++ side. */
  sim::BoundedNumber share(std::span<const double> edges, std::size_t i) const {
    const bool last = i + 2 == edges.size();
    if (!counted.empty()) {
      return exactly((counted[last ? i + 2 : i + 1] - counted[i]) / counted.back());
    }
    const auto reached = sim::sketch_exceedance(sketch, trials, edges[i], true);
    const auto passed = sim::sketch_exceedance(sketch, trials, edges[i + 1], !last);
    return {reached.value - passed.value, std::fmax(reached.lower - passed.upper, 0.0),
            reached.upper - passed.lower};
  }
};

/* Arguments 0 to 4: points, counts, levels, sketch, trials. No trials where there is no sketch. */
Known known_arguments(FunctionCallInfo call, std::size_t points) {
  Known known = {};
  if (call->args[3].isnull || call->args[4].isnull) {
    return known;
  }
  known.counted = numbers_argument(call, 1);
  known.sketch = sketch_argument(call, 2);
  known.trials = DatumGetInt64(call->args[4].value);
  const bool fits = known.counted.empty() || known.counted.size() == points + 1;
  if (!fits || known.trials < 1) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("counts are not those of the points"),
             errdetail("There are %zu points, %zu counts and " INT64_FORMAT " trials.", points,
                       known.counted.size(), known.trials)));
  }
  return known;
}

void add_bounded(RowWriter& table, const sim::BoundedNumber& number) {
  add_number(table, number.value);
  add_number(table, number.lower);
  add_number(table, number.upper);
}

}  // namespace

/* sim.percentile_rows(percentiles, exact, levels, sketch) */
SIM_FUNCTION(sim_percentile_rows) {
  RowWriter table = open_rows(fcinfo);
  const std::span<const double> percentiles = percentiles_argument(fcinfo, 0);
  const std::span<const double> exact = numbers_argument(fcinfo, 1);
  const bool any = !PG_ARGISNULL(3);
  const sim::QuantileSketch sketch = any ? sketch_argument(fcinfo, 2) : sim::QuantileSketch{};
  for (std::size_t i = 0; i < percentiles.size(); i++) {
    sim::BoundedNumber found = {NAN, NAN, NAN};
    if (i < exact.size()) {
      found = exactly(exact[i]);
    } else if (any) {
      guarded([&] { found = sim::sketch_percentile(sketch, percentiles[i]); });
    }
    add_value(table, percentiles[i]);
    add_bounded(table, found);
    put(table);
  }
  return Datum{0};
}

/* sim.exceedance_rows(points, counts, levels, sketch, trials) */
SIM_FUNCTION(sim_exceedance_rows) {
  RowWriter table = open_rows(fcinfo);
  const std::span<const double> points = numbers_argument(fcinfo, 0);
  const Known known = known_arguments(fcinfo, points.size());
  for (std::size_t i = 0; known.trials > 0 && i < points.size(); i++) {
    sim::BoundedNumber found;
    guarded([&] { found = known.exceedance(points, i); });
    add_value(table, points[i]);
    add_bounded(table, found);
    put(table);
  }
  return Datum{0};
}

/* sim.share_rows(edges, counts, levels, sketch, trials): the last bin has both of its edges. */
SIM_FUNCTION(sim_share_rows) {
  RowWriter table = open_rows(fcinfo);
  const std::span<const double> edges = numbers_argument(fcinfo, 0);
  const Known known = known_arguments(fcinfo, edges.size());
  for (std::size_t i = 0; known.trials > 0 && i + 1 < edges.size(); i++) {
    sim::BoundedNumber share;
    guarded([&] { share = known.share(edges, i); });
    add_integer(table, static_cast<int32>(i) + 1);
    add_value(table, edges[i]);
    add_value(table, edges[i + 1]);
    add_bounded(table, share);
    put(table);
  }
  return Datum{0};
}

/* sim.sketch_edges(levels, sketch, bins) */
SIM_FUNCTION(sim_sketch_edges) {
  const sim::QuantileSketch sketch = sketch_argument(fcinfo, 0);
  const int32 bins = PG_GETARG_INT32(2);
  constexpr int32 kMostBins = 10000;
  if (bins < 1 || bins > kMostBins) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("%d bins or points cannot be found", bins),
                    errdetail("There are from 1 to %d.", kMostBins)));
  }
  auto* edges = make_holder<std::vector<double>>(CurrentMemoryContext);
  guarded([&] {
    const sim::ValueRange range = {
        sketch.values.front(), sim::sketch_percentile(sketch, sim::kRangeLow).value,
        sim::sketch_percentile(sketch, sim::kRangeHigh).value, sketch.values.back()};
    hold(edges, sim::histogram_edges(range, bins));
  });
  PG_RETURN_ARRAYTYPE_P(make_array(std::span<const double>(*edges->object)));
}

}  // namespace simpg
