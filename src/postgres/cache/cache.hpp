/*
 * cache.hpp -- results by the hash of all they depend on: in the session, in shared memory, in a
 * table.
 *
 * A payload is found under a key of 32 bytes that names its content, so it can never be out of
 * date: another input is another key.  What is kept where is a matter of speed alone.  A lookup
 * goes through the levels up to `sim.cache`, the nearest first, and copies what it finds into the
 * levels before.  A level that cannot be used, because the library is not preloaded, because the
 * transaction may not write or because the server is a standby, is skipped without a word.
 *
 * The cache knows nothing of models; whoever knows the key of a result has read all its inputs.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

struct CacheKey {
  uint8 bytes[32];
};

/* From the nearest; the setting `sim.cache` names the farthest that is used. */
enum class CacheLevel { none, session, shared, table };

/* The payload, in the current memory context, and the level that had it; null for a miss. */
bytea* cache_find(const CacheKey& key, CacheLevel* level = nullptr);

/*
 * Puts the payload into the session's level and the shared one, and where `durable` also into the
 * table unless it is there.  Durable is for functions that store.  What was found in a nearer level
 * is not in the table for that: put it again to have it there.
 */
void cache_put(const CacheKey& key, const bytea* payload, bool durable);

/* Who computes a missing payload. */
enum class Claim {
  taken,  // this session
  done,   // another has put it meanwhile: look again
  busy    // another is at it
};

/*
 * To be called before what is missing is computed.  A claim that was taken is to be given back by
 * cache_release; the end of the transaction or subtransaction, whatever way it ends, gives it back
 * as well.  Where `waits`, never busy: done or taken, at the latest after `sim.cache_wait`, and two
 * sessions may then compute the same.
 *
 * Who wants several payloads takes what is not busy, computes it and releases it, and only then
 * waits for the rest, in the order of memcmp.  A session that holds claims waits for greater keys
 * only, so no two ever wait for each other.
 */
Claim cache_claim(const CacheKey& key, bool waits);
void cache_release(const CacheKey& key);

/* Asks for shared memory, where the server is starting; once, when the module is loaded. */
void register_cache();

/* Forgets what the session keeps: DISCARD ALL. */
void forget_cache();

}  // namespace simpg
