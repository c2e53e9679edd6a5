/*
 * store_relation.hpp -- relations by number: the extension's own ones by their names, and owners.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* The table or index of schema sim that has the name; InvalidOid when there is none.  Where the
 * schema itself is missing, raises 3F000 unless `missing_ok`. */
Oid own_relation(const char* name, bool missing_ok = false);

/* The role that owns a relation; InvalidOid when it is gone. */
Oid owner_of_relation(Oid relation);

}  // namespace simpg
