/*
 * discard.cpp -- a hook on utility statements.
 */
#include "discard.hpp"

#include "converge/session_solver.hpp"
#include "scan/compiled.hpp"
#include "store_session.hpp"

SIM_SERVER_BEGIN
#include <nodes/parsenodes.h>
#include <tcop/utility.h>
SIM_SERVER_END

namespace simpg {

namespace {

ProcessUtility_hook_type previous_hook = nullptr;

void watch_utility(PlannedStmt* statement, const char* text, bool read_only,
                   ProcessUtilityContext context, ParamListInfo parameters,
                   QueryEnvironment* environment, DestReceiver* receiver,
                   QueryCompletion* completion) {
  const ProcessUtility_hook_type next =
      previous_hook != nullptr ? previous_hook : standard_ProcessUtility;
  next(statement, text, read_only, context, parameters, environment, receiver, completion);
  if (!IsA(statement->utilityStmt, DiscardStmt)) {
    return;
  }
  const auto target = reinterpret_cast<DiscardStmt*>(statement->utilityStmt)->target;
  if (target == DISCARD_ALL || target == DISCARD_PLANS) {
    forget_session_models();
    forget_solvers();
    forget_compiled();
  }
}

}  // namespace

void register_discard() {
  previous_hook = ProcessUtility_hook;
  ProcessUtility_hook = watch_utility;
}

}  // namespace simpg
