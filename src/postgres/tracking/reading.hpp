/*
 * reading.hpp -- the rows of a binding as they were read once, and whether they still are what a
 * new reading would give.
 */
#pragma once

#include "postgres.hpp"

#include "store_binding.hpp"
#include "tracking/seen_transactions.hpp"

namespace simpg {

struct Reading {
  MemoryContext context;  // of all of it
  const char* name;       // of the binding, in the database's encoding
  Oid view;
  StoredTable table;  // values are null where only digests are at hand
  bool of_writer;     // read by a transaction that may have changed it, and may yet be rolled back
  bool tracked;       // what follows tells whether it holds
  SeenTransactions seen;
  int relation_count;
  Oid* relations;  // tables and views whose changes end it
  Oid* files;      // that these had
};

/* Reads the rows, in a context of their own below the parent. Raises what read_binding raises. */
Reading* read_rows(MemoryContext parent, const BindingTarget& target, const BindingRow& binding);

/*
 * Whether reading the binding's view under the active snapshot would give the same: no change is
 * visible that was not visible then, no definition has changed, and all tables are in the same
 * files.  From then on they are locked as if they had been read, so that it stays so until the
 * transaction ends.  False where that cannot be told: changes may go unseen, the transaction may
 * have changed one of the tables, or it is serializable and must read itself.
 */
bool still_holds(const Reading* reading, Oid view);

}  // namespace simpg
