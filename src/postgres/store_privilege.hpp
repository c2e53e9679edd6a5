/*
 * store_privilege.hpp -- what the current user may do with a model that he sees.
 *
 * Row-level security decides who sees a model and whose changes are stored.  It cannot tell reading
 * a text from computing with it, and where it forbids a change it finds no row: so the functions
 * ask here, and say what is missing.
 */
#pragma once

#include "store.hpp"

namespace simpg {

/* Raises 42501 unless the user is a member of the owner or was granted `run` or `edit`: what a
 * model computes comes from data that its bindings read with the rights of others. */
void require_run(const StoredModel& model);

/* Raises 42501 unless the user is a member of the owner. */
void require_owner(const StoredModel& model);

/* Raises 42501: the user was not granted `edit`. */
[[noreturn]] void refuse_edit(const StoredModel& model);

}  // namespace simpg
