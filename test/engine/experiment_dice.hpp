/*
 * experiment_dice.hpp -- chance for tests, with a fixed course for each seed on every machine.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim::testing {

/* A linear congruential generator (Knuth's MMIX constants). */
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2654435761u + 1) {}

  /* From 0 to n - 1. */
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state_ >> 33) % n);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace sim::testing
