/*
 * ordered_key.hpp -- doubles as integers of the same order.
 *
 * The bits of positive doubles order as they should, those of negative ones backwards and below.
 * Adding zero turns -0 into 0, so that equal doubles have equal keys.
 */
#pragma once

#include <bit>
#include <cstdint>

namespace sim {

/* Requires: value is not NaN. */
inline std::uint64_t ordered_key(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
  const auto all_ones_if_negative =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63);
  return bits ^ (all_ones_if_negative | (std::uint64_t{1} << 63));
}

inline double from_ordered_key(std::uint64_t key) {
  const std::uint64_t sign = std::uint64_t{1} << 63;
  return std::bit_cast<double>((key & sign) != 0 ? key ^ sign : ~key);
}

}  // namespace sim
