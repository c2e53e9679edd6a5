/*
 * change_log.hpp -- sim.stored_changes: which transaction changed which table that bindings read.
 *
 * Rows are only ever added, by this code and not by the rights of whoever changes a table, so that
 * writers need no rights on the log and nobody can write what did not happen.  A row commits with
 * the change it tells of: a snapshot sees either both or none.  So nothing that was read of a table
 * has changed as long as no row is visible that was not visible then.
 */
#pragma once

#include "tracking/seen_transactions.hpp"

namespace simpg {

/* Called once, when the module is loaded. */
void register_change_log();

/* Stands in the log for definitions: tables, views, functions, triggers, rights. */
inline constexpr Oid kDefinitions = InvalidOid;

/* Adds a row for the relation, unless this transaction has added one that commits whenever what is
 * done now does. */
void record_change(Oid relation, const char* command);

/* Whether this transaction may have recorded a change of definitions, of one of the relations or of
 * what they are not told apart from. */
bool changes_definitions(const Oid* relations, int count);

/*
 * Whether what was read of the relations under `then` may read differently under the active
 * snapshot, `now`, because of a change to one of them or to a definition.  Definitions count as
 * soon as they are committed, whatever the snapshot sees: so do queries take them.  Requires: `now`
 * sees all that `then` saw (sees_all_of), and the transaction is not changing rows of them.
 */
bool has_changed(const SeenTransactions& then, const SeenTransactions& now, const Oid* relations,
                 int count);

}  // namespace simpg
