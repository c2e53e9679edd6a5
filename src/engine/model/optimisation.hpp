/*
 * optimisation.hpp -- whether programs are optimised, which changes speed and never a bit of a
 * result.
 */
#pragma once

#include <cstdint>

namespace sim {

enum class Optimisation : std::uint8_t {
  on,
  // For debugging, where a result is in doubt: each operation runs by itself, once for each time it
  // is written, as late as its readers allow, into a register of its own.
  off,
};

}  // namespace sim
