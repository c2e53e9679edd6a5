/*
 * sha256.cpp -- SHA-256 by OpenSSL's own functions for it.
 *
 * OpenSSL 3 prefers its general interface (EVP), which looks the method up among providers: 0.3 to
 * 1 ms for the first hash of a process and 20 microseconds for each further one.  A parallel worker
 * lives for a few dozen milliseconds and hashes the name of each input.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/sha256.hpp"

#include <openssl/sha.h>

namespace sim {

void Sha256::Free::operator()(SHA256state_st* state) const { delete state; }

Sha256::Sha256() : state_(new SHA256state_st) { SHA256_Init(state_.get()); }

void Sha256::update(std::span<const std::uint8_t> bytes) {
  SHA256_Update(state_.get(), bytes.data(), bytes.size());
}

void Sha256::update(std::string_view text) {
  SHA256_Update(state_.get(), text.data(), text.size());
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  SHA256_Final(digest.data(), state_.get());
  return digest;
}

Sha256Digest sha256(std::span<const std::uint8_t> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace sim
