/*
 * free_random.cpp -- the generator's loop, and SLEEF's fused functions for each width of vector.
 */
#include "hand/free_random.hpp"

#include <immintrin.h>
#include <sleef.h>

#include <bit>
#include <cmath>
#include <cstring>

#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target
// GCC 12 takes the deliberately undefined operand inside its own AVX-512 header for a mistake of
// ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#if !defined(__AVX__)
// SLEEF's header hides these from code compiled for baseline units.
extern "C" {
struct Sleef256Pair {
  __m256d x, y;
};
struct Sleef512Pair {
  __m512d x, y;
};
const __m256d Sleef_logd4_u35avx2(__m256d);
const __m256d Sleef_expd4_u10avx2(__m256d);
const Sleef256Pair Sleef_sincospid4_u35avx2(__m256d);
const __m512d Sleef_logd8_u35avx512f(__m512d);
const __m512d Sleef_expd8_u10avx512f(__m512d);
const Sleef512Pair Sleef_sincospid8_u35avx512f(__m512d);
}
#endif

namespace bench {
namespace {

constexpr std::uint64_t kExponentOfOne = 0x3FF0000000000000;

SIM_INLINE void advance(FreeRandom::State& state, std::uint64_t* out) {
  auto& s = state.words;
  for (std::size_t g = 0; g < FreeRandom::kGenerators; ++g) {
    const std::uint64_t sum = s[0][g] + s[3][g];
    out[g] = (sum << 23 | sum >> 41) + s[0][g];
    const std::uint64_t shifted = s[1][g] << 17;
    s[2][g] ^= s[0][g];
    s[3][g] ^= s[1][g];
    s[1][g] ^= s[2][g];
    s[0][g] ^= s[3][g];
    s[2][g] ^= shifted;
    s[3][g] = s[3][g] << 45 | s[3][g] >> 19;
  }
}

struct Uniforms {
  SIM_INLINE static void run(FreeRandom::State* state, double* u, std::size_t n) {
    FreeRandom::State own = *state;
    for (std::size_t i = 0; i < n; i += FreeRandom::kGenerators) {
      alignas(64) std::uint64_t bits[FreeRandom::kGenerators];
      advance(own, bits);
      for (std::size_t g = 0; g < FreeRandom::kGenerators; ++g)
        u[i + g] = std::bit_cast<double>(bits[g] >> 12 | kExponentOfOne) - (1 - 0x1p-53);
    }
    *state = own;
  }
};

struct Rows {
  SIM_INLINE static void run(FreeRandom::State* state, std::int32_t rows, std::int32_t* row,
                             std::size_t n) {
    FreeRandom::State own = *state;
    for (std::size_t i = 0; i < n; i += FreeRandom::kGenerators) {
      alignas(64) std::uint64_t bits[FreeRandom::kGenerators];
      advance(own, bits);
      for (std::size_t g = 0; g < FreeRandom::kGenerators; ++g)
        row[i + g] =
            static_cast<std::int32_t>((bits[g] >> 32) * static_cast<std::uint64_t>(rows) >> 32);
    }
    *state = own;
  }
};

/* The loop of Box and Muller (1958) for one width of vector. */
#define BENCH_DEFINE_NORMALS(width, target, Vector, Pair, log, sincospi, sqrt) \
  target void normal_pairs_##width(double* a, double* b, std::size_t n) {      \
    for (std::size_t i = 0; i < n; i += sizeof(Vector) / sizeof(double)) {     \
      Vector u, v;                                                             \
      std::memcpy(&u, a + i, sizeof u);                                        \
      std::memcpy(&v, b + i, sizeof v);                                        \
      const Vector radius = sqrt(log(u) * -2.0);                               \
      const Pair wave = sincospi(v + v);                                       \
      const Vector x = radius * wave.x;                                        \
      const Vector y = radius * wave.y;                                        \
      std::memcpy(a + i, &x, sizeof x);                                        \
      std::memcpy(b + i, &y, sizeof y);                                        \
    }                                                                          \
  }
BENCH_DEFINE_NORMALS(two, , __m128d, Sleef___m128d_2, Sleef_logd2_u35sse2, Sleef_sincospid2_u35sse2,
                     _mm_sqrt_pd)
BENCH_DEFINE_NORMALS(four, BENCH_TARGET_AVX2, __m256d, Sleef256Pair, Sleef_logd4_u35avx2,
                     Sleef_sincospid4_u35avx2, _mm256_sqrt_pd)
BENCH_DEFINE_NORMALS(eight, BENCH_TARGET_AVX512, __m512d, Sleef512Pair, Sleef_logd8_u35avx512f,
                     Sleef_sincospid8_u35avx512f, _mm512_sqrt_pd)

#define BENCH_DEFINE_EXP(width, target, Vector, exp)                                \
  target void exp_##width(const double* x, double* y, std::size_t n) {              \
    constexpr std::size_t kWidth = sizeof(Vector) / sizeof(double);                 \
    for (std::size_t i = 0; i < n; i += kWidth) {                                   \
      const std::size_t bytes = (n - i < kWidth ? n - i : kWidth) * sizeof(double); \
      Vector v{};                                                                   \
      std::memcpy(&v, x + i, bytes);                                                \
      v = exp(v);                                                                   \
      std::memcpy(y + i, &v, bytes);                                                \
    }                                                                               \
  }
BENCH_DEFINE_EXP(two, , __m128d, Sleef_expd2_u10sse2)
BENCH_DEFINE_EXP(four, BENCH_TARGET_AVX2, __m256d, Sleef_expd4_u10avx2)
BENCH_DEFINE_EXP(eight, BENCH_TARGET_AVX512, __m512d, Sleef_expd8_u10avx512f)

}  // namespace

FreeRandom::FreeRandom(std::uint64_t seed) {
  for (auto& word : state_.words)
    for (std::uint64_t& value :
         word) {  // splitmix64, as the generator's authors advise for seeding
      std::uint64_t z = seed += 0x9E3779B97F4A7C15;
      z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
      z = (z ^ z >> 27) * 0x94D049BB133111EB;
      value = z ^ z >> 31;
    }
}

void FreeRandom::uniforms(double* u, std::size_t n) { run_widest<Uniforms>(&state_, u, n); }

void FreeRandom::rows(std::int32_t rows, std::int32_t* row, std::size_t n) {
  run_widest<Rows>(&state_, rows, row, n);
}

void FreeRandom::normal_pairs(double* a, double* b, std::size_t n) {
  uniforms(a, n);
  uniforms(b, n);
  switch (sim::instruction_set()) {
    case sim::InstructionSet::avx512:
      return normal_pairs_eight(a, b, n);
    case sim::InstructionSet::avx2:
      return normal_pairs_four(a, b, n);
    case sim::InstructionSet::baseline:
      break;
  }
  normal_pairs_two(a, b, n);
}

void exp_lanes(const double* x, double* y, std::size_t n) {
  switch (sim::instruction_set()) {
    case sim::InstructionSet::avx512:
      return exp_eight(x, y, n);
    case sim::InstructionSet::avx2:
      return exp_four(x, y, n);
    case sim::InstructionSet::baseline:
      break;
  }
  exp_two(x, y, n);
}

}  // namespace bench
