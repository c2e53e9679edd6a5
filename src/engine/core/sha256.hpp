/*
 * sha256.hpp -- the hash SHA-256 (FIPS 180-4), by OpenSSL.
 */
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct SHA256state_st;

namespace sim {

using Sha256Digest = std::array<std::uint8_t, 32>;

/* Hashes bytes that come in pieces.  After finish() it may only be destroyed. */
class Sha256 {
 public:
  Sha256();

  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view text);
  Sha256Digest finish();

 private:
  struct Free {
    void operator()(SHA256state_st* state) const;
  };
  std::unique_ptr<SHA256state_st, Free> state_;
};

/* The hash of bytes that are all at hand. */
Sha256Digest sha256(std::span<const std::uint8_t> bytes);

}  // namespace sim
