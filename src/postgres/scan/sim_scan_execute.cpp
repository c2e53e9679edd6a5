/*
 * sim_scan_execute.cpp -- SimScan in the executor: takes chunks, simulates them, hands out rows.
 *
 * Samples are simulated a leaf at a time and handed out row by row from plain memory; a partial is
 * one row.  Between leaves the scan hears interrupts, and inside a leaf the engine asks its
 * Control.
 */
#include "scan/function_relation.hpp"
#include "scan/sim_scan_state.hpp"

#include "scan/partial_value.hpp"

namespace simpg {

namespace {

SimScanState* state_of(CustomScanState* node) { return reinterpret_cast<SimScanState*>(node); }

/* -1: no chunk is left. */
int64 take_chunk(SimScanState* state) {
  const uint64 number = state->shared != nullptr
                            ? pg_atomic_fetch_add_u64(&state->shared->next_chunk, 1)
                            : state->next_chunk++;
  if (number >= state->chunk_count) {
    return -1;
  }
  if (state->shared != nullptr) {
    const int process = ParallelWorkerNumber + 1;
    pg_atomic_fetch_add_u64(&state->shared->chunks[process], 1);
  } else {
    state->counters.chunks++;
  }
  return static_cast<int64>(number);
}

void count_trials(SimScanState* state, int64 trials, int64 failed) {
  if (state->shared != nullptr) {
    pg_atomic_fetch_add_u64(&state->shared->trials, trials);
    pg_atomic_fetch_add_u64(&state->shared->failed, failed);
  } else {
    state->counters.trials += static_cast<uint64>(trials);
    state->counters.failed += static_cast<uint64>(failed);
  }
}

/* Simulates the next leaf that has trials; false at the end. */
bool next_leaf(SimScanState* state) {
  SampleReader* reader = state->samples->object;
  const bool instrumented = state->custom.ss.ps.instrument != nullptr;
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    BackendControl control;
    int64 failed = 0;
    guarded([&] {
      reader->next_leaf(control);
      failed = instrumented ? reader->failed_trials() : 0;
    });
    if (reader->window().trials > 0) {
      count_trials(state, reader->window().trials, failed);
      state->trial = 0;
      state->row = 0;
      return true;
    }
    const int64 chunk = take_chunk(state);
    if (chunk < 0) {
      return false;
    }
    guarded([&] { reader->start_chunk(chunk); });
  }
}

void fill_sample(SimScanState* state, const SampleWindow& window, TupleTableSlot* slot) {
  for (int k = 0; k < state->attribute_count; k++) {
    const int column = state->attributes[k];
    slot->tts_isnull[k] = false;
    switch (state->plan.columns.columns[column].kind) {
      case ColumnKind::trial:
        slot->tts_values[k] = Int64GetDatum(window.first_trial + state->trial + 1);
        break;
      case ColumnKind::step:
        slot->tts_values[k] = Int32GetDatum(window.steps[state->row]);
        break;
      case ColumnKind::output: {
        const std::int32_t place = window.places[column * window.rows + state->row];
        slot->tts_isnull[k] = place < 0;
        slot->tts_values[k] =
            place < 0 ? Datum{0}
                      : Float8GetDatum(window.values[place * window.trials + state->trial]);
        break;
      }
    }
  }
}

TupleTableSlot* next_sample(SimScanState* state, TupleTableSlot* slot) {
  if (state->trial >= state->samples->object->window().trials && !next_leaf(state)) {
    return ExecClearTuple(slot);
  }
  const SampleWindow& window = state->samples->object->window();
  ExecClearTuple(slot);
  fill_sample(state, window, slot);
  if (++state->row == window.rows) {
    state->row = 0;
    state->trial++;
  }
  return ExecStoreVirtualTuple(slot);
}

bool needs_partial(const SimScanState* state) {
  for (int k = 0; k < state->attribute_count; k++) {
    if (state->attributes[k] == kChunkPartial - 1) {
      return true;
    }
  }
  return false;
}

void fill_partial(SimScanState* state, int64 number, const sim::Chunk& chunk, Datum partial,
                  TupleTableSlot* slot) {
  for (int k = 0; k < state->attribute_count; k++) {
    slot->tts_isnull[k] = false;
    switch (state->attributes[k] + 1) {
      case kChunkScenario:
        slot->tts_values[k] = Int32GetDatum(static_cast<int32>(chunk.scenario));
        break;
      case kChunkNumber:
        slot->tts_values[k] = Int64GetDatum(number);
        break;
      default:
        slot->tts_values[k] = partial;
    }
  }
}

constexpr long kNapMicroseconds = 50;

/* Some other process may be about to tell what is near the percentiles: it waits for nobody. */
void finish_sifting(SimScanState* state) {
  for (;;) {
    bool finished = false;
    guarded([&] { finished = state->partials->object->finish_sifting(); });
    if (finished) {
      return;
    }
    CHECK_FOR_INTERRUPTS();
    pg_usleep(kNapMicroseconds);
  }
}

TupleTableSlot* next_partial(SimScanState* state, TupleTableSlot* slot) {
  CHECK_FOR_INTERRUPTS();
  ExecClearTuple(slot);
  MemoryContextReset(state->row_context);
  const int64 number = take_chunk(state);
  if (number < 0) {
    finish_sifting(state);
    return slot;
  }
  ChunkReader* reader = state->partials->object;
  PartialValue* value = needs_partial(state) ? make_partial_value(state->row_context) : nullptr;
  BackendControl control;
  sim::Chunk chunk;
  int64 failed = 0;
  guarded([&] {
    chunk = reader->simulation().chunk(number);
    if (value != nullptr) {
      failed =
          failed_trials(hold(value->partial, reader->summarize(number, control)), chunk.scenario);
    }
  });
  count_trials(state, chunk.trials, failed);
  fill_partial(state, number, chunk, value == nullptr ? Datum{0} : datum_of(value), slot);
  return ExecStoreVirtualTuple(slot);
}

TupleTableSlot* next_row(ScanState* scan) {
  auto* state = reinterpret_cast<SimScanState*>(scan);
  if (!state->ready) {
    open_job(state);
  }
  TupleTableSlot* slot = scan->ss_ScanTupleSlot;
  return state->plan.kind == ScanKind::samples ? next_sample(state, slot)
                                               : next_partial(state, slot);
}

/* Where a row of a table has changed meanwhile and its query is evaluated again: these rows are
 * those of no table, and are computed for the new row. */
bool recheck_row(ScanState* scan, TupleTableSlot*) {
  next_row(scan);
  return true;
}

void begin(CustomScanState* node, EState* executor, int) {
  SimScanState* state = state_of(node);
  auto* scan = reinterpret_cast<CustomScan*>(node->ss.ps.plan);
  state->plan = scan_plan_of_list(scan->custom_private);
  require_execute(state->plan.function);
  state->arguments = ExecInitExprList(scan->custom_exprs, &node->ss.ps);
  state->attribute_count = list_length(state->plan.attributes);
  state->attributes = static_cast<int*>(palloc(sizeof(int) * (state->attribute_count + 1)));
  for (int k = 0; k < state->attribute_count; k++) {
    state->attributes[k] = list_nth_int(state->plan.attributes, k) - 1;
  }
  state->job_context =
      AllocSetContextCreate(executor->es_query_cxt, "sim scan job", ALLOCSET_DEFAULT_SIZES);
  state->row_context =
      AllocSetContextCreate(executor->es_query_cxt, "sim scan row", ALLOCSET_DEFAULT_SIZES);
  if (state->plan.kind == ScanKind::chunks) {
    state->target = expected_samples();
  }
}

TupleTableSlot* execute(CustomScanState* node) {
  return ExecScan(&node->ss, next_row, recheck_row);
}

/* Forgets the job and where the scan stood in it. */
void close_job(SimScanState* state) {
  MemoryContextReset(state->row_context);
  MemoryContextReset(state->job_context);
  state->ready = false;
  state->samples = nullptr;
  state->partials = nullptr;
  state->next_chunk = 0;
  state->trial = 0;
  state->row = 0;
}

void end(CustomScanState* node) {
  close_job(state_of(node));
  detach_samples(state_of(node));
}

void rescan(CustomScanState* node) {
  close_job(state_of(node));
  ExecScanReScan(&node->ss);
}

Size estimate_shared(CustomScanState*, ParallelContext* parallel) {
  return shared_scan_size(parallel);
}

void initialize_shared(CustomScanState* node, ParallelContext* parallel, void* shared) {
  share_job(state_of(node), parallel, static_cast<SharedScan*>(shared));
}

void reinitialize_shared(CustomScanState* node, ParallelContext*, void* shared) {
  share_job_again(state_of(node), static_cast<SharedScan*>(shared));
}

void initialize_worker(CustomScanState* node, shm_toc*, void* shared) {
  state_of(node)->shared = static_cast<SharedScan*>(shared);
  attach_samples(state_of(node));
}

void shut_down(CustomScanState* node) { collect_counters(state_of(node)); }

constexpr CustomExecMethods kExecuteMethods = {.CustomName = "SimScan",
                                               .BeginCustomScan = begin,
                                               .ExecCustomScan = execute,
                                               .EndCustomScan = end,
                                               .ReScanCustomScan = rescan,
                                               .MarkPosCustomScan = nullptr,
                                               .RestrPosCustomScan = nullptr,
                                               .EstimateDSMCustomScan = estimate_shared,
                                               .InitializeDSMCustomScan = initialize_shared,
                                               .ReInitializeDSMCustomScan = reinitialize_shared,
                                               .InitializeWorkerCustomScan = initialize_worker,
                                               .ShutdownCustomScan = shut_down,
                                               .ExplainCustomScan = explain_sim_scan};

}  // namespace

Node* create_sim_scan_state(CustomScan*) {
  auto* state = static_cast<SimScanState*>(palloc0(sizeof(SimScanState)));
  NodeSetTag(state, T_CustomScanState);
  state->custom.methods = &kExecuteMethods;
  return reinterpret_cast<Node*>(state);
}

}  // namespace simpg
