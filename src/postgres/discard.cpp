/*
 * discard.cpp -- a hook on utility statements, and one on the ends of transactions.
 */
#include "discard.hpp"

#include "cache/cache.hpp"
#include "converge/session_solver.hpp"
#include "keys/session_keys.hpp"
#include "scan/compiled.hpp"
#include "store_session.hpp"

SIM_SERVER_BEGIN
#include <nodes/parsenodes.h>
#include <tcop/utility.h>
SIM_SERVER_END

namespace simpg {

namespace {

ProcessUtility_hook_type previous_hook = nullptr;

bool discards_plans(const Node* statement) {
  if (!IsA(statement, DiscardStmt)) {
    return false;
  }
  const auto target = reinterpret_cast<const DiscardStmt*>(statement)->target;
  return target == DISCARD_ALL || target == DISCARD_PLANS;
}

void watch_utility(PlannedStmt* statement, const char* text, bool read_only,
                   ProcessUtilityContext context, ParamListInfo parameters,
                   QueryEnvironment* environment, DestReceiver* receiver,
                   QueryCompletion* completion) {
  const ProcessUtility_hook_type next =
      previous_hook != nullptr ? previous_hook : standard_ProcessUtility;
  // Asked before: a statement such as ROLLBACK may be gone when it has been executed.
  const bool discards = discards_plans(statement->utilityStmt);
  next(statement, text, read_only, context, parameters, environment, receiver, completion);
  if (discards) {
    forget_session_models();
    forget_solvers();
    forget_compiled();
    forget_keys();
    forget_cache();
  }
}

void end_transaction(XactEvent event, void*) {
  if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT &&
      event != XACT_EVENT_PRE_PREPARE) {
    release_session_rows();
  }
}

}  // namespace

void register_discard() {
  previous_hook = ProcessUtility_hook;
  ProcessUtility_hook = watch_utility;
  RegisterXactCallback(end_transaction, nullptr);
}

}  // namespace simpg
