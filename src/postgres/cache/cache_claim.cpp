/*
 * cache_claim.cpp -- who computes what, among the sessions of the server.
 *
 * A claim is an entry of a table in shared memory, never a lock of the server's, so it is not held
 * to the end of a transaction, and waiting for one is bounded.  Every way a transaction can end
 * releases the claims taken in it, that of a process which is told to exit included; a process
 * that is killed outright makes the server start its shared memory afresh.  When the table is full
 * a session computes without a claim.
 */
#include "cache/cache_claim.hpp"

#include "cache/cache_settings.hpp"
#include "cache/shared_cache.hpp"
#include "cache/shared_memory.hpp"

#include <algorithm>

SIM_SERVER_BEGIN
#include <pgstat.h>
#include <portability/instr_time.h>
#include <storage/condition_variable.h>
#include <storage/shmem.h>
#include <utils/hsearch.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr int kMostClaims = 1024;
/* A waiting session looks again after so many milliseconds, woken or not. */
constexpr double kLookAgain = 1000;

struct Entry {
  SharedKey key;  // first: the hash table finds by it
  int process;
  SubTransactionId subtransaction;
  int depth;  // how often its process has claimed it
};

struct State {
  ConditionVariable released;
};

State* state = nullptr;
HTAB* claims = nullptr;

/* Of this session. */
int held = 0;
CacheKey greatest_held;
TimestampTz waiting_statement = 0;
double waited = 0;  // milliseconds, in that statement

enum class Attempt { taken, full, busy };

bool is_greater(const CacheKey& a, const CacheKey& b) {
  return memcmp(a.bytes, b.bytes, sizeof a.bytes) > 0;
}

void remember(const CacheKey& key) {
  if (held++ == 0 || is_greater(key, greatest_held)) {
    greatest_held = key;
  }
}

Attempt try_claim(const CacheKey& key) {
  const SharedKey shared = shared_key(key);
  Attempt attempt = Attempt::taken;
  bool found;
  LWLockAcquire(claim_lock(), LW_EXCLUSIVE);
  auto* claim = static_cast<Entry*>(hash_search(claims, &shared, HASH_FIND, &found));
  if (!found && hash_get_num_entries(claims) >= kMostClaims) {
    attempt = Attempt::full;
  } else if (!found) {
    claim = static_cast<Entry*>(hash_search(claims, &shared, HASH_ENTER_NULL, &found));
    if (claim == nullptr) {
      attempt = Attempt::full;
    } else {
      claim->process = MyProcPid;
      claim->subtransaction = GetCurrentSubTransactionId();
      claim->depth = 1;
      remember(key);
    }
  } else if (claim->process == MyProcPid) {
    claim->depth++;
  } else {
    attempt = Attempt::busy;
  }
  LWLockRelease(claim_lock());
  return attempt;
}

double milliseconds_since(const instr_time& start) {
  instr_time elapsed;
  INSTR_TIME_SET_CURRENT(elapsed);
  INSTR_TIME_SUBTRACT(elapsed, start);
  return INSTR_TIME_GET_MILLISEC(elapsed);
}

/* Milliseconds that the statement may still wait; it may claim many keys. */
double left_to_wait() {
  if (waiting_statement != GetCurrentStatementStartTimestamp()) {
    waiting_statement = GetCurrentStatementStartTimestamp();
    waited = 0;
  }
  return cache_wait() - waited;
}

/* Tries until the claim is not busy, the payload is there, or the time is over. Cancellable. */
void wait_for_claim(const CacheKey& key) {
  instr_time start;
  INSTR_TIME_SET_CURRENT(start);
  const double most = left_to_wait();
  ConditionVariablePrepareToSleep(&state->released);
  double left = most;
  while (left > 0 && !shared_cache_has(key) && try_claim(key) == Attempt::busy) {
    ConditionVariableTimedSleep(&state->released, static_cast<long>(std::min(left, kLookAgain)) + 1,
                                PG_WAIT_EXTENSION);
    left = most - milliseconds_since(start);
  }
  ConditionVariableCancelSleep();
  waited += milliseconds_since(start);
}

void release_entry(Entry* claim) {
  hash_search(claims, &claim->key, HASH_REMOVE, nullptr);
  held--;
}

/* Releases what this session has claimed in the subtransaction and those begun after it. */
void release_since(SubTransactionId subtransaction) {
  if (held == 0) {
    return;
  }
  LWLockAcquire(claim_lock(), LW_EXCLUSIVE);
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, claims);
  while (auto* claim = static_cast<Entry*>(hash_seq_search(&scan))) {
    if (claim->process == MyProcPid && claim->subtransaction >= subtransaction) {
      release_entry(claim);
    }
  }
  LWLockRelease(claim_lock());
  ConditionVariableBroadcast(&state->released);
}

void at_transaction_end(XactEvent event, void*) {
  switch (event) {
    case XACT_EVENT_COMMIT:
    case XACT_EVENT_PARALLEL_COMMIT:
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PARALLEL_ABORT:
    case XACT_EVENT_PREPARE:
      release_since(InvalidSubTransactionId);
      break;
    default:
      break;
  }
}

void at_subtransaction_end(SubXactEvent event, SubTransactionId own, SubTransactionId, void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB) {
    release_since(own);
  }
}

bool are_claims_used() { return has_shared_cache() && farthest_level() >= CacheLevel::shared; }

}  // namespace

Claim cache_claim(const CacheKey& key, bool waits) {
  if (!are_claims_used()) {
    return Claim::taken;
  }
  const Attempt attempt = try_claim(key);
  const bool may_wait = held == 0 || is_greater(key, greatest_held);
  if (attempt == Attempt::busy && waits && may_wait) {
    wait_for_claim(key);
  }
  if (shared_cache_has(key)) {
    cache_release(key);
    return Claim::done;
  }
  return attempt == Attempt::busy && !waits ? Claim::busy : Claim::taken;
}

void cache_release(const CacheKey& key) {
  if (held == 0) {
    return;
  }
  const SharedKey shared = shared_key(key);
  LWLockAcquire(claim_lock(), LW_EXCLUSIVE);
  auto* claim = static_cast<Entry*>(hash_search(claims, &shared, HASH_FIND, nullptr));
  const bool own = claim != nullptr && claim->process == MyProcPid;
  const bool released = own && --claim->depth == 0;
  if (released) {
    release_entry(claim);
  }
  LWLockRelease(claim_lock());
  if (released) {
    ConditionVariableBroadcast(&state->released);
  }
}

Size claim_memory() {
  return MAXALIGN(sizeof(State)) + hash_estimate_size(kMostClaims, sizeof(Entry));
}

void start_claims() {
  bool found;
  state = static_cast<State*>(ShmemInitStruct("pg_simulate claims", sizeof(State), &found));
  if (!found) {
    ConditionVariableInit(&state->released);
  }
  HASHCTL control = {};
  control.keysize = sizeof(SharedKey);
  control.entrysize = sizeof(Entry);
  claims = ShmemInitHash("pg_simulate claimed keys", kMostClaims, kMostClaims, &control,
                         HASH_ELEM | HASH_BLOBS);
}

void register_claims() {
  RegisterXactCallback(at_transaction_end, nullptr);
  RegisterSubXactCallback(at_subtransaction_end, nullptr);
}

}  // namespace simpg
