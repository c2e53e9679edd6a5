/*
 * as_role.cpp -- another role for a while, in a subtransaction.
 */
#include "as_role.hpp"

#include "subtransaction.hpp"

namespace simpg {

namespace {

/* Ending the subtransaction would give the role back only when it fails. */
void run(void* argument) {
  const RoleWork& work = *static_cast<const RoleWork*>(argument);
  Oid caller;
  int flags;
  GetUserIdAndSecContext(&caller, &flags);
  SetUserIdAndSecContext(work.role, flags | SECURITY_LOCAL_USERID_CHANGE |
                                        (work.restricted ? SECURITY_RESTRICTED_OPERATION : 0));
  work.run(work.argument);
  SetUserIdAndSecContext(caller, flags);
}

}  // namespace

const char* run_as_role(const RoleWork& work, int* code) {
  return run_contained({run, const_cast<RoleWork*>(&work), work.stops_cancel}, code);
}

}  // namespace simpg
