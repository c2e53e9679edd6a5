/*
 * model_grants.cpp -- grants on models.
 */
#include "sharing/grants.hpp"

#include "fn_change.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <utils/acl.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery insert_grant = {
    "INSERT INTO sim.stored_grants (model_id, grantee, privilege, granted_by)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    true,
    4,
    {INT4OID, REGROLEOID, TEXTOID, REGROLEOID}};

/* Without a privilege nobody keeps those that include it. */
SqlQuery delete_grants = {
    "DELETE FROM sim.stored_grants"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 AND grantee OPERATOR(pg_catalog.=) $2"
    " AND pg_catalog.array_position('{read,run,edit}'::pg_catalog.text[], privilege)"
    " OPERATOR(pg_catalog.>=)"
    " pg_catalog.array_position('{read,run,edit}'::pg_catalog.text[], $3)",
    true,
    3,
    {INT4OID, REGROLEOID, TEXTOID}};

SqlQuery change_owner = {
    "UPDATE sim.stored_models SET owner = $2 WHERE model_id OPERATOR(pg_catalog.=) $1",
    true,
    2,
    {INT4OID, REGROLEOID}};

/* Runs a change of the owner's whose first argument is the number of the model. */
void change_own(const text* name, SqlQuery& query, Datum* arguments) {
  arguments[0] = Int32GetDatum(begin_owner_change(name).id);
  open_sql();
  run_sql(query, arguments);
  close_sql();
  end_change();
}

}  // namespace

void grant_model(const text* name, const Grant& grant) {
  Datum arguments[] = {0, ObjectIdGetDatum(grant.grantee), CStringGetTextDatum(grant.privilege),
                       ObjectIdGetDatum(GetUserId())};
  change_own(name, insert_grant, arguments);
}

void revoke_model(const text* name, const Grant& grant) {
  Datum arguments[] = {0, ObjectIdGetDatum(grant.grantee), CStringGetTextDatum(grant.privilege)};
  change_own(name, delete_grants, arguments);
}

void set_model_owner(const text* name, Oid owner) {
  begin_owner_change(name);
  end_change();
  require_member(owner);
  Datum arguments[] = {0, ObjectIdGetDatum(owner)};
  change_own(name, change_owner, arguments);
}

void require_member(Oid owner) {
  if (!is_member_of_role(GetUserId(), owner)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("must be member of role \"%s\"", GetUserNameFromId(owner, false))));
  }
}

}  // namespace simpg
