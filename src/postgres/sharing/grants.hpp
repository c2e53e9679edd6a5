/*
 * grants.hpp -- who owns models and runs, and who else was let in: the changes behind sim.grant,
 * sim.revoke and sim.set_owner.
 *
 * All raise 42704 for what the user does not see, 42501 for what he does not own.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* Whom it is about, and what: "read", "run" or "edit". */
struct Grant {
  Oid grantee;  // ACL_ID_PUBLIC: everybody
  const char* privilege;
};

void grant_model(const text* name, const Grant& grant);
void revoke_model(const text* name, const Grant& grant);
void set_model_owner(const text* name, Oid owner);

/* A run can only be read. */
void grant_run(int64 run, const Grant& grant);
void revoke_run(int64 run, const Grant& grant);
void set_run_owner(int64 run, Oid owner);

/* Raises 42501 unless the user is a member of the role that is to own something. */
void require_member(Oid owner);

}  // namespace simpg
