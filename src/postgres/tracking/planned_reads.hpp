/*
 * planned_reads.hpp -- locks the tables of models when a statement that asks for them is planned.
 *
 * A query locks the tables that it names before its snapshot is taken: whoever waits for a TRUNCATE
 * to end then sees the rows that came after it.  A function that waits while the query runs has the
 * snapshot of before, under which a table that was truncated is empty.  So where the arguments of
 * our functions are constants, the tables that this session has read for the model are locked, and
 * waited for, when the planner meets them.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* That what the result view shows now was found from the model that the session has used last. */
void note_result_model(Oid relation);

void register_planned_reads();

}  // namespace simpg
