/*
 * sim_scan_explain.cpp -- what EXPLAIN prints of a SimScan.
 *
 * Before it ran: what is planned.  After it ran: what was done, added up over leader and workers
 * and all rescans.
 */
#include "scan/sim_scan_state.hpp"

#include "store_text.hpp"

namespace simpg {

namespace {

void print_names(const ScanPlan& plan, ExplainState* explain) {
  if (plan.label[0] != '\0') {
    ExplainPropertyText("Model", plan.label, explain);
  }
  if (plan.kind != ScanKind::samples) {
    return;
  }
  List* outputs = NIL;
  for (int i = 0; i < plan.columns.count; i++) {
    const SampleColumn& column = plan.columns.columns[i];
    if (column.kind == ColumnKind::output && column.needed) {
      outputs = lappend(outputs, const_cast<char*>(from_utf8(column.name)));
    }
  }
  if (outputs != NIL) {
    ExplainPropertyList("Outputs", outputs, explain);
  }
}

void print_planned(const ScanPlan& plan, ExplainState* explain) {
  if (plan.label[0] == '\0') {
    return;
  }
  ExplainPropertyFloat("Trials", nullptr, plan.trials, 0, explain);
  ExplainPropertyFloat("Chunks", nullptr, plan.chunks, 0, explain);
  ExplainPropertyFloat("Leaves per Chunk", nullptr, plan.leaves_per_chunk, 0, explain);
  ExplainPropertyFloat("Operations per Trial", nullptr, plan.operations_per_trial, 0, explain);
}

/* "leader 101, worker 0: 72, worker 1: 72" */
void print_processes(const ScanCounters& counters, ExplainState* explain) {
  StringInfoData line;
  initStringInfo(&line);
  for (int i = 0; i < counters.processes; i++) {
    if (i == 0) {
      appendStringInfo(&line, "leader " UINT64_FORMAT, counters.chunks_by_process[i]);
    } else {
      appendStringInfo(&line, ", worker %d " UINT64_FORMAT, i - 1, counters.chunks_by_process[i]);
    }
  }
  ExplainPropertyText("Chunks by Process", line.data, explain);
}

void print_done(const SimScanState* state, ExplainState* explain) {
  const ScanCounters& counters = state->counters;
  ExplainPropertyUInteger("Trials", nullptr, counters.trials, explain);
  ExplainPropertyUInteger("Failed", nullptr, counters.failed, explain);
  ExplainPropertyUInteger("Chunks", nullptr, counters.chunks, explain);
  ExplainPropertyFloat("Leaves per Chunk", nullptr, state->plan.leaves_per_chunk, 0, explain);
  ExplainPropertyFloat("Operations per Trial", nullptr, state->plan.operations_per_trial, 0,
                       explain);
  if (counters.processes > 0) {
    print_processes(counters, explain);
  }
}

}  // namespace

void explain_sim_scan(CustomScanState* node, List*, ExplainState* explain) {
  const auto* state = reinterpret_cast<SimScanState*>(node);
  print_names(state->plan, explain);
  if (explain->analyze) {
    print_done(state, explain);
  } else {
    print_planned(state->plan, explain);
  }
}

}  // namespace simpg
