/*
 * store_snapshot.cpp -- compares snapshots by their contents.
 */
#include "store_snapshot.hpp"

#include <algorithm>

SIM_SERVER_BEGIN
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* On a standby running transactions are listed elsewhere, and the list may be cut short. */
bool is_comparable(Snapshot snapshot) {
  return snapshot->snapshot_type == SNAPSHOT_MVCC && !snapshot->takenDuringRecovery;
}

/* A serializable transaction must read itself: what it has read decides whether it may commit. */
bool must_read(const SnapshotStamp& stamp) {
  return IsolationIsSerializable() && stamp.transaction != local_transaction();
}

bool has_written() { return TransactionIdIsValid(GetTopTransactionIdIfAny()); }

/*
 * A transaction that has written sees its own commands before this one, unless they were rolled
 * back since: that ends a subtransaction.  A command before this one may still be at work, where
 * this one is that of a trigger or function it calls, and nothing in the snapshot tells how far it
 * is.  While one scan gives its rows, it waits.
 */
bool same_writer(const SnapshotStamp& stamp, Snapshot snapshot, int64 scan) {
  return scan != 0 && stamp.scan == scan && stamp.transaction == local_transaction() &&
         stamp.subtransaction == GetCurrentSubTransactionId() && stamp.command == snapshot->curcid;
}

}  // namespace

SnapshotStamp stamp_snapshot(MemoryContext context, int64 scan) {
  SnapshotStamp stamp = {};
  if (!ActiveSnapshotSet() || !is_comparable(GetActiveSnapshot())) {
    return stamp;
  }
  Snapshot snapshot = GetActiveSnapshot();
  stamp.known = true;
  stamp.xmin = snapshot->xmin;
  stamp.xmax = snapshot->xmax;
  stamp.count = snapshot->xcnt;
  stamp.running = static_cast<TransactionId*>(
      MemoryContextAlloc(context, sizeof(TransactionId) * (snapshot->xcnt + 1)));
  std::copy_n(snapshot->xip, snapshot->xcnt, stamp.running);
  stamp.written = has_written();
  stamp.transaction = local_transaction();
  stamp.subtransaction = GetCurrentSubTransactionId();
  stamp.command = snapshot->curcid;
  stamp.scan = scan;
  return stamp;
}

bool sees_the_same(const SnapshotStamp& stamp, int64 scan) {
  if (!stamp.known || must_read(stamp) || !ActiveSnapshotSet() ||
      !is_comparable(GetActiveSnapshot())) {
    return false;
  }
  Snapshot snapshot = GetActiveSnapshot();
  if (stamp.xmin != snapshot->xmin || stamp.xmax != snapshot->xmax ||
      !std::equal(stamp.running, stamp.running + stamp.count, snapshot->xip,
                  snapshot->xip + snapshot->xcnt)) {
    return false;
  }
  if (stamp.written || has_written()) {
    return stamp.written && has_written() && same_writer(stamp, snapshot, scan);
  }
  return true;
}

}  // namespace simpg
