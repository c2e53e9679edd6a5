/*
 * rebind.hpp -- makes bindings again whose tables are back, or are others of the name.
 */
#pragma once

#include "postgres.hpp"

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

}  // namespace simpg
