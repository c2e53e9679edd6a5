/*
 * philox.cpp -- ten rounds for one counter, and for many trials side by side.
 *
 * In the batch every word of a lane's counter sits in the lower half of a 64-bit integer, since the
 * product of two lower halves is what all vector units have.  All operations are on integers or
 * exact, so every CPU agrees.
 */
#include "random/philox.hpp"

#include <immintrin.h>

#include <cstring>

#include "core/instruction_set.hpp"
#include "core/sha256.hpp"

// GCC 12 takes the deliberately undefined operand inside its own AVX-512 header for a mistake of
// ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

namespace sim {
namespace {

constexpr int kRounds = 10;
constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;  // the golden ratio
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;  // sqrt(3) - 1
constexpr std::uint64_t kLowHalf = 0xFFFFFFFF;

constexpr double kLargestUniform = 1 - 0x1p-53;

/* The upper 53 bits of x, put in the middle of their cells. */
double to_uniform(std::uint64_t x) {
  // (x >> 11) + 0.5 is exact but for the uppermost cells, where it may round up to 2^53.
  const double u = (static_cast<double>(x >> 11) + 0.5) * 0x1p-53;
  return u < kLargestUniform ? u : kLargestUniform;
}

constexpr std::uint64_t kUpperExponent = 0x4530000000000000;  // of 2^84
constexpr std::uint64_t kLowerExponent = 0x4330000000000000;  // of 2^52
constexpr double kExponentSum = 0x1p84 + 0x1p52;
constexpr std::size_t kVectors = 4;

// An integer below 2^53 as a double: by the one instruction that AVX-512 has for it, elsewhere by
// setting exponents and taking them away again, (2^84 + upper half) - (2^84 + 2^52) + (2^52 + lower
// half), in which every operation is exact.
#define SIM_CONVERT(x) __builtin_convertvector(x, Real)
#define SIM_CONVERT_HALVES(x) \
  (((Real)((x >> 32) | kUpperExponent) - kExponentSum) + (Real)((x & kLowHalf) | kLowerExponent))

// The compiler does not find the one instruction that multiplies the lower halves of 64-bit lanes,
// so the loop is written for vectors, several at a time to fill the multiplier's latency; it
// differs between instruction sets only in the vectors' size and the names of two instructions.
// Requires: all pairs have the same upper half, so that the first two rounds are largely computed
// once.
#define SIM_DEFINE_UNIFORMS(width, target, Integer, multiply, convert)                        \
  using Word##width = std::uint64_t __attribute__((vector_size(width)));                      \
  using Real##width = double __attribute__((vector_size(width)));                             \
  /* The upper 53 bits of two words, put in the middle of their cells. */                     \
  target inline Real##width to_uniform_##width(Word##width upper, Word##width lower) {        \
    using Real = Real##width;                                                                 \
    const Word##width bits = ((upper << 32) | (lower & kLowHalf)) >> 11;                      \
    const Real u = (convert(bits) + 0.5) * 0x1p-53;                                           \
    return u < kLargestUniform ? u : Real{} + kLargestUniform;                                \
  }                                                                                           \
  target void uniforms_##width(RandomKey key, std::uint64_t first_pair, std::uint32_t step,   \
                               std::uint32_t draw, double* out, std::size_t n) {              \
    using Word = Word##width;                                                                 \
    using Real = Real##width;                                                                 \
    constexpr std::size_t kLanes = width / sizeof(double);                                    \
    constexpr std::size_t kNumbers = 2 * kVectors * kLanes;                                   \
    const Word multiplier0 = Word{} + kMultiplier0;                                           \
    const Word multiplier1 = Word{} + kMultiplier1;                                           \
    const Word upper_pair = Word{} + (first_pair >> 32);                                      \
    Word pair;                                                                                \
    Word first_half, second_half; /* where earlier and later trials of the pairs alternate */ \
    for (std::size_t lane = 0; lane < kLanes; ++lane) {                                       \
      pair[lane] = first_pair + lane;                                                         \
      first_half[lane] = lane / 2 + (lane % 2) * kLanes;                                      \
      second_half[lane] = first_half[lane] + kLanes / 2;                                      \
    }                                                                                         \
    for (std::size_t i = 0; i < n; i += kNumbers) {                                           \
      Word c0[kVectors], c1[kVectors], c2[kVectors], c3[kVectors];                            \
      for (std::size_t v = 0; v < kVectors; ++v, pair += kLanes) {                            \
        c0[v] = pair; /* what stands in upper halves is ignored until the end */              \
        c1[v] = upper_pair;                                                                   \
        c2[v] = Word{} + step;                                                                \
        c3[v] = Word{} + draw;                                                                \
      }                                                                                       \
      std::uint32_t k0 = key.words[0];                                                        \
      std::uint32_t k1 = key.words[1];                                                        \
      for (int round = 0; round < kRounds; ++round, k0 += kWeyl0, k1 += kWeyl1) {             \
        for (std::size_t v = 0; v < kVectors; ++v) {                                          \
          const Word product0 = (Word)multiply((Integer)c0[v], (Integer)multiplier0);         \
          const Word product1 = (Word)multiply((Integer)c2[v], (Integer)multiplier1);         \
          c0[v] = (product1 >> 32) ^ c1[v] ^ k0;                                              \
          c2[v] = (product0 >> 32) ^ c3[v] ^ k1;                                              \
          c1[v] = product1;                                                                   \
          c3[v] = product0;                                                                   \
        }                                                                                     \
      }                                                                                       \
      Real u[2 * kVectors];                                                                   \
      for (std::size_t v = 0; v < kVectors; ++v) {                                            \
        const Real earlier = to_uniform_##width(c1[v], c0[v]);                                \
        const Real later = to_uniform_##width(c3[v], c2[v]);                                  \
        u[2 * v] = __builtin_shuffle(earlier, later, first_half);                             \
        u[2 * v + 1] = __builtin_shuffle(earlier, later, second_half);                        \
      }                                                                                       \
      if (n - i >= kNumbers) {                                                                \
        std::memcpy(out + i, u, sizeof u);                                                    \
      } else {                                                                                \
        std::memcpy(out + i, u, (n - i) * sizeof(double));                                    \
      }                                                                                       \
    }                                                                                         \
  }

SIM_DEFINE_UNIFORMS(16, , __m128i, _mm_mul_epu32, SIM_CONVERT_HALVES)
SIM_DEFINE_UNIFORMS(32, SIM_TARGET_AVX2, __m256i, _mm256_mul_epu32, SIM_CONVERT_HALVES)
SIM_DEFINE_UNIFORMS(64, SIM_TARGET_AVX512, __m512i, _mm512_mul_epu32, SIM_CONVERT)

/* Numbers of whole pairs. Requires: all pairs have the same upper half. */
void uniforms_of_half(RandomKey key, std::uint64_t first_pair, std::uint32_t step,
                      std::uint32_t draw, double* out, std::size_t n) {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return uniforms_64(key, first_pair, step, draw, out, n);
    case InstructionSet::avx2:
      return uniforms_32(key, first_pair, step, draw, out, n);
    case InstructionSet::baseline:
      break;
  }
  uniforms_16(key, first_pair, step, draw, out, n);
}

}  // namespace

PhiloxBlock philox(RandomKey key, PhiloxBlock counter) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{counter[0]} * kMultiplier0;
    const std::uint64_t product1 = std::uint64_t{counter[2]} * kMultiplier1;
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key.words[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key.words[1],
               static_cast<std::uint32_t>(product0)};
    key.words[0] += kWeyl0;
    key.words[1] += kWeyl1;
  }
  return counter;
}

RandomKey make_random_key(std::uint64_t seed, std::string_view name) {
  std::array<std::uint8_t, 8> seed_bytes;
  for (std::size_t i = 0; i < seed_bytes.size(); ++i) {
    seed_bytes[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  }
  Sha256 hash;
  hash.update(seed_bytes);
  hash.update(name);
  const Sha256Digest digest = hash.finish();
  RandomKey key{};
  for (std::size_t i = 0; i < 8; ++i) {
    key.words[i / 4] |= std::uint32_t{digest[i]} << (8 * (i % 4));
  }
  return key;
}

double uniform(RandomKey key, std::uint64_t trial, std::uint32_t step, std::uint32_t draw) {
  const std::uint64_t pair = (trial - 1) / 2;
  const std::size_t first = (trial - 1) % 2 * 2;
  const PhiloxBlock block = philox(
      key, {static_cast<std::uint32_t>(pair), static_cast<std::uint32_t>(pair >> 32), step, draw});
  return to_uniform(std::uint64_t{block[first + 1]} << 32 | block[first]);
}

void uniforms(RandomKey key, std::uint64_t first_trial, std::uint32_t step, std::uint32_t draw,
              double* out, std::size_t n) {
  if (n > 0 && first_trial % 2 == 0) {
    *out++ = uniform(key, first_trial++, step, draw);
    --n;
  }
  const std::uint64_t first_pair = (first_trial - 1) / 2;
  const std::uint64_t before_carry = 2 * (kLowHalf - (first_pair & kLowHalf) + 1);
  const std::size_t head = n < before_carry ? n : static_cast<std::size_t>(before_carry);
  uniforms_of_half(key, first_pair, step, draw, out, head);
  if (head < n) uniforms_of_half(key, first_pair + head / 2, step, draw, out + head, n - head);
}

}  // namespace sim
