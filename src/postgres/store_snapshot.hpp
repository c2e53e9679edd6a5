/*
 * store_snapshot.hpp -- tells whether the database can look different from what it was.
 *
 * Two snapshots that list the same transactions as running and the same as still to come see the
 * same rows of every table, whoever takes them and when, as long as the own transaction has written
 * nothing.  What was read under the one then holds under the other.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* The contents of a snapshot; all zero: equal to none. */
struct SnapshotStamp {
  bool known;
  TransactionId xmin;
  TransactionId xmax;
  uint32 count;
  TransactionId* running;
  LocalTransactionId transaction;  // of this session
  /* Where the own transaction has written: what it sees of itself. */
  bool written;
  SubTransactionId subtransaction;
  CommandId command;
  int64 scan;
};

/* That of the active snapshot, in the memory context; unknown where it cannot be compared. `scan`
 * is the number of the scan that reads under it, 0 for none. */
SnapshotStamp stamp_snapshot(MemoryContext context, int64 scan);

/* Whether the active snapshot, under which `scan` is about to read, sees what the stamped one saw,
 * and the transaction need not read it itself. */
bool sees_the_same(const SnapshotStamp& stamp, int64 scan);

}  // namespace simpg
