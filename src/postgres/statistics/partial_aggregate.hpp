/*
 * partial_aggregate.hpp -- how the query that a statistics function runs inside itself gets its
 * result: as it is, without going through bytes.
 */
#pragma once

#include "boundary.hpp"

#include "summary/partial.hpp"

namespace simpg {

/*
 * Makes the next sim.merge that ends in this backend put its result into the empty holder and
 * return NULL.  Null takes that back: to be called when the query ended in whatever way.
 */
void expect_merge_result(Holder<sim::Partial>* place);

}  // namespace simpg
