/*
 * philox.hpp -- the random numbers of every model: Philox4x32-10, a generator without state.
 *
 * J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
 * 3", SC 2011.  A number is a function of a key (from the seed and the input's name) and a counter
 * (trial, step, draw), so it can be had anywhere, twice, in any order, and an input's numbers do
 * not depend on what else a model draws.
 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sim {

using PhiloxBlock = std::array<std::uint32_t, 4>;

struct RandomKey {
  std::array<std::uint32_t, 2> words;
  friend bool operator==(const RandomKey&, const RandomKey&) = default;
};

/* The 128 random bits at a counter: ten rounds. */
PhiloxBlock philox(RandomKey key, PhiloxBlock counter);

/*
 * The key of an input: the first eight bytes of SHA-256 over the seed (eight bytes, low byte first)
 * and the name, words low byte first.  For a joint draw the name is the names joined by commas.
 * Names are folded as the language folds them.
 */
RandomKey make_random_key(std::uint64_t seed, std::string_view name);

/*
 * The uniform number of one (trial, step, draw): 0 < u < 1, on a grid of odd multiples of 2^-54
 * except that the last point is 1 - 2^-53.  Trials count from 1; the first and the second share a
 * block, and so on.  The 53 bits are the upper ones of two words of the block, the first two for
 * the earlier trial, the last two for the later one, the first word being the lower half.
 */
double uniform(RandomKey key, std::uint64_t trial, std::uint32_t step, std::uint32_t draw);

/* out[i] = uniform(key, first_trial + i, step, draw) for i < n. */
void uniforms(RandomKey key, std::uint64_t first_trial, std::uint32_t step, std::uint32_t draw,
              double* out, std::size_t n);

}  // namespace sim
