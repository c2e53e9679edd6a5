/*
 * store_reading.hpp -- the rows that a binding supplies, or why it supplies none.
 */
#pragma once

#include "postgres.hpp"

#include "store_binding.hpp"
#include "tracking/reading.hpp"

namespace simpg {

/* In a context of its own below the parent, of the view that the binding of the model has now.  A
 * fault of the binding is what the reading has in the place of rows; errors of circumstance are
 * raised. */
Reading* read_binding_now(MemoryContext parent, int32 model, const BindingTarget& target,
                          const BindingRow& binding);

/* Whether the same snapshot reads the same.  What became of a view that has a fault may be seen
 * only by looking for it again. */
bool reads_repeatably(const Reading& reading);

}  // namespace simpg
