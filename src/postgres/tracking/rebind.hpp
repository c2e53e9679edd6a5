/*
 * rebind.hpp -- makes bindings again whose tables are back, or are others of the name.
 */
#pragma once

#include "postgres.hpp"

#include "store_binding.hpp"

namespace simpg {

/*
 * Makes those of the database's bindings again that are broken and could be whole: all that their
 * queries name is there.  `names` are qualified names of tables and views that were made or
 * renamed, as C strings; NIL stands for all.  Each is made with the rights of its owner, wherever
 * the tables are the current user's; one that cannot be made stays broken, with a warning.
 */
void rebind_broken(List* names);

/* Runs the work in a subtransaction; an error, but for a cancel, becomes a warning that begins with
 * `what`. False after an error. */
bool attempt(const char* what, void (*work)(void*), void* argument);

/*
 * Locks what the binding reads, before it is read.  Where its view is gone because it was made
 * again since the active snapshot was taken, the binding gets the view that it has now: a query,
 * too, reads the table that has the name now.
 */
void follow_binding(int32 model_id, BindingRow* binding);

}  // namespace simpg
