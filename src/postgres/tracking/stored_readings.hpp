/*
 * stored_readings.hpp -- what readings gave, without the rows: sim.stored_readings.
 *
 * A session that has read nothing yet finds here what names the results of a model, as long as the
 * tables have not changed.  Rows are written by this code alone, from what it has read: nobody can
 * store digests of rows that were not there.
 */
#pragma once

#include "tracking/reading.hpp"

namespace simpg {

/* A reading of the binding that still holds, in a context of its own below the parent; null for
 * none.  It has its values only where there is one row. */
Reading* find_stored_reading(MemoryContext parent, int32 model, int32 version,
                             const BindingRow& binding);

/* Stores a reading that is tracked, in place of those before it. */
void store_reading(int32 model, int32 version, const Reading& reading);

}  // namespace simpg
