/*
 * fn_binding_view.hpp -- makes a view of a query that a user gives as text.
 *
 * The query's names are resolved along the caller's search_path, once: the view holds them
 * resolved.  The view also carries the whole order of its rows, by the query's ORDER BY and then by
 * all columns, so that reading it twice gives the same rows in the same places.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

struct MadeView {
  Oid view;
  bool ordered;  // the query had an ORDER BY
};

/*
 * Makes the view in schema sim_bindings, owned by the current user.  Both names only serve to name
 * it readably. Raises 42601 for anything but one SELECT, 0A000 for a query that locks rows, changes
 * data, calls a volatile function, or reads a temporary table, and what the server says about the
 * query, with the place in it.
 */
MadeView make_binding_view(const char* model, const char* name, const char* query);

/* Raises what make_binding_view would raise for the query, and makes nothing. */
void check_binding_query(const char* name, const char* query);

/* Gives a view made so another query with columns of the same names and types; it stays the same
 * view to whoever is about to read it. Raises 42P16 for other columns. */
void replace_binding_view(Oid view, const char* name, const char* query);

}  // namespace simpg
