/*
 * held_relations.hpp -- what keeps the rows of tables in their files as long as somebody relies on
 * them.
 *
 * Some commands follow no snapshots.  TRUNCATE, REFRESH and whatever writes a table anew give it
 * another file: under a snapshot of before, too, the rows of the new file are what a query finds.
 * No query meets this twice in a transaction, for it holds a lock on all it reads until the
 * transaction ends.  So whoever gives out what was read before takes the same locks, and then
 * compares the files.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* Called once, when the module is loaded. */
void register_held_relations();

/* When locks were taken that are kept until the transaction ends. */
struct LocksTaken {
  LocalTransactionId transaction;
  uint64 rolled_back;  // subtransactions of this session, which give their locks back
};

LocksTaken take_locks_now();

/* Whether locks that were taken then are still held for certain. */
bool are_held(const LocksTaken& taken);

/* Locks tables and views as reading them does, until the transaction ends.  Waits for who changes
 * their definitions. */
void hold_relations(const Oid* relations, int count);

/* Whether this transaction may have changed one of them: it has locked it to write. Requires: they
 * are held. */
bool are_written(const Oid* relations, int count);

/* The same without those at the end that have no files: the views, which come after all tables. */
void hold_tables(const Oid* relations, const Oid* files, int count);

/* Their files, in the current memory context; 0 for what has none.  Requires: they are held. */
Oid* files_of(const Oid* relations, int count);

/* Locks one after the other, as long as they are there, in these files; whether all are.  What
 * comes after one that is not is left alone: somebody may hold it who waits for those before. */
bool hold_in_files(const Oid* relations, const Oid* files, int count);

}  // namespace simpg
