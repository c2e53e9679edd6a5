/*
 * wanted_names.hpp -- which outputs or variables a query can want, seen before anything is
 * computed.
 *
 * WHERE output = 'total' and WHERE output IN ('total', 'co2') are what most queries of a large
 * model ask.  The filter is the query's own and is still applied to every row that is left; this
 * only spares making the others.
 */
#pragma once

#include "postgres.hpp"

#include <span>

#include "scan/function_scan.hpp"

namespace simpg {

/* Of the server's encoding, without repetition being ruled out. */
struct WantedNames {
  int count;
  const text* const* names;
};

/* What a clause "column = value" or "column = ANY (values)" of the scan's filter lets through, the
 * column being that of the function, from 0, and the values being known before the query runs;
 * null where there is no such clause. In the current memory context. */
const WantedNames* find_wanted_names(CustomScanState* node, const FunctionScanParts& parts,
                                     int column);

bool is_wanted(const WantedNames& wanted, const text* name);

/* By variable, in the current memory context; null for no names: all. */
const bool* wanted_variables(const WantedNames* wanted, std::span<const Datum> names);

}  // namespace simpg
