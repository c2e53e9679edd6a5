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
ErrorData* take_error(const ContainedWork& work) {
  ErrorData* error = CopyErrorData();
  FlushErrorState();
  RollbackAndReleaseCurrentSubTransaction();
  if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && !work.stops_cancel) {
    ReThrowError(error);
  }
  return error;
}

}  // namespace

ErrorData* contain_error(const ContainedWork& work) {
  MemoryContext context = CurrentMemoryContext;
  ResourceOwner resources = CurrentResourceOwner;
  ErrorData* volatile error = nullptr;
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
    error = take_error(work);
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = resources;
  return error;
}

const char* run_contained(const ContainedWork& work, int* code) {
  const ErrorData* error = contain_error(work);
  if (error == nullptr) {
    return nullptr;
  }
  if (code != nullptr) {
    *code = error->sqlerrcode;
  }
  return error->message != nullptr ? error->message : "unknown error";
}

}  // namespace simpg
