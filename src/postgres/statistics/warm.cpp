/*
 * warm.cpp -- sim.warm: computes what sim.monte_carlo and sim.percentiles will be asked, and keeps
 * it where it outlives the session.
 */
#include "fn_change.hpp"
#include "statistics/cached_run.hpp"
#include "store_session.hpp"

SIM_SERVER_BEGIN
#include <access/xlog.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Arguments of sim.warm. */
constexpr int kArguments = 6;
constexpr int kPercentiles = 5;

void require_cache() {
  if (!is_cache_used()) {
    ereport(ERROR,
            (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("there is no cache to warm"),
             errdetail("sim.cache is off."), errhint("SET sim.cache = 'table'.")));
  }
}

/* Sessions to come then know the keys without reading bound rows. */
void remember_rows(const StoredExperiment& stored) {
  if (!RecoveryInProgress() && !XactReadOnly) {
    begin_change();
    remember_session_readings(stored.session);
    end_change();
  }
}

const Results* warm(StatisticsCall call, bool only_usable) {
  RunReport report;
  call.only_usable = only_usable;
  CachedRequest request = cached_request(call);
  request.durable = true;
  const Results* results = complete_results(request, &report);
  remember_rows(*request.stored);
  return results;
}

/* sim.percentiles has its percentiles after the model. */
StatisticsCall percentiles_call(const Datum* values, const bool* nulls) {
  Datum moved[kArguments] = {values[0], values[kPercentiles]};
  bool moved_nulls[kArguments] = {nulls[0], nulls[kPercentiles]};
  for (int i = 1; i < kPercentiles; i++) {
    moved[i + 1] = values[i];
    moved_nulls[i + 1] = nulls[i];
  }
  return read_call(StatisticsKind::percentiles, moved, moved_nulls);
}

Datum warm_all(FunctionCallInfo fcinfo, bool only_usable) {
  require_cache();
  RowWriter table = open_rows(fcinfo);
  Datum values[kArguments];
  bool nulls[kArguments];
  copy_arguments(fcinfo, kArguments, values, nulls);
  const Results* statistics =
      warm(read_call(StatisticsKind::monte_carlo, values, nulls), only_usable);
  const Results* percentiles =
      nulls[kPercentiles] ? nullptr : warm(percentiles_call(values, nulls), only_usable);
  for (std::size_t place = 0; place < statistics->count(); place++) {
    if (!statistics->is_usable(place)) {
      continue;
    }
    const bool computed = statistics->is_computed(place) ||
                          (percentiles != nullptr && percentiles->is_computed(place));
    add_text(table, statistics->scenario(place).c_str());
    add_text(table, statistics->output(place).c_str());
    add_boolean(table, !computed);
    put(table);
  }
  return Datum{0};
}

}  // namespace

/* sim.warm(model, trials, seed, scenarios, overrides, percentiles) */
SIM_FUNCTION(sim_warm) { return warm_all(fcinfo, false); }

/* sim.warm_results(model, trials, seed, scenarios, overrides, percentiles) */
SIM_FUNCTION(sim_warm_results) { return warm_all(fcinfo, true); }

}  // namespace simpg
