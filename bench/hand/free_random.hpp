/*
 * free_random.hpp -- random numbers as a programmer free of promises makes them: sixteen
 * xoshiro256++ generators side by side, Box-Muller, and SLEEF's functions with fused multiply-add.
 *
 * D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021).
 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hand/lanes.hpp"

namespace bench {

/* Not shared between threads. */
class FreeRandom {
 public:
  explicit FreeRandom(std::uint64_t seed);

  /* 0 < u < 1, on 52 bits. Requires: n is a multiple of 16. */
  void uniforms(double* u, std::size_t n);
  /* Whole numbers from 0 to below `rows`. Requires: n is a multiple of 16. */
  void rows(std::int32_t rows, std::int32_t* row, std::size_t n);
  /* Two independent standard normals a lane. Requires: n is a multiple of 16, at most 256. */
  void normal_pairs(double* a, double* b, std::size_t n);

  static constexpr std::size_t kGenerators = 16;
  struct State {
    alignas(64) std::array<std::array<std::uint64_t, kGenerators>, 4> words;
  };

 private:
  State state_;
};

/* y[i] = exp(x[i]) within one unit in the last place; y may be x. */
void exp_lanes(const double* x, double* y, std::size_t n);

}  // namespace bench
