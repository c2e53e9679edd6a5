/*
 * store_repeatable.hpp -- tells which queries give the same rows whenever they are run under the
 * same snapshot.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/*
 * True when the view's query, and those of views within it, call immutable functions only and read
 * nothing but tables, partitions and materialized views without row-level security.  False for
 * foreign tables, sequences, system catalogs and samples of tables: they may change where no
 * snapshot does.
 */
bool is_repeatable(Oid view);

}  // namespace simpg
