/*
 * view_rights.hpp -- whether the rights with which a binding's query runs are enough for it.
 *
 * The server asks for them when the query runs.  Here they are asked of the catalogs alone, so that
 * a view of all bindings costs no reading of rows.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/*
 * Null, or what the server would say when the view is read with the rights of its owner: the first
 * table, view or function, also of the views within it, that may not be used, as in "permission
 * denied for table prices".  The schemas of what a view names are not asked: the server does not,
 * once the view is there.
 *
 * Requires: the view exists.
 */
const char* why_denied(Oid view);

}  // namespace simpg
