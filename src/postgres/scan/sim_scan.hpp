/*
 * sim_scan.hpp -- SimScan: a scan whose rows are simulated.
 *
 * sim.samples(...) and sim.chunks(...) are set-returning functions.  Where one stands alone in
 * FROM, the planner's hook puts a CustomScan in its place, which is parallel aware: leader and
 * workers take chunk numbers from an atomic counter in the shared memory of the scan, and
 * PostgreSQL puts Gather and partial aggregates on top.  What a chunk yields depends on nothing but
 * the experiment, which the leader reads and puts into the query's shared memory: workers read no
 * table.
 *
 * The functions themselves stay and give the same rows, for the places that no hook reaches: ROWS
 * FROM with several functions, WITH ORDINALITY, a call in a target list, a reference to the whole
 * row.
 *
 *   sim_scan_estimate  what the planner is told: rows, cost, chunks (also sim.samples' and
 * sim.chunks' support functions) sim_scan_plan      hook, paths, plan sim_scan_job       the
 * experiment, in local or shared memory sim_scan_execute   the executor's callbacks
 *   sim_scan_explain   what EXPLAIN prints
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* Registers the scan and its hook; once, when the module is loaded. */
void register_sim_scan();

}  // namespace simpg
