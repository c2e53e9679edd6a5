/*
 * change_triggers.hpp -- the statement triggers that record changes of a table.
 *
 * A table that is read has up to four: for INSERT, DELETE, TRUNCATE and UPDATE OF the columns that
 * bindings read.  A trigger of a statement fires for the table that the statement names, so all
 * that may bring rows into a table or take them from it have the triggers: its parents and its
 * children, in partitioning and inheritance alike.  They fire always, also where
 * session_replication_role says replica.
 */
#pragma once

#include "postgres.hpp"

#include "tracking/view_sources.hpp"

namespace simpg {

/* Makes and widens triggers so that no statement can, on those of the related tables where the
 * current user may. */
void place_triggers(const SourceTable& source);

/* The same for all tables of a view; none where changes may go unseen anyway. */
void place_source_triggers(const ViewSources& sources);

/* When the table has come to relatives, or triggers are enabled: what its relatives' triggers
 * record, the table's do too, and fire always.  Triggers that somebody has disabled stay so. */
void spread_triggers(Oid table);

/* When the table has got a trigger of somebody's: where that may change rows before they are
 * stored, updates of all columns are recorded. */
void widen_updates(Oid table);

/* Drops and narrows the triggers of related tables to what bindings still need, where the current
 * user owns the table. */
void remove_idle_triggers(Oid table);

/* The tables of a binding's view, NIL where it is gone; and, once the view is dropped, the end of
 * their triggers where nothing else needs them. */
List* binding_tables(Oid view);
void release_tables(List* tables);

/* Views of bindings that read one of the tables. */
List* dependent_bindings(List* tables);

}  // namespace simpg
