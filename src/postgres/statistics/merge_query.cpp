/*
 * merge_query.cpp -- the query that the statistics functions run inside themselves.
 */
#include "statistics/merge_query.hpp"

#include "statistics/partial_aggregate.hpp"

SIM_SERVER_BEGIN
#include <executor/execdesc.h>
#include <nodes/params.h>
#include <tcop/dest.h>
#include <tcop/tcopprot.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr char kQuery[] = "SELECT sim.merge(c.partial) FROM sim.chunks($1, $2) AS c";
constexpr int kParameters = 2;

/*
 * Values that the planner may estimate with but not build into the plan: no flag says that they are
 * constant.
 */
ParamListInfo make_parameters(const bytea* experiment, const bytea* keep) {
  ParamListInfo parameters = makeParamList(kParameters);
  const bytea* values[kParameters] = {experiment, keep};
  for (int i = 0; i < kParameters; i++) {
    parameters->params[i].value = PointerGetDatum(values[i]);
    parameters->params[i].isnull = values[i] == nullptr;
    parameters->params[i].pflags = 0;
    parameters->params[i].ptype = BYTEAOID;
  }
  return parameters;
}

/* A walker over plan states: adds up the workers that each Gather got. */
bool add_workers(PlanState* state, void* total) {
  if (state == nullptr) {
    return false;
  }
  if (IsA(state, GatherState)) {
    *static_cast<int*>(total) += reinterpret_cast<GatherState*>(state)->nworkers_launched;
  }
  return walk_children(state, add_workers, total);
}

QueryDesc* describe_query(const MergeQuery& query, DestReceiver* receiver, int instrument) {
  return CreateQueryDesc(query.plan, kQuery, GetActiveSnapshot(), InvalidSnapshot, receiver,
                         query.parameters, nullptr, instrument);
}

/* Prints with the options of the state that explains the outer plan, into the same text. */
void print_plan(QueryDesc* query, ExplainState* explain) {
  ExplainState inner = *explain;
  inner.pstmt = nullptr;
  inner.rtable = NIL;
  inner.rtable_names = NIL;
  inner.deparse_cxt = NIL;
  inner.printed_subplans = nullptr;
  inner.hide_workers = false;
  inner.workers_state = nullptr;
  ExplainPrintPlan(&inner, query);
}

/* Takes the one row of the query, whose value is in `result` by then. */
struct MergeReceiver {
  DestReceiver receiver;
  Holder<sim::Partial>* result;
  MergeContinuation continuation;
};

bool receive_merged(TupleTableSlot*, DestReceiver* self) {
  const auto* own = reinterpret_cast<MergeReceiver*>(self);
  if (own->result->object != nullptr && own->continuation.work != nullptr) {
    own->continuation.work(own->continuation.argument, own->result);
  }
  return true;
}

void start_receiving(DestReceiver*, int, TupleDesc) {}
void stop_receiving(DestReceiver*) {}

MergeReceiver receiver_of(Holder<sim::Partial>* result, const MergeContinuation& continuation) {
  return {{receive_merged, start_receiving, stop_receiving, stop_receiving, DestNone},
          result,
          continuation};
}

/* Only the scans of this query are to find the target. */
void start(QueryDesc* query, const SampleTarget& target) {
  expect_samples(target);
  PG_TRY();
  { ExecutorStart(query, 0); }
  PG_FINALLY();
  { expect_samples(SampleTarget{}); }
  PG_END_TRY();
}

}  // namespace

MergeQuery plan_merge_query(const bytea* experiment, const bytea* keep) {
  const Oid types[kParameters] = {BYTEAOID, BYTEAOID};
  MergeQuery query;
  query.parameters = make_parameters(experiment, keep);
  auto* parsed = static_cast<RawStmt*>(linitial(pg_parse_query(kQuery)));
  List* analyzed = pg_analyze_and_rewrite_fixedparams(parsed, kQuery, types, kParameters, nullptr);
  query.plan = pg_plan_query(static_cast<Query*>(linitial(analyzed)), kQuery,
                             CURSOR_OPT_PARALLEL_OK, query.parameters);
  query.plan->jitFlags = 0;  // PGJIT_NONE: a few rows, however long they take
  return query;
}

Holder<sim::Partial>* run_merge_query(const MergeQuery& query, const SampleTarget& target,
                                      const MergeContinuation& continuation, int instrument,
                                      MergeRun* run) {
  Holder<sim::Partial>* result = make_holder<sim::Partial>(CurrentMemoryContext);
  MergeReceiver receiver = receiver_of(result, continuation);
  run->query = describe_query(query, &receiver.receiver, instrument);
  run->workers = 0;
  start(run->query, target);
  PG_TRY();
  {
    expect_merge_result(result);
    run_to_end(run->query);
  }
  PG_FINALLY();
  { expect_merge_result(nullptr); }
  PG_END_TRY();
  ExecutorFinish(run->query);
  run->query->dest = None_Receiver;  // ours ends with this call
  add_workers(run->query->planstate, &run->workers);
  if (instrument == 0) {
    finish_merge_query(run);
  }
  if (result->object == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("the simulation has no chunks")));
  }
  return result;
}

void finish_merge_query(MergeRun* run) {
  ExecutorEnd(run->query);
  FreeQueryDesc(run->query);
  run->query = nullptr;
}

void explain_merge_query(const MergeQuery& query, const MergeRun* run, ExplainState* explain) {
  if (run != nullptr && run->query != nullptr) {
    print_plan(run->query, explain);
    return;
  }
  QueryDesc* planned = describe_query(query, None_Receiver, 0);
  ExecutorStart(planned, EXEC_FLAG_EXPLAIN_ONLY);
  print_plan(planned, explain);
  ExecutorEnd(planned);
  FreeQueryDesc(planned);
}

}  // namespace simpg
