/*
 * sealed_payload.hpp -- a payload as it lies in a table: with the version of the format and a
 * checksum over key and content, so that what is damaged, moved to another key or written by
 * another version is a miss.
 */
#pragma once

#include "cache/cache.hpp"

namespace simpg {

/* In the current memory context. */
bytea* seal(const CacheKey& key, const bytea* payload);

/* The payload, in the current memory context; null for what seal did not make for this key. */
bytea* unseal(const CacheKey& key, const bytea* sealed);

}  // namespace simpg
