/*
 * merge_query.hpp -- runs SELECT sim.merge(partial) FROM sim.chunks(experiment, keep), with
 * parallel workers where it can.
 *
 * PostgreSQL plans no workers for INSERT ... SELECT, cursors, PL/pgSQL loops and clients that fetch
 * with a limit.  A function's own query is planned by itself and gets workers there too.  It goes
 * to the executor directly: its result is one value, its parameters stay parameters (a plan with
 * the experiment as a constant would carry it as text), and its plan can be explained.
 */
#pragma once

#include "boundary.hpp"

#include "scan/sample_target.hpp"
#include "summary/partial.hpp"

SIM_SERVER_BEGIN
#include <nodes/plannodes.h>
SIM_SERVER_END

namespace simpg {

struct MergeQuery {
  PlannedStmt* plan;
  ParamListInfo parameters;
};

/* Plans it for these values; keep may be null. In the current memory context. */
MergeQuery plan_merge_query(const bytea* experiment, const bytea* keep);

/* A query that ran and whose plan can still be explained. */
struct MergeRun {
  QueryDesc* query;
  int workers;  // that were launched
};

/* What is done with the result as soon as it is there: work(argument, merged). */
struct MergeContinuation {
  void (*work)(void* argument, Holder<sim::Partial>* merged) = nullptr;  // null: nothing
  void* argument = nullptr;
};

/*
 * Runs it; the merged partial belongs to the current memory context, and samples go to the target,
 * if there is one.  The continuation runs while the workers, whose part is done, end: a process
 * takes a millisecond or two for that.  `instrument` are the options of EXPLAIN ANALYZE; where they
 * are not 0 the query stays open for finish_merge_query().  Raises what the scan and the
 * continuation raise.
 */
Holder<sim::Partial>* run_merge_query(const MergeQuery& query, const SampleTarget& target,
                                      const MergeContinuation& continuation, int instrument,
                                      MergeRun* run);
void finish_merge_query(MergeRun* run);

/* Prints the plan below the node being explained. */
void explain_merge_query(const MergeQuery& query, const MergeRun* run, ExplainState* explain);

}  // namespace simpg
