/*
 * recording.hpp -- what the triggers of a table record of its changes, and what they must.
 */
#pragma once

#include "postgres.hpp"

#include "tracking/view_sources.hpp"

namespace simpg {

/* Updates of some columns, String nodes, or of all. */
struct Updates {
  bool whole;
  List* columns;
};

/* What is recorded of a table: all its triggers together. */
struct Recording {
  bool needed;       // the table is one that can have triggers
  bool rows_change;  // other triggers may change rows before they are stored
  bool inserts;
  bool deletes;
  bool truncates;
  Updates updates;
  Updates asleep;  // of those that do not fire always
  int found;       // triggers, whether they fire or not
  int disabled;
};

/* What the triggers of the table record. Requires: a lock on the table. */
Recording read_recording(Oid table);

/* The table's parents, of any degree, locked against changes of their definitions. */
List* parent_tables(Oid table);

/* The table, its parents and its children, of any degree; all locked against changes of their
 * definitions. */
List* related_tables(Oid table);

/* The columns that the table has; a parent may lack those that a child has added. */
List* own_columns(Oid table, List* columns);

/* An update of any column may move a row to another partition, or to another place among the rows.
 * A trigger before the row may change columns that the statement does not name, be it a row of a
 * child. */
Updates want(const SourceTable& source, List* tables);

bool is_enough(Oid table, const Recording& recording, const Updates& wanted);

/* Why statements could change what is read of the table without a trace; null: none can. */
const char* find_missing_trigger(const SourceTable& source);

}  // namespace simpg
