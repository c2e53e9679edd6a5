/*
 * as_owner.cpp -- user, flags and settings of an owner's operation.
 */
#include "as_owner.hpp"

SIM_SERVER_BEGIN
#include <utils/guc.h>
SIM_SERVER_END

namespace simpg {

OwnerOperation begin_as_owner(Oid owner) {
  OwnerOperation operation;
  GetUserIdAndSecContext(&operation.caller, &operation.caller_flags);
  SetUserIdAndSecContext(
      owner, operation.caller_flags | SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE);
  operation.settings = NewGUCNestLevel();
  set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
                    GUC_ACTION_SAVE, true, 0, false);
  return operation;
}

void end_as_owner(const OwnerOperation& operation) {
  AtEOXact_GUC(false, operation.settings);
  SetUserIdAndSecContext(operation.caller, operation.caller_flags);
}

}  // namespace simpg
