/*
 * lock_view.cpp -- sim.lock_result_view: one refresh of a result view at a time.
 *
 * The lock is one of the server's own on an object, of the number that the result view has in
 * sim.stored_result_views.  Advisory locks anybody may take, whether or not he may touch the view,
 * and so hold up the writers of its tables.
 */
#include "boundary.hpp"
#include "store_relation.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <miscadmin.h>
#include <storage/lock.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery find_view = {"SELECT FROM sim.stored_result_views WHERE view_id OPERATOR(pg_catalog.=) $1",
                      false,
                      1,
                      {INT4OID}};

/* Row-level security shows everybody his own. */
void require_own_view(int32 view) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(view)};
  const bool found = run_sql(find_view, arguments) == 1;
  close_sql();
  if (!found) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                    errmsg("the result view does not exist, or was dropped meanwhile"),
                    errhint("View sim.result_views lists the result views.")));
  }
}

/* Until the transaction ends. */
bool lock(int32 view, bool waits) {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, own_relation("stored_result_views"), static_cast<Oid>(view),
                     0);
  return LockAcquire(&tag, ExclusiveLock, false, !waits) != LOCKACQUIRE_NOT_AVAIL;
}

}  // namespace

}  // namespace simpg

/* sim.lock_result_view(view_id, waits) */
SIM_FUNCTION(sim_lock_result_view) {
  const int32 view = PG_GETARG_INT32(0);
  simpg::require_own_view(view);
  PG_RETURN_BOOL(simpg::lock(view, PG_GETARG_BOOL(1)));
}
