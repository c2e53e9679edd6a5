/*
 * sim_statistics_execute.cpp -- SimStatistics in the executor, and what EXPLAIN prints of it.
 *
 * All rows are computed at the first one after the start or a rescan, and read from a tuple store.
 */
#include "statistics/sim_statistics.hpp"

#include "keys/session_keys.hpp"
#include "scan/function_scan.hpp"
#include "scan/wanted_names.hpp"
#include "statistics/cached_run.hpp"
#include "statistics/statistics.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <utils/lsyscache.h>
#include <utils/tuplestore.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* What a call simulates, for EXPLAIN, in the encoding of the database. */
struct CallFacts {
  const char* model;  // name@version
  int64 trials;       // 0: it converges
  int64 seed;
  List* scenarios;   // C strings
  List* outputs;     // of them those that the query reads; NIL: all
  List* statistics;  // of each output; NIL: it converges
};

struct SimStatisticsState {
  CustomScanState custom;
  StatisticsKind kind;
  FunctionScanParts parts;
  TupleDesc descriptor;  // of the function's rows
  TupleTableSlot* stored_row;
  MemoryContext job_context;
  Tuplestorestate* rows;  // null until computed
  RunReport report;
  CallFacts* facts;  // of the rows, where EXPLAIN ANALYZE asks; in the job's context
  bool computed;     // once at least, for EXPLAIN ANALYZE
};

SimStatisticsState* state_of(CustomScanState* node) {
  return reinterpret_cast<SimStatisticsState*>(node);
}

/* In the current memory context. */
StatisticsCall evaluate_call(SimStatisticsState* state) {
  Datum values[kMaxStatisticsArguments];
  bool nulls[kMaxStatisticsArguments];
  evaluate_arguments(state->parts, &state->custom, values, nulls);
  StatisticsCall call = read_call(state->kind, values, nulls);
  call.scan = &state->custom;
  call.parts = &state->parts;
  leave_out_unread(&call);
  return call;
}

/* Names that a line of EXPLAIN has; of more it tells the number. */
constexpr int kNamesShown = 10;

template <typename NameAt>
List* list_names(int count, NameAt&& name_at) {
  List* names = NIL;
  for (int i = 0; i < count && i < kNamesShown; i++) {
    names = lappend(names, pstrdup(from_utf8(name_at(i))));
  }
  if (count > kNamesShown) {
    names = lappend(names, psprintf("%d more", count - kNamesShown));
  }
  return names;
}

/* What is computed for the columns that are read: all but moments takes samples or further passes.
 */
List* statistics_of(const StatisticsCall& call) {
  if (call.request.converging) {
    return NIL;
  }
  List* names = list_make1(pstrdup("moments"));
  if (call.kind == StatisticsKind::compare) {
    if (strcmp(call.statistic, "mean") != 0) {
      names = lappend(names, pstrdup(from_utf8(call.statistic)));
    }
    return call.errors ? lappend(names, pstrdup("standard errors of differences")) : names;
  }
  return call.probability_count > 0 ? lappend(names, pstrdup("percentiles")) : names;
}

/* In the current memory context. */
CallFacts* facts_of(const StatisticsCall& call) {
  ExperimentRequest request = call.request;
  request.keys_only = true;
  StoredExperiment* stored = load_experiment(request);
  if (!call.request.converging) {
    want_outputs(stored, wanted_results(call).outputs);
  }
  auto* facts = static_cast<CallFacts*>(palloc(sizeof(CallFacts)));
  *facts = {pstrdup(from_utf8(stored->model.label)),
            call.request.converging ? 0 : experiment_keys(*stored)->trials,
            stored->seed,
            list_names(stored->scenario_count, [&](int i) { return stored->scenarios[i].name; }),
            list_names(stored->output_count, [&](int i) { return stored->outputs[i]; }),
            statistics_of(call)};
  return facts;
}

void compute_rows(SimStatisticsState* state) {
  MemoryContext caller = MemoryContextSwitchTo(state->job_context);
  Tuplestorestate* rows = tuplestore_begin_heap(false, false, work_mem);
  RowWriter table = open_rows(rows, state->descriptor);
  state->report = RunReport{};
  const int instrument = state->custom.ss.ps.state->es_instrument;
  const StatisticsCall call = evaluate_call(state);
  if (instrument != 0) {  // there is no snapshot to read them under when EXPLAIN prints
    state->facts = facts_of(call);
  }
  write_statistics(call, instrument, table, &state->report);
  state->rows = rows;
  state->computed = true;
  MemoryContextSwitchTo(caller);
}

void close_rows(SimStatisticsState* state) {
  if (state->report.run.query != nullptr) {
    finish_merge_query(&state->report.run);
  }
  if (state->rows != nullptr) {
    ExecClearTuple(state->stored_row);
    tuplestore_end(state->rows);
    state->rows = nullptr;
  }
  state->facts = nullptr;
  MemoryContextReset(state->job_context);
}

TupleTableSlot* next_row(ScanState* scan) {
  auto* state = reinterpret_cast<SimStatisticsState*>(scan);
  if (state->rows == nullptr) {
    compute_rows(state);
  }
  TupleTableSlot* slot = scan->ss_ScanTupleSlot;
  ExecClearTuple(slot);
  if (!tuplestore_gettupleslot(state->rows, true, false, state->stored_row)) {
    return slot;
  }
  slot_getallattrs(state->stored_row);
  for (int k = 0; k < state->parts.column_count; k++) {
    slot->tts_values[k] = state->stored_row->tts_values[state->parts.columns[k]];
    slot->tts_isnull[k] = state->stored_row->tts_isnull[state->parts.columns[k]];
  }
  return ExecStoreVirtualTuple(slot);
}

/* Where a row of a table has changed meanwhile and its query is evaluated again: these rows are
 * those of no table, and are computed for the new row. */
bool recheck_row(ScanState* scan, TupleTableSlot*) {
  next_row(scan);
  return true;
}

void begin(CustomScanState* node, EState* executor, int) {
  SimStatisticsState* state = state_of(node);
  state->parts = open_function_scan(node);
  state->descriptor = describe_function(state->parts);
  state->kind = kind_of(state->parts.function);
  state->stored_row = ExecInitExtraTupleSlot(executor, state->descriptor, &TTSOpsMinimalTuple);
  state->job_context =
      AllocSetContextCreate(executor->es_query_cxt, "sim statistics job", ALLOCSET_DEFAULT_SIZES);
}

TupleTableSlot* execute(CustomScanState* node) {
  return ExecScan(&node->ss, next_row, recheck_row);
}

void end(CustomScanState* node) { close_rows(state_of(node)); }

void rescan(CustomScanState* node) {
  close_rows(state_of(node));
  ExecScanReScan(&node->ss);
}

void explain_facts(const CallFacts& facts, ExplainState* explain) {
  ExplainPropertyText("Model", facts.model, explain);
  ExplainPropertyList("Scenarios", facts.scenarios, explain);
  if (facts.outputs != NIL) {
    ExplainPropertyList("Outputs", facts.outputs, explain);
  }
  if (facts.trials > 0) {
    ExplainPropertyInteger("Trials", nullptr, facts.trials, explain);
    ExplainPropertyInteger("Seed", nullptr, facts.seed, explain);
    ExplainPropertyList("Statistics", facts.statistics, explain);
  }
}

const char* level_name(CacheLevel level) {
  switch (level) {
    case CacheLevel::session:
      return " (session)";
    case CacheLevel::shared:
      return " (shared)";
    case CacheLevel::table:
      return " (table)";
    default:
      return "";
  }
}

/* "2 of 3 results found (session)" */
void explain_cache(const RunReport& report, ExplainState* explain) {
  if (report.results > 0) {
    ExplainPropertyText("Cache",
                        psprintf(INT64_FORMAT " of " INT64_FORMAT " results found%s", report.found,
                                 report.results, level_name(report.level)),
                        explain);
  }
}

/* What would be simulated; null where all of it is in the cache. */
const bytea* experiment_to_run(const StatisticsCall& call, ExplainState* explain) {
  if (call.kind == StatisticsKind::compare || !is_cache_used()) {
    return experiment_of(call);
  }
  RunReport report;
  const CachedRequest request = cached_request(call);
  const Results* results = look_up_results(request, &report);
  explain_cache(report, explain);
  return report.found < report.results ? missing_experiment(request, results) : nullptr;
}

/* Before it ran: the query that would run. */
void explain_planned(SimStatisticsState* state, ExplainState* explain) {
  if (!known_when_planned(&state->custom)) {
    return;
  }
  const StatisticsCall call = evaluate_call(state);
  explain_facts(*facts_of(call), explain);
  if (call.request.converging) {
    ExplainPropertyText("Method", "converges each scenario", explain);
    return;
  }
  const bytea* experiment = experiment_to_run(call, explain);
  if (experiment == nullptr) {
    ExplainPropertyText("Method", "reads the cache", explain);
  } else if (runs_inside(experiment)) {
    ExplainPropertyText("Method", "simulates in this process", explain);
  } else {
    explain_merge_query(plan_merge_query(experiment, nullptr), nullptr, explain);
  }
}

/* After it ran: the query of the last pass, as it ran. */
void explain_done(SimStatisticsState* state, ExplainState* explain) {
  const RunReport& report = state->report;
  if (state->facts != nullptr) {
    explain_facts(*state->facts, explain);
  }
  explain_cache(report, explain);
  if (report.passes == 0) {
    return;
  }
  ExplainPropertyInteger("Passes", nullptr, report.passes, explain);
  ExplainPropertyInteger("Workers Launched", nullptr, report.workers, explain);
  if (report.run.query != nullptr) {
    if (report.passes > 1) {
      ExplainPropertyText("Plan Shown", "last pass", explain);
    }
    explain_merge_query(report.query, &report.run, explain);
  } else {
    ExplainPropertyText("Method", "simulates in this process", explain);
    ExplainPropertyInteger("Threads", nullptr, report.threads, explain);
  }
}

void explain_statistics(CustomScanState* node, List*, ExplainState* explain) {
  SimStatisticsState* state = state_of(node);
  if (explain->analyze && state->computed) {
    explain_done(state, explain);
  } else if (!explain->analyze) {
    explain_planned(state, explain);
  }
}

constexpr CustomExecMethods kExecuteMethods = {.CustomName = "SimStatistics",
                                               .BeginCustomScan = begin,
                                               .ExecCustomScan = execute,
                                               .EndCustomScan = end,
                                               .ReScanCustomScan = rescan,
                                               .MarkPosCustomScan = nullptr,
                                               .RestrPosCustomScan = nullptr,
                                               .EstimateDSMCustomScan = nullptr,
                                               .InitializeDSMCustomScan = nullptr,
                                               .ReInitializeDSMCustomScan = nullptr,
                                               .InitializeWorkerCustomScan = nullptr,
                                               .ShutdownCustomScan = nullptr,
                                               .ExplainCustomScan = explain_statistics};

}  // namespace

Node* create_sim_statistics_state(CustomScan*) {
  auto* state = static_cast<SimStatisticsState*>(palloc0(sizeof(SimStatisticsState)));
  NodeSetTag(state, T_CustomScanState);
  state->custom.methods = &kExecuteMethods;
  return reinterpret_cast<Node*>(state);
}

}  // namespace simpg
