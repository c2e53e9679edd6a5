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
  /* Where the own transaction has written: what it sees of itself. */
  bool written;
  LocalTransactionId transaction;
  SubTransactionId subtransaction;
  CommandId command;
};

/* That of the active snapshot, in the memory context; unknown where it cannot be compared. */
SnapshotStamp stamp_snapshot(MemoryContext context);

/* Whether the active snapshot sees what the stamped one saw. */
bool sees_the_same(const SnapshotStamp& stamp);

}  // namespace simpg
