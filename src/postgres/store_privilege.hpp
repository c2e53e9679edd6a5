/*
 * store_privilege.hpp -- what the current user may do with a model: as a member of its owner, or
 * because it was granted.
 *
 * Row-level security asks here who sees a model and whose changes are stored.  It cannot tell
 * reading a text from computing with it, and where it forbids a change it finds no row: so
 * functions ask here too, and say what is missing.
 */
#pragma once

#include "store.hpp"

namespace simpg {

/* Each includes those before it. */
enum class Privilege { read, run, edit };

/*
 * Whether the user has the privilege, or all as a member of the owner; false for a model that does
 * not exist.  Looks into the tables under the active snapshot and no policy, and tells only about
 * the user himself.
 */
bool may(int32 model_id, Privilege privilege);

/* Whether somebody who does not own the run was let in. */
bool was_granted_run(int64 run_id);

/* Raises 42501 unless the user may run the model: what it computes comes from data that its
 * bindings read with the rights of others. */
void require_run(const StoredModel& model);

/* Whether the user may change what belongs to the model. */
bool may_edit(const StoredModel& model);

/* Raises 42501 unless the user is a member of the owner. */
void require_owner(const StoredModel& model);

/* May the user do with what the role owns what the owner may? */
bool acts_as(Oid owner);

/* For ereport: adds, where the role was dropped, that it is gone and how another becomes the owner
 * of the object, which is named as sim.set_owner takes it. */
int errowner(Oid owner, const char* object);

/* Raises 42501: the user was not granted `edit`. */
[[noreturn]] void refuse_edit(const StoredModel& model);

}  // namespace simpg
