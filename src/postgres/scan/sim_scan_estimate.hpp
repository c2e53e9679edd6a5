/*
 * sim_scan_estimate.hpp -- what the planner can know of a call of sim.samples or sim.chunks.
 */
#pragma once

#include "postgres.hpp"

SIM_SERVER_BEGIN
#include <nodes/parsenodes.h>
#include <nodes/pathnodes.h>
SIM_SERVER_END

namespace simpg {

enum class ScanKind { none, samples, chunks };

/* Which of the two functions this is; knows a function from the time its support function was first
 * asked. */
ScanKind scan_kind(Oid function);

/* What a scan will do; guessed where an argument is not known when planning. */
struct ScanEstimate {
  bool known;         // whether the model is known; else what follows is a guess
  const char* label;  // name@version in the database's encoding; null while unknown
  double rows;
  double trials;
  double chunks;
  double leaves_per_chunk;
  double operations_per_trial;
  double cost;  // of simulating all, without handing out rows
};

/*
 * Reads and compiles the model where the arguments are known: raises what is wrong with them.
 * `call` may come from any planning phase in which the arguments are simplified.
 */
ScanEstimate estimate_scan(PlannerInfo* root, ScanKind kind, const RangeTblFunction* call);

/* Workers worth starting for so much work in so many chunks, at most
 * max_parallel_workers_per_gather. */
int workers_for(double cost, double chunks);

/* Cost of simulating, in the planner's units. */
double cost_of_operations(double operations);

}  // namespace simpg
