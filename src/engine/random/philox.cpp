/*
 * philox.cpp -- ten rounds for one counter, and for many trials side by side.
 *
 * In the batch every word of a lane's counter sits in the lower half of a 64-bit integer, since the
 * product of two lower halves is what all vector units have.  All operations are on integers or
 * exact, so every CPU agrees.
 */
#include "random/philox.hpp"

#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "core/instruction_set.hpp"
#include "core/sha256.hpp"

// GCC 12 takes the deliberately undefined operand inside its own AVX-512 header for a mistake of
// ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target

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
constexpr double kCell = 0x1p-53;  // the distance of neighbouring numbers
constexpr std::size_t kVectors = 4;

// What the instruction sets have different names for, on vectors of their size.
#define SIM_DEFINE_OPERATIONS(width, target, Integer, prefix)                     \
  using Word##width = std::uint64_t __attribute__((vector_size(width)));          \
  using Real##width = double __attribute__((vector_size(width)));                 \
  /* The products of lower halves, which the compiler does not find by itself. */ \
  target inline Word##width multiply_lower(Word##width a, Word##width b) {        \
    return (Word##width)prefix##_mul_epu32((Integer)a, (Integer)b);               \
  }                                                                               \
  /* The even lanes, and the odd ones, of two vectors in turn. */                 \
  target inline Word##width interleave_even(Word##width a, Word##width b) {       \
    return (Word##width)prefix##_unpacklo_epi64((Integer)a, (Integer)b);          \
  }                                                                               \
  target inline Word##width interleave_odd(Word##width a, Word##width b) {        \
    return (Word##width)prefix##_unpackhi_epi64((Integer)a, (Integer)b);          \
  }
SIM_DEFINE_OPERATIONS(16, , __m128i, _mm)
SIM_DEFINE_OPERATIONS(32, SIM_TARGET_AVX2, __m256i, _mm256)
SIM_DEFINE_OPERATIONS(64, SIM_TARGET_AVX512, __m512i, _mm512)

/* Each upper half in the place of the lower one: by a shuffle, as a shift would wait for the unit
 * that multiplies. */
inline Word16 upper_halves(Word16 x) { return (Word16)_mm_shuffle_epi32((__m128i)x, 0xF5); }
SIM_TARGET_AVX2 inline Word32 upper_halves(Word32 x) {
  return (Word32)_mm256_shuffle_epi32((__m256i)x, 0xF5);
}
SIM_TARGET_AVX512 inline Word64 upper_halves(Word64 x) {
  return (Word64)_mm512_shuffle_epi32((__m512i)x, _MM_PERM_DDBB);
}

/* The lower halves of two vectors as upper and lower halves. */
inline Word16 join(Word16 upper, Word16 lower) { return (upper << 32) | (lower & kLowHalf); }
SIM_TARGET_AVX2 inline Word32 join(Word32 upper, Word32 lower) {
  return (Word32)_mm256_blend_epi32((__m256i)lower, (__m256i)(upper << 32), 0xAA);
}
SIM_TARGET_AVX512 inline Word64 join(Word64 upper, Word64 lower) {
  return (Word64)_mm512_mask_shuffle_epi32((__m512i)lower, 0xAAAA, (__m512i)upper, _MM_PERM_CCAA);
}

// As to_uniform of one number. Without an instruction that converts 64-bit integers, exponents are
// set and taken away again: (2^84 + upper half) - (2^84 + 2^52) + (2^52 + lower half), in which
// every operation is exact.
#define SIM_DEFINE_TO_UNIFORM(width, target, minimum)                            \
  target inline Real##width to_uniform(Word##width x) {                          \
    using Real = Real##width;                                                    \
    const Word##width bits = x >> 11;                                            \
    const Real number = ((Real)((bits >> 32) | kUpperExponent) - kExponentSum) + \
                        (Real)((bits & kLowHalf) | kLowerExponent);              \
    return minimum((number + 0.5) * kCell, Real{} + kLargestUniform);            \
  }
SIM_DEFINE_TO_UNIFORM(16, , _mm_min_pd)
SIM_DEFINE_TO_UNIFORM(32, SIM_TARGET_AVX2, _mm256_min_pd)

SIM_TARGET_AVX512 inline Real64 to_uniform(Word64 x) {
  const Real64 number = _mm512_cvtepu64_pd((__m512i)(x >> 11));
  // As the product is exact, a fused multiplication gives the bits that two roundings give.
  const Real64 middle = _mm512_fmadd_pd(number, Real64{} + kCell, Real64{} + 0.5 * kCell);
  return _mm512_min_pd(middle, Real64{} + kLargestUniform);
}

/* The keys of all rounds, and what the first two rounds make of the words that all pairs share. */
struct FirstRounds {
  FirstRounds(RandomKey key, std::uint32_t upper_pair, std::uint32_t step, std::uint32_t draw) {
    for (std::uint32_t round = 0; round < kRounds; ++round) {
      k0[round] = key.words[0] + round * kWeyl0;
      k1[round] = key.words[1] + round * kWeyl1;
    }
    const std::uint64_t product1 = std::uint64_t{step} * kMultiplier1;
    c2 = draw ^ k1[0];
    product0 = ((product1 >> 32) ^ upper_pair ^ k0[0]) * kMultiplier0;
    c0 = (product1 & kLowHalf) ^ k0[1];
    c3 = (product0 >> 32) ^ k1[1];
  }

  std::array<std::uint64_t, kRounds> k0;
  std::array<std::uint64_t, kRounds> k1;
  std::uint64_t c2;        // to join the first product's upper half in round 0
  std::uint64_t c0;        // to join the second product's upper half in round 1
  std::uint64_t c3;        // to join the first product's lower half of round 0 in round 1
  std::uint64_t product0;  // the first product of round 1
};

// The loop is written for vectors, several at a time to fill the multiplier's latency. In the first
// two rounds half of the counter is the same for all pairs.
// Requires: all pairs have the same upper half.
#define SIM_DEFINE_UNIFORMS(width, target)                                                         \
  target void uniforms_##width(const FirstRounds& first, std::uint64_t first_pair, double* out,    \
                               std::size_t n) {                                                    \
    using Word = Word##width;                                                                      \
    using Real = Real##width;                                                                      \
    constexpr std::size_t kLanes = width / sizeof(double);                                         \
    constexpr std::size_t kNumbers = 2 * kVectors * kLanes;                                        \
    const Word multiplier0 = Word{} + kMultiplier0;                                                \
    const Word multiplier1 = Word{} + kMultiplier1;                                                \
    Word pair; /* so that interleaving the earlier and later trials of lanes puts them in order */ \
    for (std::size_t lane = 0; lane < kLanes; ++lane)                                              \
      pair[lane] = (first_pair & kLowHalf) + lane / 2 + lane % 2 * (kLanes / 2);                   \
    Word product = multiply_lower(pair, multiplier0);                                              \
    std::array<double, kNumbers> rest;                                                             \
    for (std::size_t i = 0; i < n; i += kNumbers) {                                                \
      Word c0[kVectors], c1[kVectors], c2[kVectors], c3[kVectors];                                 \
      for (std::size_t v = 0; v < kVectors; ++v, product += kLanes * kMultiplier0) {               \
        c1[v] = multiply_lower(upper_halves(product) ^ first.c2, multiplier1);                     \
        c0[v] = upper_halves(c1[v]) ^ first.c0;                                                    \
        c2[v] = product ^ first.c3;                                                                \
        c3[v] = Word{} + first.product0; /* upper halves are ignored but for products */           \
      }                                                                                            \
      for (int round = 2; round < kRounds; ++round) {                                              \
        for (std::size_t v = 0; v < kVectors; ++v) {                                               \
          const Word product0 = multiply_lower(c0[v], multiplier0);                                \
          const Word product1 = multiply_lower(c2[v], multiplier1);                                \
          c0[v] = upper_halves(product1) ^ c1[v] ^ first.k0[round];                                \
          c2[v] = upper_halves(product0) ^ c3[v] ^ first.k1[round];                                \
          c1[v] = product1;                                                                        \
          c3[v] = product0;                                                                        \
        }                                                                                          \
      }                                                                                            \
      double* const u = n - i >= kNumbers ? out + i : rest.data();                                 \
      for (std::size_t v = 0; v < kVectors; ++v) {                                                 \
        const Word earlier = join(c1[v], c0[v]);                                                   \
        const Word later = join(c3[v], c2[v]);                                                     \
        const Real first_half = to_uniform(interleave_even(earlier, later));                       \
        const Real second_half = to_uniform(interleave_odd(earlier, later));                       \
        std::memcpy(u + 2 * kLanes * v, &first_half, width);                                       \
        std::memcpy(u + 2 * kLanes * v + kLanes, &second_half, width);                             \
      }                                                                                            \
    }                                                                                              \
    std::copy_n(rest.data(), n % kNumbers, out + n - n % kNumbers);                                \
  }

SIM_DEFINE_UNIFORMS(16, )
SIM_DEFINE_UNIFORMS(32, SIM_TARGET_AVX2)
SIM_DEFINE_UNIFORMS(64, SIM_TARGET_AVX512)

/* Numbers of whole pairs. Requires: all pairs have the same upper half. */
void uniforms_of_half(RandomKey key, std::uint64_t first_pair, std::uint32_t step,
                      std::uint32_t draw, double* out, std::size_t n) {
  const FirstRounds first(key, static_cast<std::uint32_t>(first_pair >> 32), step, draw);
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return uniforms_64(first, first_pair, out, n);
    case InstructionSet::avx2:
      return uniforms_32(first, first_pair, out, n);
    case InstructionSet::baseline:
      break;
  }
  uniforms_16(first, first_pair, out, n);
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
