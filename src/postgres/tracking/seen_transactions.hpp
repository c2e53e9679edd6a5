/*
 * seen_transactions.hpp -- which transactions a snapshot sees, in a form that outlives it.
 *
 * Transactions are those of the top level, by their full 64-bit numbers, so that a stored form
 * never comes to mean other transactions.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

/* All before xmin are seen, none from xmax on, and in between those that were not running. */
struct SeenTransactions {
  uint64 xmin;
  uint64 xmax;
  int count;
  uint64* running;  // in increasing order
};

/* Those that the active snapshot sees, without the own one, which goes on; in the current memory
 * context. */
SeenTransactions active_transactions();

bool has_seen(const SeenTransactions& seen, uint64 transaction);

/* Whether `now` sees all that `then` sees, and perhaps more. */
bool sees_all_of(const SeenTransactions& now, const SeenTransactions& then);

}  // namespace simpg
