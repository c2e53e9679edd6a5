/*
 * sample_aggregates.cpp -- aggregates over blocks of stored samples: percentiles, counts, pairs.
 *
 * The states are C++ objects of the aggregate's memory context.  Counts and percentiles do not
 * depend on the order of the blocks; sums over pairs are taken in the order in which blocks come.
 */
#include "boundary.hpp"

#include <vector>

#include "core/error.hpp"
#include "percentile_list.hpp"
#include "runs/sketch_argument.hpp"
#include "summary/narrowed_percentiles.hpp"
#include "summary/pair_statistics.hpp"
#include "summary/point_counts.hpp"

namespace simpg {

namespace {

/* Samples of two numbers, trial by trial. */
struct PairState {
  bool ranks;
  std::vector<double> first;
  std::vector<double> second;
};

template <typename State>
Holder<State>* state_argument(FunctionCallInfo call) {
  return call->args[0].isnull
             ? nullptr
             : reinterpret_cast<Holder<State>*>(DatumGetPointer(call->args[0].value));
}

MemoryContext aggregate_context(FunctionCallInfo call) {
  MemoryContext context;
  if (AggCheckCallContext(call, &context) == 0) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("aggregates over stored samples work as aggregates only")));
  }
  return context;
}

}  // namespace

/* Takes a block of samples in. Arguments: state, samples, percentiles, levels, sketch, trials. */
SIM_FUNCTION(sim_sample_percentiles_transition) {
  auto* state = state_argument<sim::NarrowedPercentiles>(fcinfo);
  if (state == nullptr) {
    state = make_holder<sim::NarrowedPercentiles>(aggregate_context(fcinfo));
  }
  if (state->object == nullptr && !PG_ARGISNULL(4) && !PG_ARGISNULL(5) && PG_GETARG_INT64(5) > 0) {
    const std::span<const double> asked = percentiles_argument(fcinfo, 2);
    const sim::QuantileSketch sketch = sketch_argument(fcinfo, 3);
    const int64 trials = PG_GETARG_INT64(5);
    guarded([&] { hold(state, asked, sketch, trials); });
  }
  const std::span<const double> samples = numbers_argument(fcinfo, 1);
  if (state->object != nullptr) {
    guarded([&] { state->object->add(samples); });
  }
  PG_RETURN_POINTER(state);
}

/* Spends what the state holds. NULL for no values. */
SIM_FUNCTION(sim_sample_percentiles_final) {
  aggregate_context(fcinfo);
  auto* state = state_argument<sim::NarrowedPercentiles>(fcinfo);
  if (state == nullptr || state->object == nullptr) {
    PG_RETURN_NULL();
  }
  auto* found = make_holder<std::vector<double>>(CurrentMemoryContext);
  guarded([&] { hold(found, state->object->finish()); });
  PG_RETURN_ARRAYTYPE_P(make_array(std::span<const double>(*found->object)));
}

/* Takes a block of samples in. Arguments: state, samples, points, inclusive. */
SIM_FUNCTION(sim_sample_counts_transition) {
  auto* state = state_argument<sim::PointCounts>(fcinfo);
  if (state == nullptr) {
    state = make_holder<sim::PointCounts>(aggregate_context(fcinfo));
    const std::span<const double> points = numbers_argument(fcinfo, 2);
    const bool inclusive = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
    guarded([&] { hold(state, points, inclusive); });
  }
  const std::span<const double> samples = numbers_argument(fcinfo, 1);
  guarded([&] { state->object->add(samples); });
  PG_RETURN_POINTER(state);
}

SIM_FUNCTION(sim_sample_counts_final) {
  aggregate_context(fcinfo);
  auto* state = state_argument<sim::PointCounts>(fcinfo);
  if (state == nullptr) {
    PG_RETURN_NULL();
  }
  auto* found = make_holder<std::vector<std::int64_t>>(CurrentMemoryContext);
  guarded([&] { hold(found, state->object->below()); });
  PG_RETURN_ARRAYTYPE_P(make_array(std::span<const int64>(*found->object)));
}

/* Takes a block of either in. Arguments: state, samples, second, ranks. */
SIM_FUNCTION(sim_sample_pairs_transition) {
  auto* state = state_argument<PairState>(fcinfo);
  if (state == nullptr) {
    state = make_holder<PairState>(aggregate_context(fcinfo));
    const bool ranks = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
    guarded([&] { hold(state).ranks = ranks; });
  }
  const std::span<const double> samples = numbers_argument(fcinfo, 1);
  const bool is_second = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
  guarded([&] {
    std::vector<double>& values = is_second ? state->object->second : state->object->first;
    values.insert(values.end(), samples.begin(), samples.end());
  });
  PG_RETURN_POINTER(state);
}

/* Trials, mean difference, its standard error, Pearson's and Spearman's correlation. */
SIM_FUNCTION(sim_sample_pairs_final) {
  aggregate_context(fcinfo);
  auto* state = state_argument<PairState>(fcinfo);
  if (state == nullptr) {
    PG_RETURN_NULL();
  }
  sim::PairStatistics found;
  BackendControl control;
  guarded([&] {
    const PairState& pairs = *state->object;
    if (pairs.first.size() != pairs.second.size()) {
      throw sim::Error(sim::ErrorKind::invalid_parameter,
                       "the two numbers have unequally many samples");
    }
    found = sim::pair_statistics(pairs.first, pairs.second, pairs.ranks, control);
  });
  const double numbers[] = {static_cast<double>(found.trials), found.mean_difference,
                            found.std_error, found.pearson, found.spearman};
  PG_RETURN_ARRAYTYPE_P(make_array(std::span<const double>(numbers)));
}

/* sim.independent_error(std_error, other_std_error) */
SIM_FUNCTION(sim_independent_error) {
  PG_RETURN_FLOAT8(sim::independent_error(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)));
}

}  // namespace simpg
