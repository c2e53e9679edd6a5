/*
 * cache.cpp -- goes through the levels.
 */
#include "cache/cache.hpp"

#include "cache/cache_claim.hpp"
#include "cache/cache_settings.hpp"
#include "cache/session_cache.hpp"
#include "cache/shared_cache.hpp"
#include "cache/shared_memory.hpp"
#include "cache/table_cache.hpp"

namespace simpg {

namespace {

constexpr CacheLevel kLevels[] = {CacheLevel::session, CacheLevel::shared, CacheLevel::table};

bool is_used(CacheLevel level) { return farthest_level() >= level; }

bytea* copy_of(const bytea* payload) {
  auto* copy = static_cast<bytea*>(palloc(VARSIZE(payload)));
  memcpy(copy, payload, VARSIZE(payload));
  return copy;
}

bytea* find_in_session(const CacheKey& key) {
  const bytea* kept = session_cache_find(key);
  return kept == nullptr ? nullptr : copy_of(kept);
}

bytea* find_in(CacheLevel level, const CacheKey& key) {
  if (level == CacheLevel::session) {
    return find_in_session(key);
  }
  return level == CacheLevel::shared ? shared_cache_find(key) : table_cache_find(key);
}

/* Puts what was found in a level into those before it. */
void promote(CacheLevel found, const CacheKey& key, const bytea* payload) {
  if (found > CacheLevel::session) {
    session_cache_put(key, payload);
  }
  if (found > CacheLevel::shared) {
    shared_cache_put(key, payload);
  }
}

}  // namespace

bytea* cache_find(const CacheKey& key, CacheLevel* level) {
  CacheLevel found = CacheLevel::none;
  bytea* payload = nullptr;
  for (const CacheLevel at : kLevels) {
    payload = is_used(at) ? find_in(at, key) : nullptr;
    if (payload != nullptr) {
      found = at;
      promote(at, key, payload);
      break;
    }
  }
  if (level != nullptr) {
    *level = found;
  }
  return payload;
}

void cache_put(const CacheKey& key, const bytea* payload, bool durable) {
  if (is_used(CacheLevel::session)) {
    session_cache_put(key, payload);
  }
  if (is_used(CacheLevel::shared)) {
    shared_cache_put(key, payload);
  }
  if (durable && is_used(CacheLevel::table)) {
    table_cache_put(key, payload);
  }
}

void register_cache() {
  register_shared_memory();
  register_claims();
}

void forget_cache() { session_cache_clear(); }

}  // namespace simpg
