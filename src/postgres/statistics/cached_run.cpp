/*
 * cached_run.cpp -- looks results up, claims what is missing, runs it and puts it into the cache.
 */
#include "statistics/cached_run.hpp"

#include <algorithm>
#include <cstring>

#include "cache/cache.hpp"
#include "cache/cache_settings.hpp"
#include "scan/wanted_names.hpp"
#include "store_fault.hpp"

namespace simpg {

namespace {

using MissingRuns = std::vector<Results::Missing>;

CacheKey cache_key(const Results* results, std::size_t place) {
  CacheKey key;
  static_assert(sizeof key.bytes == sizeof results->key(place));
  memcpy(key.bytes, results->key(place).data(), sizeof key.bytes);
  return key;
}

bool look_up(Results* results, std::size_t place, const CachedRequest& request, RunReport* report) {
  const CacheKey key = cache_key(results, place);
  CacheLevel level;
  bytea* payload = cache_find(key, &level);
  if (payload == nullptr) {
    return false;
  }
  if (request.durable && level != CacheLevel::table) {
    cache_put(key, payload, true);
  }
  guarded([&] { results->take(place, bytes_of(payload)); });
  pfree(payload);
  report->found++;
  report->level = std::max(report->level, level);
  return true;
}

using Places = std::vector<bool>;

Holder<MissingRuns>* missing_runs(const Results* results, const Places& left_out = {}) {
  Holder<MissingRuns>* runs = make_holder<MissingRuns>(CurrentMemoryContext);
  guarded([&] { hold(runs, results->missing(left_out)); });
  return runs;
}

/* Places of what is missing, in the order of their keys. */
Holder<std::vector<std::size_t>>* places_to_claim(const Results* results) {
  auto* places = make_holder<std::vector<std::size_t>>(CurrentMemoryContext);
  guarded([&] {
    std::vector<std::size_t>& all = hold(places);
    for (const Results::Missing& run : results->missing()) {
      for (const std::size_t scenario : run.scenarios) {
        for (const std::size_t output : run.outputs) {
          all.push_back(scenario * results->outputs() + output);
        }
      }
    }
    std::ranges::sort(all, {}, [&](std::size_t place) { return results->key(place); });
  });
  return places;
}

/* What another session has put meanwhile is taken. Returns whether others are at some of it. */
bool claim(Results* results, const std::vector<std::size_t>& places, bool waits,
           const CachedRequest& request, RunReport* report, Places* busy) {
  bool any = false;
  for (const std::size_t place : places) {
    CHECK_FOR_INTERRUPTS();
    const Claim claimed = cache_claim(cache_key(results, place), waits);
    if (claimed == Claim::done) {
      look_up(results, place, request, report);
    }
    (*busy)[place] = claimed == Claim::busy;
    any = any || claimed == Claim::busy;
  }
  return any;
}

void release(const Results* results, const std::vector<std::size_t>& places) {
  for (const std::size_t place : places) {
    cache_release(cache_key(results, place));
  }
}

/* The call's experiment, with nothing but what is missing. */
const bytea* experiment_of(const StoredExperiment& stored, const Results* results,
                           const Results::Missing& missing) {
  StoredExperiment part = stored;
  auto* scenarios =
      static_cast<StoredScenario*>(palloc(sizeof(StoredScenario) * missing.scenarios.size()));
  auto* outputs = static_cast<const char**>(palloc(sizeof(char*) * missing.outputs.size()));
  part.scenario_count = 0;
  for (const std::size_t scenario : missing.scenarios) {
    scenarios[part.scenario_count++] = stored.scenarios[scenario];
  }
  part.output_count = 0;
  for (const std::size_t output : missing.outputs) {
    outputs[part.output_count++] = results->output(output).c_str();
  }
  part.scenarios = scenarios;
  part.outputs = outputs;
  part.trials = results->trials();
  return experiment_bytes(part);
}

/* `bytes` is room to write them in. */
void put_result(const Results* results, std::size_t place, bool durable,
                std::vector<std::uint8_t>* bytes) {
  guarded([&] { *bytes = results->bytes(place); });
  bytea* payload = make_bytea(bytes->data(), bytes->size());
  cache_put(cache_key(results, place), payload, durable);
  pfree(payload);
}

void keep(const Results* results, const Results::Missing& missing, bool durable) {
  Holder<std::vector<std::uint8_t>>* bytes =
      make_holder<std::vector<std::uint8_t>>(CurrentMemoryContext);
  guarded([&] { hold(bytes); });
  for (const std::size_t scenario : missing.scenarios) {
    for (const std::size_t output : missing.outputs) {
      CHECK_FOR_INTERRUPTS();
      const std::size_t place = scenario * results->outputs() + output;
      put_result(results, place, durable, bytes->object);
    }
  }
}

void run_missing(Results* results, const Results::Missing& missing, const CachedRequest& request,
                 RunReport* report) {
  RunRequest run{experiment_of(*request.stored, results, missing)};
  run.probabilities = request.probabilities;
  run.probability_count = request.probability_count;
  run.intervals = request.intervals;
  run.bins = request.bins;
  run.instrument = request.instrument;
  const RunAnalysis* analysis = run_experiment(run, report);
  guarded([&] { results->take(missing, *analysis); });
  keep(results, missing, request.durable);
}

/* Computes what is missing; where it does not wait, only what no other session is at. Returns
 * whether some of it was left to others. */
bool compute(Results* results, bool waits, const CachedRequest& request, RunReport* report) {
  const std::vector<std::size_t>& places = *places_to_claim(results)->object;
  Holder<Places>* busy = make_holder<Places>(CurrentMemoryContext);
  guarded([&] { hold(busy, results->count()); });
  const bool left = claim(results, places, waits, request, report, busy->object);
  for (const Results::Missing& missing : *missing_runs(results, *busy->object)->object) {
    run_missing(results, missing, request, report);
  }
  release(results, places);
  return left;
}

/* Those of the outputs that the experiment is of. C++ side. */
ExperimentKeys keys_of_outputs(const StoredExperiment& stored, const ExperimentKeys& all) {
  const char* const* end = stored.outputs + stored.output_count;
  ExperimentKeys keys = all;
  for (std::vector<sim::OutputKey>& scenario : keys.outputs) {
    std::erase_if(scenario, [&](const sim::OutputKey& each) {
      return std::none_of(stored.outputs, end,
                          [&](const char* output) { return each.output == output; });
    });
  }
  return keys;
}

const ExperimentKeys* keys_of_request(const CachedRequest& request) {
  const ExperimentKeys* all = experiment_keys(*request.stored);
  if (request.stored->outputs == nullptr) {
    return all;
  }
  Holder<ExperimentKeys>* keys = make_holder<ExperimentKeys>(CurrentMemoryContext);
  guarded([&] { hold(keys, keys_of_outputs(*request.stored, *all)); });
  return keys->object;
}

/* Raises the fault of the first result that is wanted and reads one. */
void require_wanted(const CachedRequest& request, const ExperimentKeys& keys) {
  const WantedResults wanted = wanted_results(*request.call);
  for (std::size_t i = 0; i < keys.scenarios.size(); i++) {
    for (const sim::OutputKey& output : keys.outputs[i]) {
      if (!output.unusable.empty() && is_wanted(wanted.scenarios, keys.scenarios[i].c_str()) &&
          is_wanted(wanted.outputs, output.output.c_str())) {
        raise_fault(*request.stored, find_fault(*request.stored, output.unusable.c_str()));
      }
    }
  }
}

/* The form of what sim.monte_carlo asks when all of its columns are read. */
ResultForm statistics_form() {
  return {{kQuartilesAndTails, kQuartilesAndTails + kQuartilesAndTailsCount}};
}

/* The same results with all that the function has columns for, which answer a call that reads fewer
 * of them; null where the call reads all. */
Results* fuller_results(const CachedRequest& request, const ExperimentKeys& keys) {
  if (!leaves_out_percentiles(*request.call)) {
    return nullptr;
  }
  Holder<Results>* fuller = make_holder<Results>(CurrentMemoryContext);
  guarded([&] { hold(fuller, keys, statistics_form()); });
  return fuller->object;
}

/* `fuller` may be null. */
void look_up_either(Results* results, Results* fuller, std::size_t place,
                    const CachedRequest& request, RunReport* report) {
  if (fuller != nullptr && look_up(fuller, place, request, report)) {
    guarded([&] { results->take(place, *fuller); });
  } else {
    look_up(results, place, request, report);
  }
}

Results* find_results(const CachedRequest& request, RunReport* report) {
  const ExperimentKeys* keys = keys_of_request(request);
  if (has_fault(*request.stored) && !request.call->only_usable) {
    require_wanted(request, *keys);
  }
  Holder<Results>* results = make_holder<Results>(CurrentMemoryContext);
  guarded([&] {
    hold(results, *keys,
         ResultForm{{request.probabilities, request.probabilities + request.probability_count},
                    request.intervals,
                    request.bins});
  });
  Results* fuller = fuller_results(request, *keys);
  report->results = 0;
  report->found = 0;
  report->level = CacheLevel::none;
  for (std::size_t place = 0; place < results->object->count(); place++) {
    CHECK_FOR_INTERRUPTS();
    if (results->object->is_usable(place)) {
      report->results++;
      look_up_either(results->object, fuller, place, request, report);
    }
  }
  return results->object;
}

}  // namespace

CachedRequest cached_request(const StatisticsCall& call) {
  ExperimentRequest keyed = call.request;
  keyed.keys_only = true;
  CachedRequest request{load_experiment(keyed), &call};
  want_outputs(request.stored, wanted_results(call).outputs);
  request.probabilities = call.probabilities;
  request.probability_count = call.probability_count;
  request.intervals = call.intervals;
  request.bins = call.bins;
  request.durable = call.durable;
  return request;
}

bool is_cache_used() { return farthest_level() != CacheLevel::none; }

Results* look_up_results(const CachedRequest& request, RunReport* report) {
  Results* results = find_results(request, report);
  if (report->found < report->results && !load_rows(request.stored)) {
    results = find_results(request, report);
  }
  return results;
}

const Results* complete_results(const CachedRequest& request, RunReport* report) {
  Results* results = look_up_results(request, report);
  if (report->found < report->results && compute(results, false, request, report)) {
    compute(results, true, request, report);
  }
  guarded([&] { results->finish(); });
  return results;
}

void put_statistics(const CachedRequest& request, const Results* results) {
  const ExperimentKeys* keys = experiment_keys(*request.stored);
  Holder<Results>* plain = make_holder<Results>(CurrentMemoryContext);
  Holder<std::vector<std::uint8_t>>* bytes =
      make_holder<std::vector<std::uint8_t>>(CurrentMemoryContext);
  guarded([&] {
    hold(plain, *keys, statistics_form());
    hold(bytes);
  });
  for (std::size_t place = 0; place < plain->object->count(); place++) {
    guarded([&] { plain->object->take(place, *results); });
    put_result(plain->object, place, request.durable, bytes->object);
  }
}

const bytea* missing_experiment(const CachedRequest& request, const Results* results) {
  return experiment_of(*request.stored, results, missing_runs(results)->object->at(0));
}

}  // namespace simpg
