/*
 * fn_grant.cpp -- sim.grant, sim.revoke and sim.set_owner.
 */
#include "fn_change.hpp"

#include <cstring>

#include "boundary.hpp"
#include "row_writer.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_authid.h>
#include <utils/acl.h>
#include <utils/syscache.h>
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

/* The role of that name, or of that number: a role that was dropped has no name. */
Oid read_role(const text* given, const char* argument) {
  const char* name = require_text(given, argument);
  const Oid role = DatumGetObjectId(DirectFunctionCall1(regrolein, CStringGetDatum(name)));
  if (!OidIsValid(role)) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("role \"%s\" does not exist", name)));
  }
  return role;
}

Oid read_grantee(const text* given) {
  const bool is_public =
      given != nullptr && pg_strcasecmp(require_text(given, "role"), "public") == 0;
  return is_public ? ACL_ID_PUBLIC : read_role(given, "role");
}

void require_existing(Oid role) {
  if (role != ACL_ID_PUBLIC && !SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role))) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("role with OID %u does not exist", role)));
  }
}

const char* read_privilege(const text* given) {
  const char* privilege = require_text(given, "privilege");
  for (const char* known : {"read", "run", "edit"}) {
    if (strcmp(privilege, known) == 0) {
      return known;
    }
  }
  ereport(ERROR,
          (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown privilege \"%s\"", privilege),
           errhint("Privileges are read, run, which includes read, and edit, which includes "
                   "both.")));
  pg_unreachable();
}

void grant(const text* object, const text* role, const text* given) {
  const char* privilege = read_privilege(given);
  const Oid grantee = read_grantee(role);
  require_existing(grantee);
  const StoredModel model = begin_owner_change(object);
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), ObjectIdGetDatum(grantee),
                             CStringGetTextDatum(privilege), ObjectIdGetDatum(GetUserId())};
  run_sql(insert_grant, arguments);
  close_sql();
  end_change();
}

void revoke(const text* object, const text* role, const text* given) {
  const char* privilege = read_privilege(given);
  const Oid grantee = read_grantee(role);
  const StoredModel model = begin_owner_change(object);
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), ObjectIdGetDatum(grantee),
                             CStringGetTextDatum(privilege)};
  run_sql(delete_grants, arguments);
  close_sql();
  end_change();
}

void set_owner(const text* name, const text* role) {
  const Oid owner = read_role(role, "role");
  require_existing(owner);
  const StoredModel model = begin_owner_change(name);
  if (!is_member_of_role(GetUserId(), owner)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("must be member of role \"%s\"", GetUserNameFromId(owner, false))));
  }
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), ObjectIdGetDatum(owner)};
  run_sql(change_owner, arguments);
  close_sql();
  end_change();
}

}  // namespace

}  // namespace simpg

/* sim.grant(object, role, privilege) */
SIM_FUNCTION(sim_grant) {
  simpg::grant(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
               simpg::text_argument(fcinfo, 2));
  PG_RETURN_VOID();
}

/* sim.revoke(object, role, privilege) */
SIM_FUNCTION(sim_revoke) {
  simpg::revoke(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
                simpg::text_argument(fcinfo, 2));
  PG_RETURN_VOID();
}

/* sim.set_owner(model, role) */
SIM_FUNCTION(sim_set_owner) {
  simpg::set_owner(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1));
  PG_RETURN_VOID();
}
