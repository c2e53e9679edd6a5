/*
 * subtransaction.cpp -- an internal subtransaction around a piece of work.
 */
#include "subtransaction.hpp"

SIM_SERVER_BEGIN
#include <utils/resowner.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The error that is being handled, which the caller is not to see. */
const char* take_error(const ContainedWork& work, int* code) {
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

const char* run_contained(const ContainedWork& work, int* code) {
  MemoryContext context = CurrentMemoryContext;
  ResourceOwner resources = CurrentResourceOwner;
  const char* volatile problem = nullptr;
  BeginInternalSubTransaction(nullptr);
  MemoryContextSwitchTo(context);
  PG_TRY();
  {
    work.run(work.argument);
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

}  // namespace simpg
