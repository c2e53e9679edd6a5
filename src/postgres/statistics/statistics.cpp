/*
 * statistics.cpp -- the arguments of the statistics functions, and the functions themselves.
 */
#include "statistics/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "percentile_list.hpp"
#include "scan/wanted_names.hpp"
#include "store_fault.hpp"
#include "store_text.hpp"
#include "summary/influence.hpp"

namespace simpg {

namespace {

/* Where each argument stands; -1: the function has none. */
struct Places {
  int count;
  int trials;
  int seed;
  int scenarios;
  int overrides;
  int percentiles;
  int baseline;
  int statistic;
};

Places places_of(StatisticsKind kind) {
  switch (kind) {
    case StatisticsKind::percentiles:
      return {6, 2, 3, 4, 5, 1, -1, -1};
    case StatisticsKind::compare:
      return {7, 3, 4, 1, 6, -1, 2, 5};
    default:
      return {5, 1, 2, 3, 4, -1, -1, -1};
  }
}

/* Columns of the functions, counted from 0. */
constexpr int kFirstPercentile = 11;  // of sim.monte_carlo
constexpr int kStandardError = 7;     // of sim.compare

bool reads_column(const FunctionScanParts& parts, int first, int count) {
  return std::any_of(parts.columns, parts.columns + parts.column_count,
                     [&](int column) { return column >= first && column < first + count; });
}

bool given(int place, const bool* nulls) { return place >= 0 && !nulls[place]; }

void read_percentiles(ArrayType* array, StatisticsCall* call) {
  const std::span<const double> given = percentiles_of(array);
  const int count = static_cast<int>(given.size());
  auto* sorted = static_cast<double*>(palloc(sizeof(double) * count));
  std::copy_n(given.data(), count, sorted);
  std::sort(sorted, sorted + count);
  const double* end = std::unique(sorted, sorted + count);
  auto* places = static_cast<int*>(palloc(sizeof(int) * count));
  for (int i = 0; i < count; i++) {
    places[i] = static_cast<int>(std::lower_bound<const double*>(sorted, end, given[i]) - sorted);
  }
  call->probabilities = sorted;
  call->probability_count = static_cast<int>(end - sorted);
  call->intervals = true;
  call->percentile_count = count;
  call->percentile_places = places;
}

/* The baseline, then the others: scenario 0 is what differences are taken from. */
ArrayType* baseline_first(const text* baseline, ArrayType* scenarios) {
  Datum* given_names = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(scenarios, TEXTOID, -1, false, TYPALIGN_INT, &given_names, &nulls, &count);
  const char* first = baseline == nullptr ? "base" : fold(text_to_cstring(baseline), "scenario");
  Datum* names = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  int kept = 0;
  names[kept++] = CStringGetTextDatum(first);
  for (int i = 0; i < count; i++) {
    const char* name =
        require_text(nulls[i] ? nullptr : DatumGetTextPP(given_names[i]), "the name of a scenario");
    if (strcmp(name, "*") == 0 || strcmp(fold(name, "scenario"), first) != 0) {
      names[kept++] = given_names[i];
    }
  }
  return construct_array(names, kept, TEXTOID, -1, false, TYPALIGN_INT);
}

/* What converges has one value: the default says no more than that. */
void check_statistic(const char* statistic, bool converging) {
  guarded([&] { sim::parse_statistic(statistic); });
  if (converging && strcmp(statistic, "mean") != 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("statistic \"%s\" needs trials", from_utf8(statistic)),
                    errdetail("Without trials the converged values are compared, which have no "
                              "distribution."),
                    errhint("Give trials, for example trials => 10000.")));
  }
}

void read_comparison(const Places& places, const Datum* values, const bool* nulls,
                     StatisticsCall* call) {
  if (!given(places.scenarios, nulls)) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("scenarios must not be null"),
                    errhint("Name the scenarios to compare, or ARRAY['*'] for all.")));
  }
  const text* baseline =
      given(places.baseline, nulls) ? DatumGetTextPP(values[places.baseline]) : nullptr;
  call->request.scenarios = baseline_first(baseline, call->request.scenarios);
  call->request.converging = !call->request.has_trials;
  const text* statistic =
      given(places.statistic, nulls) ? DatumGetTextPP(values[places.statistic]) : nullptr;
  call->statistic = to_utf8(require_text(statistic, "statistic"));
  check_statistic(call->statistic, call->request.converging);
}

/* Calls the function that the kind names for its result set. */
Datum call_statistics(FunctionCallInfo fcinfo, StatisticsKind kind, bool only_usable = false) {
  RowWriter table = open_rows(fcinfo);
  RunReport report;
  StatisticsCall call = read_call(kind, fcinfo);
  call.only_usable = only_usable;
  write_statistics(call, 0, table, &report);
  return Datum{0};
}

}  // namespace

int argument_count(StatisticsKind kind) { return places_of(kind).count; }

StatisticsCall read_call(StatisticsKind kind, const Datum* values, const bool* nulls) {
  const Places places = places_of(kind);
  StatisticsCall call;
  call.kind = kind;
  if (!given(places.seed, nulls)) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("seed must not be null"),
                    errhint("Leave it out for seed 1.")));
  }
  call.request.model = nulls[0] ? nullptr : DatumGetTextPP(values[0]);
  call.request.has_trials = given(places.trials, nulls);
  call.request.trials = call.request.has_trials ? DatumGetInt64(values[places.trials]) : 0;
  call.request.seed = DatumGetInt64(values[places.seed]);
  call.request.scenarios =
      given(places.scenarios, nulls) ? DatumGetArrayTypeP(values[places.scenarios]) : nullptr;
  call.request.overrides =
      given(places.overrides, nulls) ? DatumGetJsonbP(values[places.overrides]) : nullptr;
  if (kind == StatisticsKind::compare) {
    read_comparison(places, values, nulls, &call);
  }
  if (kind == StatisticsKind::monte_carlo) {
    call.probabilities = kQuartilesAndTails;
    call.probability_count = kQuartilesAndTailsCount;
  }
  if (kind == StatisticsKind::percentiles) {
    read_percentiles(
        given(places.percentiles, nulls) ? DatumGetArrayTypeP(values[places.percentiles]) : nullptr,
        &call);
  }
  return call;
}

StatisticsCall read_call(StatisticsKind kind, FunctionCallInfo call) {
  Datum values[kMaxStatisticsArguments];
  bool nulls[kMaxStatisticsArguments];
  copy_arguments(call, argument_count(kind), values, nulls);
  return read_call(kind, values, nulls);
}

void leave_out_unread(StatisticsCall* call) {
  if (call->kind == StatisticsKind::monte_carlo &&
      !reads_column(*call->parts, kFirstPercentile, kQuartilesAndTailsCount)) {
    call->probabilities = nullptr;
    call->probability_count = 0;
  }
  if (call->kind == StatisticsKind::compare) {
    call->errors = reads_column(*call->parts, kStandardError, 1);
  }
}

/* In all of these functions the first columns are scenario and output. */
WantedResults wanted_results(const StatisticsCall& call) {
  if (call.scan == nullptr) {
    return {NIL, NIL};
  }
  return {find_wanted_names(call.scan, *call.parts, 0),
          find_wanted_names(call.scan, *call.parts, 1)};
}

StoredExperiment* load_wanted(const StatisticsCall& call) {
  StoredExperiment* stored = load_experiment(call.request);
  const bool fault = has_fault(*stored);
  if (call.request.converging && !fault) {
    return stored;
  }
  const WantedResults wanted = wanted_results(call);
  want_outputs(stored, wanted.outputs);
  if (fault) {
    want_scenarios(stored, wanted.scenarios, call.kind == StatisticsKind::compare ? 1 : 0);
  }
  return stored;
}

const bytea* experiment_of(const StatisticsCall& call) {
  return call.request.converging ? nullptr : experiment_bytes(*load_wanted(call));
}

void write_statistics(const StatisticsCall& call, int instrument, RowWriter& table,
                      RunReport* report) {
  switch (call.kind) {
    case StatisticsKind::percentiles:
      write_percentiles(call, instrument, table, report);
      break;
    case StatisticsKind::compare:
      write_compare(call, instrument, table, report);
      break;
    default:
      write_monte_carlo(call, instrument, table, report);
  }
}

/* sim.experiment(model, trials, seed, scenarios, overrides): what sim.chunks takes. */
SIM_FUNCTION(sim_experiment) {
  PG_RETURN_BYTEA_P(experiment_of(read_call(StatisticsKind::monte_carlo, fcinfo)));
}

/* sim.monte_carlo(model, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_monte_carlo) { return call_statistics(fcinfo, StatisticsKind::monte_carlo); }

/* sim.percentiles(model, percentiles, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_percentiles) { return call_statistics(fcinfo, StatisticsKind::percentiles); }

/* sim.result_statistics(model, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_result_statistics) {
  return call_statistics(fcinfo, StatisticsKind::monte_carlo, true);
}

/* sim.result_percentiles(model, percentiles, trials, seed, scenarios, overrides) */
SIM_FUNCTION(sim_result_percentiles) {
  return call_statistics(fcinfo, StatisticsKind::percentiles, true);
}

/* sim.compare(model, scenarios, baseline, trials, seed, statistic, overrides) */
SIM_FUNCTION(sim_compare) { return call_statistics(fcinfo, StatisticsKind::compare); }

}  // namespace simpg
