/*
 * sim_statistics.hpp -- SimStatistics: stands in FROM for sim.monte_carlo, sim.percentiles and
 * sim.compare.
 *
 * It gives the rows that the function gives.  What it adds is sight: EXPLAIN prints the query that
 * runs inside, with its Gather, partial aggregate and SimScan, and EXPLAIN ANALYZE the workers that
 * were launched.
 */
#pragma once

#include "postgres.hpp"

#include "scan/known_functions.hpp"
#include "statistics/statistics.hpp"

SIM_SERVER_BEGIN
#include <nodes/extensible.h>
SIM_SERVER_END

namespace simpg {

/* Registers the scan and its hook; once, when the module is loaded. */
void register_sim_statistics();

/* sim_statistics_plan: none for functions that are not of these. */
StatisticsKind kind_of(KnownFunction function);

/* sim_statistics_execute */
Node* create_sim_statistics_state(CustomScan* scan);

}  // namespace simpg
