/*
 * settings.cpp -- defines the settings sim.*.
 */
#include "settings.hpp"

SIM_SERVER_BEGIN
#include <utils/guc.h>
SIM_SERVER_END

#include "cache/cache_settings.hpp"
#include "summary/moments.hpp"

namespace simpg {

namespace {

double max_trials_setting = 1e10;
int max_scenarios_setting = 1000;
int max_steps_setting = 100000;
int max_model_size_setting = 4096;             // kB
int exact_percentile_memory_setting = 131072;  // kB
int batch_lanes_setting = 0;
int chunk_leaves_setting = 0;
bool optimise_setting = true;
int threads_setting = 1;

constexpr int kMostThreads = 64;
constexpr double kMostTrials = 9007199254740992.0;  // 2^53: counts stay exact as doubles

bool check_batch_lanes(int* value, void**, GucSource) {
  if (*value % sim::kBlockTrials == 0) return true;
  GUC_check_errdetail("\"sim.batch_lanes\" must be 0 or a multiple of %d.",
                      static_cast<int>(sim::kBlockTrials));
  return false;
}

bool check_chunk_leaves(int* value, void**, GucSource) {
  if ((*value & (*value - 1)) == 0) return true;
  GUC_check_errdetail("\"sim.chunk_leaves\" must be 0 or a power of two.");
  return false;
}

void define_limits() {
  DefineCustomRealVariable("sim.max_trials", "Most trials that one call may ask for.", nullptr,
                           &max_trials_setting, 1e10, 1, kMostTrials, PGC_SUSET, 0, nullptr,
                           nullptr, nullptr);
  DefineCustomIntVariable("sim.max_scenarios", "Most scenarios that one call may ask for.", nullptr,
                          &max_scenarios_setting, 1000, 1, 1000000, PGC_SUSET, 0, nullptr, nullptr,
                          nullptr);
  DefineCustomIntVariable("sim.max_steps", "Most time steps that a model may have.", nullptr,
                          &max_steps_setting, 100000, 1, 100000000, PGC_SUSET, 0, nullptr, nullptr,
                          nullptr);
  DefineCustomIntVariable("sim.max_model_size", "Longest text of a model.", nullptr,
                          &max_model_size_setting, 4096, 1, 1048576, PGC_SUSET, GUC_UNIT_KB,
                          nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "sim.threads", "Threads that a session may simulate with by itself.",
      "For statements that get no parallel workers; the results are the same bits.",
      &threads_setting, 1, 1, kMostThreads, PGC_SUSET, 0, nullptr, nullptr, nullptr);
}

}  // namespace

void define_settings() {
  define_limits();
  DefineCustomIntVariable(
      "sim.exact_percentile_memory", "Memory for the samples of a query that asks for percentiles.",
      "Samples that do not fit are simulated again; the percentiles are the same.",
      &exact_percentile_memory_setting, 131072, 64, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB,
      nullptr, nullptr, nullptr);
  DefineCustomIntVariable("sim.batch_lanes", "Trials that are computed side by side; 0 chooses.",
                          "Changes speed, never a result.", &batch_lanes_setting, 0, 0,
                          sim::kLeafTrials, PGC_USERSET, GUC_NOT_IN_SAMPLE, check_batch_lanes,
                          nullptr, nullptr);
  DefineCustomIntVariable("sim.chunk_leaves",
                          "Leaves of 1,024 trials that a worker takes at a time; 0 chooses.",
                          "Changes speed, never a result.", &chunk_leaves_setting, 0, 0, 1048576,
                          PGC_USERSET, GUC_NOT_IN_SAMPLE, check_chunk_leaves, nullptr, nullptr);
  DefineCustomBoolVariable("sim.optimise",
                           "Whether the program of a model is optimised before trials run.",
                           "Changes speed, never a result.", &optimise_setting, true, PGC_USERSET,
                           GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
  define_cache_settings();
  MarkGUCPrefixReserved("sim");
}

int64 max_trials() { return static_cast<int64>(max_trials_setting); }
int max_scenarios() { return max_scenarios_setting; }
int max_steps() { return max_steps_setting; }
int64 max_model_size() { return static_cast<int64>(max_model_size_setting) * 1024; }
int64 exact_percentile_memory() {
  return static_cast<int64>(exact_percentile_memory_setting) * 1024;
}
int batch_lanes() { return batch_lanes_setting; }
int chunk_leaves() { return chunk_leaves_setting; }
bool optimise() { return optimise_setting; }
int threads() { return threads_setting; }

}  // namespace simpg
