/*
 * shared_memory.hpp -- the server's shared memory that the cache has where the library is named in
 * shared_preload_libraries.
 *
 * It is asked for when the server starts and is never more: what grows lies in dynamic shared
 * memory, and what finds it here.  A crash of any server process makes the server start both
 * afresh, so nothing half done is ever found in them.
 */
#pragma once

#include "cache/cache.hpp"
#include "cache/level_counts.hpp"

SIM_SERVER_BEGIN
#include <storage/lwlock.h>
SIM_SERVER_END

namespace simpg {

/* Keys of different databases are different, whatever they name. */
struct SharedKey {
  Oid database;
  CacheKey key;
};

SharedKey shared_key(const CacheKey& key);

/* Asks for the memory, where the server is starting; once, when the module is loaded. */
void register_shared_memory();

/* Whether there is any. */
bool has_shared_memory();

/* Requires: has_shared_memory(). */
LWLock* shared_cache_lock();
LWLock* growth_lock();  // of who asks the system for more; taken before the former
LWLock* claim_lock();

/* Those of the table's level: of all sessions where memory is shared, else of this one. */
LevelCounters* table_counters();

}  // namespace simpg
