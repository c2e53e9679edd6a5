/*
 * fn_grant.cpp -- sim.grant, sim.revoke and sim.set_owner.
 */
#include "sharing/grants.hpp"

#include <cstring>

#include "boundary.hpp"
#include "row_writer.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <utils/acl.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The role of that name, or of that number: a role that was dropped has no name. */
Oid read_role(const text* given) {
  const char* name = require_text(given, "role");
  const Oid role = DatumGetObjectId(DirectFunctionCall1(regrolein, CStringGetDatum(name)));
  if (!OidIsValid(role)) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("role \"%s\" does not exist", name)));
  }
  return role;
}

Oid read_existing_role(const text* given) {
  const Oid role = read_role(given);
  if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role))) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("role with OID %u does not exist", role)));
  }
  return role;
}

bool is_public(const text* given) {
  return pg_strcasecmp(require_text(given, "role"), "public") == 0;
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

/* True for run:17. A model of such a name is written in double quotes. */
bool read_run(const text* object, int64* run) {
  const char* name = require_text(object, "object");
  if (strncmp(name, "run:", 4) != 0) {
    return false;
  }
  *run = DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(name + 4)));
  return true;
}

void grant(const text* object, const text* role, const text* privilege) {
  const Grant granted = {is_public(role) ? ACL_ID_PUBLIC : read_existing_role(role),
                         read_privilege(privilege)};
  int64 run;
  if (read_run(object, &run)) {
    grant_run(run, granted);
  } else {
    grant_model(object, granted);
  }
}

void revoke(const text* object, const text* role, const text* privilege) {
  const Grant revoked = {is_public(role) ? ACL_ID_PUBLIC : read_role(role),
                         read_privilege(privilege)};
  int64 run;
  if (read_run(object, &run)) {
    revoke_run(run, revoked);
  } else {
    revoke_model(object, revoked);
  }
}

void set_owner(const text* object, const text* role) {
  const Oid owner = read_existing_role(role);
  int64 run;
  if (read_run(object, &run)) {
    set_run_owner(run, owner);
  } else {
    set_model_owner(object, owner);
  }
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

/* sim.set_owner(object, role) */
SIM_FUNCTION(sim_set_owner) {
  simpg::set_owner(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1));
  PG_RETURN_VOID();
}
