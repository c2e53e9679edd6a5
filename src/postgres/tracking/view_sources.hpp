/*
 * view_sources.hpp -- which tables and columns a view reads, through the views within it, and why a
 * change to what it gives might leave no trace in these tables.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* A table, partitioned table or materialized view. */
struct SourceTable {
  Oid relation;
  bool whole;     // all columns, by a whole row or a system column
  bool placed;    // what the query gives may depend on where rows lie, which any update changes
  List* columns;  // String nodes: names of those read, in the table's order; NIL: rows only
};

struct ViewSources {
  List* tables;        // SourceTable*, each once, through views
  List* named;         // oids of what the view's own query names: tables and views
  List* views;         // oids of the views within it, and of itself at last
  const char* hidden;  // what may change unseen, as a phrase; null: nothing
  bool by_places;      // the order in which rows come may decide what it gives
};

/* Requires: the view exists. */
ViewSources find_sources(Oid view);

/* The view's query with all names qualified. */
const char* qualified_query(Oid view);

/* The qualified names of what the view's own query names, as text[]. */
ArrayType* source_names(Oid view);

/* Their owners, as regrole[]. */
ArrayType* source_owners(Oid view);

/* "public.prices" */
const char* qualified_name(Oid relation);

/* What has that qualified name now; InvalidOid for nothing. Asks for no rights. */
Oid find_relation(const char* qualified);

}  // namespace simpg
