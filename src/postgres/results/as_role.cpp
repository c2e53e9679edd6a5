/*
 * as_role.cpp -- another role for a while, and a subtransaction around it.
 */
#include "as_role.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_class.h>
#include <utils/resowner.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Ending the subtransaction would give the role back only when it fails. */
void run(const RoleWork& work) {
  Oid caller;
  int flags;
  GetUserIdAndSecContext(&caller, &flags);
  SetUserIdAndSecContext(work.role, flags | SECURITY_LOCAL_USERID_CHANGE |
                                        (work.restricted ? SECURITY_RESTRICTED_OPERATION : 0));
  work.run(work.argument);
  SetUserIdAndSecContext(caller, flags);
}

/* The error that is being handled, which the caller is not to see. */
const char* take_error(const RoleWork& work, int* code) {
  ErrorData* error = CopyErrorData();
  FlushErrorState();
  RollbackAndReleaseCurrentSubTransaction();
  if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && !work.stops_cancel) {
    ReThrowError(error);
  }
  if (code != nullptr) {
    *code = error->sqlerrcode;
  }
  return error->message != nullptr ? error->message : "unknown error";
}

}  // namespace

const char* run_as_role(const RoleWork& work, int* code) {
  MemoryContext context = CurrentMemoryContext;
  ResourceOwner resources = CurrentResourceOwner;
  const char* volatile problem = nullptr;
  BeginInternalSubTransaction(nullptr);
  MemoryContextSwitchTo(context);
  PG_TRY();
  {
    run(work);
    ReleaseCurrentSubTransaction();
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    problem = take_error(work, code);
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = resources;
  return problem;
}

Oid owner_of_relation(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) {
    return InvalidOid;
  }
  const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
  ReleaseSysCache(tuple);
  return owner;
}

}  // namespace simpg
