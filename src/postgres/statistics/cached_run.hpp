/*
 * cached_run.hpp -- the statistics of a call: from the cache where they are there, and of the rest
 * a run.
 */
#pragma once

#include "store.hpp"

#include "statistics/results.hpp"
#include "statistics/run.hpp"
#include "statistics/statistics.hpp"

namespace simpg {

struct CachedRequest {
  StoredExperiment* stored;
  const StatisticsCall* call;             // must outlive the request
  const double* probabilities = nullptr;  // ascending, each once
  int probability_count = 0;
  bool intervals = false;
  int bins = 0;          // of histograms
  int instrument = 0;    // options of EXPLAIN ANALYZE
  bool durable = false;  // for functions that store: what is there afterwards is in the table, too
};

/* What sim.monte_carlo or sim.percentiles asks. In the current memory context. */
CachedRequest cached_request(const StatisticsCall& call);

/* Whether results are looked for at all. */
bool is_cache_used();

/* What the cache has; the others are missing, and the rows they are computed from have been read.
 * In the current memory context. */
Results* look_up_results(const CachedRequest& request, RunReport* report);

/* All of them: runs what is missing, and puts it into the cache. */
const Results* complete_results(const CachedRequest& request, RunReport* report);

/* Puts what sim.monte_carlo would ask into the cache, too. Requires: the results are complete and
 * have its percentiles. */
void put_statistics(const CachedRequest& request, const Results* results);

/* The experiment of the first run that would compute what is missing. Requires: something is. */
const bytea* missing_experiment(const CachedRequest& request, const Results* results);

}  // namespace simpg
