/*
 * variable_filter.hpp -- which variables a query can want, seen before rows are made.
 *
 * WHERE variable = 'total' is what most queries of a large model ask.  The filter is the query's
 * own and is still applied to every row that is left; this only spares making the others.
 */
#pragma once

#include "postgres.hpp"

#include <span>

#include "scan/function_scan.hpp"

namespace simpg {

/* The constant of a clause "column = constant" of the scan's filter, the column being that of the
 * function, from 0; null where there is none. */
const text* find_wanted_name(const CustomScanState* node, const FunctionScanParts& parts,
                             int column);

/* By variable, in the current memory context; null for no name: all. */
const bool* wanted_variables(const text* name, std::span<const Datum> names);

}  // namespace simpg
