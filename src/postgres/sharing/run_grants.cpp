/*
 * run_grants.cpp -- grants on stored runs.
 */
#include "sharing/grants.hpp"

#include <cstring>

#include "fn_change.hpp"
#include "store_privilege.hpp"
#include "store_sql.hpp"

namespace simpg {

namespace {

SqlQuery find_owner = {
    "SELECT owner::pg_catalog.oid FROM sim.stored_runs WHERE run_id OPERATOR(pg_catalog.=) $1",
    false,
    1,
    {INT8OID}};

SqlQuery insert_grant = {
    "INSERT INTO sim.stored_run_grants (run_id, owner, grantee, granted_by)"
    " SELECT run_id, owner, $2, $3 FROM sim.stored_runs WHERE run_id OPERATOR(pg_catalog.=) $1"
    " ON CONFLICT DO NOTHING",
    true,
    3,
    {INT8OID, REGROLEOID, REGROLEOID}};

SqlQuery delete_grant = {
    "DELETE FROM sim.stored_run_grants"
    " WHERE run_id OPERATOR(pg_catalog.=) $1 AND grantee OPERATOR(pg_catalog.=) $2",
    true,
    2,
    {INT8OID, REGROLEOID}};

SqlQuery change_owner = {
    "UPDATE sim.stored_runs SET owner = $2 WHERE run_id OPERATOR(pg_catalog.=) $1",
    true,
    2,
    {INT8OID, REGROLEOID}};

/* InvalidOid for a run that the user does not see. */
Oid owner_of(int64 run) {
  open_sql();
  const Datum arguments[] = {Int64GetDatum(run)};
  const Oid owner = run_sql(find_owner, arguments) == 1 ? sql_oid(0, 1) : InvalidOid;
  close_sql();
  return owner;
}

void require_own(int64 run) {
  const Oid owner = owner_of(run);
  if (!OidIsValid(owner)) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("run " INT64_FORMAT " does not exist", run),
             errhint("View sim.runs lists the runs you may see.")));
  }
  if (!acts_as(owner)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("must be owner of run " INT64_FORMAT, run),
                    errowner(owner, psprintf("run:" INT64_FORMAT, run))));
  }
}

void require_read(const Grant& grant) {
  if (strcmp(grant.privilege, "read") != 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("a run cannot be granted for %s", grant.privilege),
                    errhint("Who has read sees the run and all that is stored of it.")));
  }
}

void change_own(int64 run, SqlQuery& query, const Datum* arguments) {
  begin_change();
  require_own(run);
  open_sql();
  run_sql(query, arguments);
  close_sql();
  end_change();
}

}  // namespace

void grant_run(int64 run, const Grant& grant) {
  require_read(grant);
  const Datum arguments[] = {Int64GetDatum(run), ObjectIdGetDatum(grant.grantee),
                             ObjectIdGetDatum(GetUserId())};
  change_own(run, insert_grant, arguments);
}

void revoke_run(int64 run, const Grant& grant) {
  require_read(grant);
  const Datum arguments[] = {Int64GetDatum(run), ObjectIdGetDatum(grant.grantee)};
  change_own(run, delete_grant, arguments);
}

void set_run_owner(int64 run, Oid owner) {
  begin_change();
  require_own(run);
  end_change();
  require_member(owner);
  const Datum arguments[] = {Int64GetDatum(run), ObjectIdGetDatum(owner)};
  change_own(run, change_owner, arguments);
}

}  // namespace simpg
