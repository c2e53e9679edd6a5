/*
 * variable_filter.hpp -- which variables a query can want, seen before rows are made.
 *
 * WHERE variable = 'total' is what most queries of a large model ask.  The filter is the query's
 * own and is still applied to every row that is left; this only spares making the others.
 */
#pragma once

#include "postgres.hpp"

#include <span>

SIM_SERVER_BEGIN
#include <nodes/extensible.h>
SIM_SERVER_END

namespace simpg {

/* A clause "column = constant" of a scan. */
struct VariableFilter {
  const text* name;
};

/* Of the column of the function, from 0; null where the scan's filter has no such clause. */
VariableFilter* find_filter(const CustomScanState* node, int column);

/* By variable, in the current memory context; null for no filter: all. */
const bool* wanted_variables(const VariableFilter* filter, std::span<const Datum> names);

}  // namespace simpg
