/*
 * sim_scan_state.hpp -- what SimScan's plan carries and what its executor knows.
 */
#pragma once

#include "postgres.hpp"

#include "scan/chunk_reader.hpp"
#include "scan/sample_call.hpp"
#include "scan/sample_reader.hpp"
#include "scan/sample_target.hpp"
#include "scan/sim_scan_estimate.hpp"

SIM_SERVER_BEGIN
#include <access/parallel.h>
#include <nodes/extensible.h>
#include <port/atomics.h>
#include <storage/shm_toc.h>
#include <utils/dsa.h>
SIM_SERVER_END

namespace simpg {

/* Columns of sim.chunks. */
inline constexpr int kChunkScenario = 1;
inline constexpr int kChunkNumber = 2;
inline constexpr int kChunkPartial = 3;
inline constexpr int kChunkColumns = 3;

/* Arguments of sim.chunks: experiment, keep. */
inline constexpr int kChunkArguments = 2;

/* What a plan carries besides the arguments. */
struct ScanPlan {
  ScanKind kind;
  Oid function;
  SampleColumns columns;  // of the definition list; none for chunks
  List* attributes;       // number of the function's column for each column of the scan
  const char* label;      // name@version in the database's encoding, empty where unknown
  double trials;          // as estimated
  double chunks;
  double leaves_per_chunk;
  double operations_per_trial;
};

List* scan_plan_to_list(const ScanPlan& plan);
ScanPlan scan_plan_of_list(List* list);

/* The job of a parallel scan and its counters, in the query's shared memory. */
struct SharedScan {
  pg_atomic_uint64 next_chunk;
  pg_atomic_uint64 trials;
  pg_atomic_uint64 failed;
  Knobs knobs;
  dsa_pointer experiment;
  uint64 experiment_size;
  dsa_pointer keep;  // invalid: none
  uint64 keep_size;
  bool near;           // the samples are those near the percentiles
  dsm_handle samples;  // invalid: they travel in the partials
  uint64 sample_count;
  int processes;
  pg_atomic_uint64 chunks[FLEXIBLE_ARRAY_MEMBER];  // done by the leader, by worker 0, ...
};

/* What was done, for EXPLAIN ANALYZE. */
struct ScanCounters {
  uint64 trials;
  uint64 failed;  // counted only where the scan is instrumented
  uint64 chunks;
  int processes;  // of which chunks are known; 0: a serial scan
  uint64* chunks_by_process;
};

struct SimScanState {
  CustomScanState custom;
  ScanPlan plan;
  List* arguments;  // of ExprState
  int attribute_count;
  int* attributes;            // column of the function for each column of the scan, from 0
  MemoryContext job_context;  // of what belongs to one set of arguments
  MemoryContext row_context;
  SharedScan* shared;  // null: a serial scan
  SampleTarget target;
  dsm_segment* attached;  // a worker's, with the memory of the target

  bool ready;  // a reader is there
  Holder<SampleReader>* samples;
  Holder<ChunkReader>* partials;
  uint64 chunk_count;
  uint64 next_chunk;  // of a serial scan
  int64 trial;        // of the window, next to be handed out
  int row;            // of the trial

  ScanCounters counters;
};

/* sim_scan_job: the argument's values become a job, which every process opens. */
void open_job(SimScanState* state);
Size shared_scan_size(const ParallelContext* parallel);
void share_job(SimScanState* state, const ParallelContext* parallel, SharedScan* shared);
void share_job_again(SimScanState* state, SharedScan* shared);
void collect_counters(SimScanState* state);
/* A worker's view of the memory for samples. */
void attach_samples(SimScanState* state);
void detach_samples(SimScanState* state);

/* sim_scan_execute */
Node* create_sim_scan_state(CustomScan* scan);

/* sim_scan_explain */
void explain_sim_scan(CustomScanState* node, List* ancestors, ExplainState* explain);

}  // namespace simpg
