/*
 * store_privilege.cpp -- asks who the user is and what was granted to him.
 */
#include "store_privilege.hpp"

#include "store_sql.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_authid.h>
#include <miscadmin.h>
#include <utils/acl.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The policies show the grants of the user, and of models that he owns all. */
SqlQuery find_run_grant = {
    "SELECT FROM sim.stored_grants WHERE model_id OPERATOR(pg_catalog.=) $1"
    " AND privilege OPERATOR(pg_catalog.=) ANY ('{run,edit}'::pg_catalog.text[]) LIMIT 1",
    false,
    1,
    {INT4OID}};

/* Whoever row-level security does not hold for may do to the tables what an owner may. */
bool is_owner(const StoredModel& model) {
  return is_member_of_role(GetUserId(), model.owner) || has_bypassrls_privilege(GetUserId());
}

bool was_granted_run(const StoredModel& model) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id)};
  const bool found = run_sql(find_run_grant, arguments) > 0;
  close_sql();
  return found;
}

[[noreturn]] void refuse(const StoredModel& model, const char* privilege) {
  const char* name = from_utf8(model.name);
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                  errmsg("permission denied for model \"%s\"", name),
                  errdetail("This needs privilege %s.", privilege),
                  errhint("Its owner grants it: SELECT sim.grant('%s', '%s', '%s');", name,
                          GetUserNameFromId(GetUserId(), false), privilege)));
  pg_unreachable();
}

}  // namespace

void require_run(const StoredModel& model) {
  if (!is_owner(model) && !was_granted_run(model)) {
    refuse(model, "run");
  }
}

void require_owner(const StoredModel& model) {
  if (!is_owner(model)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("must be owner of model \"%s\"", from_utf8(model.name))));
  }
}

void refuse_edit(const StoredModel& model) { refuse(model, "edit"); }

}  // namespace simpg
