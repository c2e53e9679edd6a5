/*
 * cache.cpp -- goes through the levels.
 */
#include "cache/cache.hpp"

#include "cache/cache_settings.hpp"
#include "cache/session_cache.hpp"

namespace simpg {

namespace {

bool is_used(CacheLevel level) { return farthest_level() >= level; }

bytea* copy_of(const bytea* payload) {
  auto* copy = static_cast<bytea*>(palloc(VARSIZE(payload)));
  memcpy(copy, payload, VARSIZE(payload));
  return copy;
}

}  // namespace

bytea* cache_find(const CacheKey& key, CacheLevel* level) {
  CacheLevel found = CacheLevel::none;
  bytea* payload = nullptr;
  if (is_used(CacheLevel::session)) {
    const bytea* kept = session_cache_find(key);
    if (kept != nullptr) {
      payload = copy_of(kept);
      found = CacheLevel::session;
    }
  }
  if (level != nullptr) {
    *level = found;
  }
  return payload;
}

void cache_put(const CacheKey& key, const bytea* payload, [[maybe_unused]] bool durable) {
  if (is_used(CacheLevel::session)) {
    session_cache_put(key, payload);
  }
}

bool cache_claim(const CacheKey&) { return true; }

void cache_release(const CacheKey&) {}

void register_cache() {}

void forget_cache() { session_cache_clear(); }

}  // namespace simpg
