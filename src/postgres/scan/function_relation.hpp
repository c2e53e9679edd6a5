/*
 * function_relation.hpp -- a function in FROM that a CustomScan may replace, and which of its
 * columns a query reads.
 */
#pragma once

#include "postgres.hpp"

SIM_SERVER_BEGIN
#include <nodes/parsenodes.h>
#include <nodes/pathnodes.h>
SIM_SERVER_END

namespace simpg {

/* The call that the relation consists of; null where it is more than one call, WITH ORDINALITY, or
 * no plain call. */
RangeTblFunction* single_call(const RangeTblEntry* entry);

/* Whether a query reads the row as a whole, which a scan of single columns does not have. */
bool reads_whole_row(const RelOptInfo* relation);

/*
 * Numbers, from 1, of the columns, 1 to `count`, that the query and these quals read; ascending.
 * The target list that a plan is made with does not tell: the planner may put another in its place
 * afterwards.
 */
List* columns_read(const RelOptInfo* relation, List* quals, int count);

/* The rows of a scan that has the columns in the list: what custom_scan_tlist needs. `types` holds
 * those of all columns. */
List* describe_rows(const RelOptInfo* relation, const List* columns, const Oid* types);

/* What the executor asks before it runs a function, and a scan in its place must: raises 42501. */
void require_execute(Oid function);

}  // namespace simpg
