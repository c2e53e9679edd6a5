/*
 * fn_record_change.cpp -- sim.record_change, the function of the triggers that record changes.
 */
#include "boundary.hpp"
#include "results/refresh_queue.hpp"
#include "tracking/change_log.hpp"

SIM_SERVER_BEGIN
#include <commands/trigger.h>
#include <utils/rel.h>
SIM_SERVER_END

namespace simpg {

namespace {

const char* command_of(TriggerEvent event) {
  if (TRIGGER_FIRED_BY_INSERT(event)) {
    return "INSERT";
  }
  if (TRIGGER_FIRED_BY_UPDATE(event)) {
    return "UPDATE";
  }
  return TRIGGER_FIRED_BY_DELETE(event) ? "DELETE" : "TRUNCATE";
}

}  // namespace

}  // namespace simpg

/* sim.record_change() */
SIM_FUNCTION(sim_record_change) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("sim.record_change is called by triggers only"),
                    errhint("sim.track makes them for a table that bindings read.")));
  }
  const auto* data = reinterpret_cast<TriggerData*>(fcinfo->context);
  const Oid relation = RelationGetRelid(data->tg_relation);
  simpg::record_change(relation, simpg::command_of(data->tg_event));
  simpg::queue_refreshes(relation, 0);
  PG_RETURN_POINTER(nullptr);
}
