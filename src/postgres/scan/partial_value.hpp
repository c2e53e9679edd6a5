/*
 * partial_value.hpp -- a Partial as a value of SQL that is not serialized yet.
 *
 * A partial is bytea to SQL.  Between the scan that makes it and the aggregate that merges it there
 * need be no bytes: the scan hands out an expanded object, as PostgreSQL has them for arrays.  The
 * aggregate recognizes it and reads the Partial itself; whoever else looks at the value (a tuple, a
 * sort, a function of bytea) makes the server flatten it, and sees the serialized form.
 */
#pragma once

#include "boundary.hpp"

#include <cstdint>
#include <vector>

#include "summary/partial.hpp"

SIM_SERVER_BEGIN
#include <utils/expandeddatum.h>
SIM_SERVER_END

namespace simpg {

struct PartialValue {
  ExpandedObjectHeader header;
  Holder<sim::Partial>* partial;            // to be filled by the maker
  Holder<std::vector<std::uint8_t>>* flat;  // its bytes, once somebody asked
};

/* Without a Partial yet; it lives in the context and dies with it. */
PartialValue* make_partial_value(MemoryContext context);

/* Read-only: nobody may change the Partial. */
inline Datum datum_of(PartialValue* value) { return EOHPGetRODatum(&value->header); }

/* The Partial itself; null where the value is bytes. */
const sim::Partial* partial_of(Datum value);

}  // namespace simpg
