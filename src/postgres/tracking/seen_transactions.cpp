/*
 * seen_transactions.cpp -- which transactions a snapshot sees, in a form that outlives it.
 */
#include "tracking/seen_transactions.hpp"

#include <algorithm>

SIM_SERVER_BEGIN
#include <access/transam.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The full number of a transaction that a snapshot names: none is further than half the circle from
 * the next one. */
uint64 widen(TransactionId transaction, FullTransactionId next) {
  const uint64 epoch = EpochFromFullTransactionId(next);
  const bool earlier = transaction > XidFromFullTransactionId(next);
  return ((earlier ? epoch - 1 : epoch) << 32) | transaction;
}

}  // namespace

SeenTransactions active_transactions() {
  Snapshot snapshot = GetActiveSnapshot();
  // Under recovery all running transactions are listed as if they were subtransactions.
  const bool recovery = snapshot->takenDuringRecovery;
  const TransactionId* listed = recovery ? snapshot->subxip : snapshot->xip;
  const int count = recovery ? snapshot->subxcnt : static_cast<int>(snapshot->xcnt);
  const FullTransactionId next = ReadNextFullTransactionId();
  SeenTransactions seen = {widen(snapshot->xmin, next), widen(snapshot->xmax, next), count,
                           static_cast<uint64*>(palloc(sizeof(uint64) * (count + 1)))};
  for (int i = 0; i < count; i++) {
    seen.running[i] = widen(listed[i], next);
  }
  const TransactionId own = GetTopTransactionIdIfAny();
  if (TransactionIdIsValid(own) && widen(own, next) < seen.xmax) {
    seen.running[seen.count++] = widen(own, next);
    seen.xmin = std::min(seen.xmin, widen(own, next));
  }
  std::sort(seen.running, seen.running + seen.count);
  return seen;
}

bool has_seen(const SeenTransactions& seen, uint64 transaction) {
  return transaction < seen.xmin ||
         (transaction < seen.xmax &&
          !std::binary_search(seen.running, seen.running + seen.count, transaction));
}

bool sees_all_of(const SeenTransactions& now, const SeenTransactions& then) {
  return now.xmax >= then.xmax &&
         std::all_of(now.running, now.running + now.count,
                     [&then](uint64 running) { return !has_seen(then, running); });
}

}  // namespace simpg
