/*
 * sim_scan_job.cpp -- the job of a scan: read once by the leader, opened by every process.
 *
 * The arguments are evaluated at the first row after the start or a rescan, for a LATERAL parameter
 * changes them.  In a parallel scan they are evaluated when shared memory is set up; leader and
 * workers then open the same bytes.  Settings that decide how trials are cut into chunks travel
 * along, so that all count the same chunks.
 */
#include "scan/sim_scan_state.hpp"

#include <cstring>

#include "store_text.hpp"

namespace simpg {

namespace {

/* Experiment and keep as values; keep may be null. */
struct Job {
  const bytea* experiment;
  const bytea* keep;
};

Job read_sample_job(SimScanState* state, const Datum* values, const bool* nulls) {
  return {experiment_bytes(*load_samples(sample_request(values, nulls), state->plan.columns)),
          nullptr};
}

Job read_chunk_job(const Datum* values, const bool* nulls) {
  if (nulls[0]) {
    ereport(ERROR,
            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("experiment must not be null")));
  }
  return {DatumGetByteaPP(values[0]), nulls[1] ? nullptr : DatumGetByteaPP(values[1])};
}

/* In the current memory context. */
Job read_job(SimScanState* state) {
  Datum values[kSampleArguments];
  bool nulls[kSampleArguments];
  ExprContext* context = state->custom.ss.ps.ps_ExprContext;
  for (int i = 0; i < list_length(state->arguments); i++) {
    auto* argument = static_cast<ExprState*>(list_nth(state->arguments, i));
    values[i] = ExecEvalExprSwitchContext(argument, context, &nulls[i]);
  }
  return state->plan.kind == ScanKind::samples ? read_sample_job(state, values, nulls)
                                               : read_chunk_job(values, nulls);
}

/* What EXPLAIN says is that of the job, where the plan could only guess or is older than the model.
 */
void describe_job(SimScanState* state, const CompiledExperiment& experiment) {
  const sim::Simulation& simulation = experiment.simulation;
  state->chunk_count = static_cast<uint64>(simulation.chunk_count());
  state->plan.leaves_per_chunk = static_cast<double>(simulation.chunk_leaves());
  state->plan.operations_per_trial = simulation.operations_per_trial();
  state->plan.label = MemoryContextStrdup(state->custom.ss.ps.state->es_query_cxt,
                                          from_utf8(experiment.model.c_str()));
}

void open_bytes(SimScanState* state, std::span<const std::uint8_t> experiment,
                std::span<const std::uint8_t> keep, const Knobs& knobs) {
  if (state->plan.kind == ScanKind::samples) {
    state->samples = make_holder<SampleReader>(state->job_context);
    guarded([&] { hold(state->samples, experiment, state->plan.columns, knobs); });
    describe_job(state, state->samples->object->experiment());
  } else {
    state->partials = make_holder<ChunkReader>(state->job_context);
    guarded([&] {
      ChunkReader& reader = hold(state->partials, experiment, keep, knobs);
      if (state->target.near) {
        reader.sift_samples_onto(state->target.values);
      } else if (state->target.values != nullptr) {
        reader.put_samples_into({state->target.values, state->target.count});
      }
    });
    describe_job(state, state->partials->object->experiment());
  }
}

dsa_pointer put(dsa_area* area, const bytea* value, uint64* size) {
  const std::span<const std::uint8_t> bytes = bytes_of(value);
  *size = bytes.size();
  const dsa_pointer place = dsa_allocate(area, bytes.size() + 1);
  memcpy(dsa_get_address(area, place), bytes.data(), bytes.size());
  return place;
}

std::span<const std::uint8_t> shared_bytes(dsa_area* area, dsa_pointer place, uint64 size) {
  if (!DsaPointerIsValid(place)) {
    return {};
  }
  return {static_cast<const std::uint8_t*>(dsa_get_address(area, place)), size};
}

MemoryContext start_reading(SimScanState* state) {
  return AllocSetContextCreate(state->custom.ss.ps.state->es_query_cxt, "sim scan arguments",
                               ALLOCSET_DEFAULT_SIZES);
}

void fill_shared(SimScanState* state, SharedScan* shared, dsa_area* area) {
  MemoryContext reading = start_reading(state);
  MemoryContext caller = MemoryContextSwitchTo(reading);
  const Job job = read_job(state);
  shared->knobs = current_knobs();
  shared->experiment = put(area, job.experiment, &shared->experiment_size);
  if (job.keep != nullptr) {
    shared->keep = put(area, job.keep, &shared->keep_size);
  }
  MemoryContextSwitchTo(caller);
  MemoryContextDelete(reading);
  pg_atomic_write_u64(&shared->next_chunk, 0);
}

}  // namespace

void open_job(SimScanState* state) {
  if (state->shared != nullptr) {
    dsa_area* area = state->custom.ss.ps.state->es_query_dsa;
    const SharedScan* shared = state->shared;
    open_bytes(state, shared_bytes(area, shared->experiment, shared->experiment_size),
               shared_bytes(area, shared->keep, shared->keep_size), shared->knobs);
  } else {
    MemoryContext reading = start_reading(state);
    MemoryContext caller = MemoryContextSwitchTo(reading);
    const Job job = read_job(state);
    open_bytes(state, bytes_of(job.experiment),
               job.keep == nullptr ? std::span<const std::uint8_t>{} : bytes_of(job.keep),
               current_knobs());
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(reading);
  }
  state->ready = true;
}

Size shared_scan_size(const ParallelContext* parallel) {
  return offsetof(SharedScan, chunks) + sizeof(pg_atomic_uint64) * (parallel->nworkers + 1);
}

void share_job(SimScanState* state, const ParallelContext* parallel, SharedScan* shared) {
  dsa_area* area = state->custom.ss.ps.state->es_query_dsa;
  if (area == nullptr) {
    return;  // no shared memory was to be had: the leader scans alone
  }
  pg_atomic_init_u64(&shared->next_chunk, 0);
  pg_atomic_init_u64(&shared->trials, 0);
  pg_atomic_init_u64(&shared->failed, 0);
  shared->processes = parallel->nworkers + 1;
  for (int i = 0; i < shared->processes; i++) {
    pg_atomic_init_u64(&shared->chunks[i], 0);
  }
  shared->keep = InvalidDsaPointer;
  shared->keep_size = 0;
  shared->near = state->target.near;
  shared->samples = state->target.segment;
  shared->sample_count = state->target.count;
  fill_shared(state, shared, area);
  state->shared = shared;
}

void share_job_again(SimScanState* state, SharedScan* shared) {
  dsa_area* area = state->custom.ss.ps.state->es_query_dsa;
  if (state->shared == nullptr) {
    return;
  }
  dsa_free(area, shared->experiment);
  if (DsaPointerIsValid(shared->keep)) {
    dsa_free(area, shared->keep);
    shared->keep = InvalidDsaPointer;
  }
  fill_shared(state, shared, area);
}

void attach_samples(SimScanState* state) {
  const SharedScan* shared = state->shared;
  if (shared->samples == DSM_HANDLE_INVALID) {
    return;
  }
  state->attached = dsm_attach(shared->samples);
  if (state->attached == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("could not map dynamic shared memory segment")));
  }
  state->target.values = static_cast<double*>(dsm_segment_address(state->attached));
  state->target.count = shared->sample_count;
  state->target.near = shared->near;
}

void detach_samples(SimScanState* state) {
  if (state->attached != nullptr) {
    dsm_detach(state->attached);
    state->attached = nullptr;
  }
}

void collect_counters(SimScanState* state) {
  if (state->shared == nullptr || IsParallelWorker()) {
    return;
  }
  ScanCounters& counters = state->counters;
  SharedScan* shared = state->shared;
  if (counters.processes < shared->processes) {
    const int known = counters.processes;
    uint64* chunks = static_cast<uint64*>(MemoryContextAllocZero(
        state->custom.ss.ps.state->es_query_cxt, sizeof(uint64) * shared->processes));
    if (known > 0) {
      memcpy(chunks, counters.chunks_by_process, sizeof(uint64) * known);
    }
    counters.chunks_by_process = chunks;
    counters.processes = shared->processes;
  }
  counters.trials += pg_atomic_read_u64(&shared->trials);
  counters.failed += pg_atomic_read_u64(&shared->failed);
  for (int i = 0; i < shared->processes; i++) {
    const uint64 chunks = pg_atomic_read_u64(&shared->chunks[i]);
    counters.chunks_by_process[i] += chunks;
    counters.chunks += chunks;
  }
  state->shared = nullptr;  // Gather is about to give the shared memory back
}

}  // namespace simpg
