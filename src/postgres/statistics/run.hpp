/*
 * run.hpp -- runs an experiment and has its statistics: the server's side of RunAnalysis.
 *
 * Each pass over the trials is a query of its own, which gets parallel workers; where they
 * would save less than some 12 ms, or there are as many threads, it is computed where it is, with
 * the same bits.
 */
#pragma once

#include "store.hpp"

#include "boundary.hpp"
#include "cache/cache.hpp"
#include "statistics/merge_query.hpp"
#include "statistics/run_analysis.hpp"

namespace simpg {

/* How a run went. */
struct RunReport {
  int workers = 0;  // most that a pass had
  int passes = 0;
  bool inside = false;  // computed in this process, without a query
  int threads = 1;      // of this process
  double milliseconds = 0;
  MergeQuery query{};  // of the last pass; no plan where there was none
  MergeRun run{};      // open where instrumented
  /* Of the cache, where it is used. */
  int64 results = 0;  // asked for
  int64 found = 0;
  CacheLevel level = CacheLevel::none;  // the farthest that had one
};

/* What it takes to run. */
struct RunRequest {
  const bytea* experiment;
  const double* probabilities = nullptr;
  int probability_count = 0;
  bool intervals = false;
  bool shape = false;
  int bins = 0;        // of histograms
  int instrument = 0;  // options of EXPLAIN ANALYZE
};

/* The analysis belongs to the current memory context. */
const RunAnalysis* run_experiment(const RunRequest& request, RunReport* report);

/* One pass: the merged partial of all chunks, in the analysis' or another's terms. `keep` as
 * sim.chunks takes it. */
Holder<sim::Partial>* run_pass(const bytea* experiment, const bytea* keep, int instrument,
                               RunReport* report);

/* Whether a pass over the experiment is computed in this process, without a query. Raises what
 * compiling it raises. */
bool runs_inside(const bytea* experiment);

}  // namespace simpg
