/*
 * shared_memory.cpp -- hooks of the server's start.
 */
#include "cache/shared_memory.hpp"

#include "cache/cache_claim.hpp"
#include "cache/shared_cache.hpp"

SIM_SERVER_BEGIN
#include <storage/ipc.h>
#include <storage/shmem.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr const char* kName = "pg_simulate";
constexpr int kLocks = 3;

struct Common {
  LWLock* cache_lock;
  LWLock* growth_lock;
  LWLock* claim_lock;
  LevelCounters table;
};

Common* common = nullptr;  // null: nothing is shared
LevelCounters own_table_counters = {};
shmem_request_hook_type previous_request = nullptr;
shmem_startup_hook_type previous_startup = nullptr;

void request() {
  if (previous_request != nullptr) {
    previous_request();
  }
  RequestAddinShmemSpace(MAXALIGN(sizeof(Common)));
  RequestAddinShmemSpace(shared_cache_memory());
  RequestAddinShmemSpace(claim_memory());
  RequestNamedLWLockTranche(kName, kLocks);
}

void start() {
  if (previous_startup != nullptr) {
    previous_startup();
  }
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  bool found;
  common = static_cast<Common*>(ShmemInitStruct(kName, sizeof(Common), &found));
  if (!found) {
    LWLockPadded* locks = GetNamedLWLockTranche(kName);
    common->cache_lock = &locks[0].lock;
    common->growth_lock = &locks[1].lock;
    common->claim_lock = &locks[2].lock;
    reset_counters(&common->table);
  }
  start_shared_cache();
  start_claims();
  LWLockRelease(AddinShmemInitLock);
}

}  // namespace

SharedKey shared_key(const CacheKey& key) { return {MyDatabaseId, key}; }

void register_shared_memory() {
  if (!process_shared_preload_libraries_in_progress) {
    return;
  }
  previous_request = shmem_request_hook;
  shmem_request_hook = request;
  previous_startup = shmem_startup_hook;
  shmem_startup_hook = start;
}

bool has_shared_memory() { return common != nullptr; }

LWLock* shared_cache_lock() { return common->cache_lock; }

LWLock* growth_lock() { return common->growth_lock; }

LWLock* claim_lock() { return common->claim_lock; }

LevelCounters* table_counters() { return common == nullptr ? &own_table_counters : &common->table; }

}  // namespace simpg
