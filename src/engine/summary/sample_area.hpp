/*
 * sample_area.hpp -- memory that holds every value of a run at a place of its own: by scenario,
 * slot and trial.
 *
 * Threads, or processes that share the memory, write the values of their chunks where they belong;
 * nothing has to be merged, and who wrote what leaves no trace.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "summary/moments.hpp"

namespace sim {

/* A view: whoever made the memory gives it back. */
struct SampleArea {
  double* values = nullptr;  // null: no area
  std::uint32_t slots = 0;
  std::int64_t trials = 0;  // of each scenario

  double* at(std::uint32_t scenario, std::uint32_t slot, std::int64_t trial) const {
    const std::size_t column = static_cast<std::size_t>(scenario) * slots + slot;
    return values + column * static_cast<std::size_t>(trials) + trial;
  }
};

/*
 * The finite values of a slot when all trials are there, as one piece; `total` are their moments.
 * Moves them where some are not finite.
 */
std::span<double> finite_values(const SampleArea& area, std::uint32_t scenario, std::uint32_t slot,
                                const Moments& total);

}  // namespace sim
