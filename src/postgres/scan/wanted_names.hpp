/*
 * wanted_names.hpp -- which outputs and scenarios a query can want of a function that gives all,
 * seen before rows are made.
 *
 * WHERE output = 'profit' is what most queries of a large model ask, and must not fail for another
 * output that cannot be computed.  The filter is the query's own and is still applied to every row.
 */
#pragma once

#include "postgres.hpp"

#include <span>

#include "scan/function_scan.hpp"
#include "store.hpp"

namespace simpg {

/*
 * The names (UTF-8, char*) that a column of the function, counted from 0, has in all rows that the
 * scan's filter lets through: those of a clause "column = name" or "column = ANY (names)".  NIL
 * where there is no such clause: any.
 */
List* find_wanted_names(CustomScanState* node, const FunctionScanParts& parts, int column);

/* The same, of names that stay the same while the query runs. */
List* find_fixed_names(CustomScanState* node, const FunctionScanParts& parts, int column);

/* NIL wants any. */
bool is_wanted(const List* names, const char* utf8);

/* By variable, whose names are as the server stores them; null: all. In the current memory context.
 */
const bool* wanted_variables(const List* names, std::span<const Datum> variables);

/* Lets the experiment compute those of the names alone that it would report. */
void want_outputs(StoredExperiment* stored, const List* names);

/* Whether it would report none of the names.  As bytes it is then of all outputs, as ever where
 * none is named. */
bool wants_nothing(const StoredExperiment& stored);

/* Leaves out scenarios of other names, but for the first `kept`; none where all would go. */
void want_scenarios(StoredExperiment* stored, const List* names, int kept);

}  // namespace simpg
