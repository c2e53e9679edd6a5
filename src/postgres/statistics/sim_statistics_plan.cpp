/*
 * sim_statistics_plan.cpp -- lets SimStatistics stand for the statistics functions in FROM.
 *
 * The scan belongs to the leader of the outer query, parallel or not: in a worker its own query
 * would get no workers.
 */
#include "boundary.hpp"

#include "scan/function_scan.hpp"
#include "statistics/sim_statistics.hpp"
#include "statistics/statistics.hpp"

namespace simpg {

namespace {

constexpr CustomScanMethods kScanMethods = {"SimStatistics", create_sim_statistics_state};

void replace_function(KnownFunction function) {
  register_function_scan({function, argument_count(kind_of(function)), false, &kScanMethods});
}

}  // namespace

StatisticsKind kind_of(KnownFunction function) {
  switch (function) {
    case KnownFunction::monte_carlo:
      return StatisticsKind::monte_carlo;
    case KnownFunction::percentiles:
      return StatisticsKind::percentiles;
    case KnownFunction::compare:
      return StatisticsKind::compare;
    default:
      return StatisticsKind::none;
  }
}

void register_sim_statistics() {
  RegisterCustomScanMethods(&kScanMethods);
  replace_function(KnownFunction::monte_carlo);
  replace_function(KnownFunction::percentiles);
  replace_function(KnownFunction::compare);
}

/* Planner support functions. */
SIM_FUNCTION(sim_monte_carlo_support) {
  return learn_from_request(fcinfo, KnownFunction::monte_carlo);
}
SIM_FUNCTION(sim_percentiles_support) {
  return learn_from_request(fcinfo, KnownFunction::percentiles);
}
SIM_FUNCTION(sim_compare_support) { return learn_from_request(fcinfo, KnownFunction::compare); }

}  // namespace simpg
