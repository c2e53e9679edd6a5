/*
 * solved_bytes.hpp -- a solved scenario as bytes and back: pure C++, to be called inside guarded().
 *
 * Values stand under the names of their formulas, so that the order of the text does not matter.
 */
#pragma once

#include "postgres.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/converge.hpp"

namespace simpg {

/* `names` are those of the solver. */
std::vector<std::uint8_t> solved_bytes(const sim::SolvedScenario& solved,
                                       const std::vector<std::string>& names);

using NamePlaces = std::map<std::string, std::uint32_t, std::less<>>;

struct KeptScenario {
  std::vector<sim::SlotSpec> slots;
  std::vector<double> values;

  sim::SolvedScenario as(std::uint32_t scenario) const { return {scenario, slots, values}; }
};

/* In the order of the places.  Throws Error(corrupt_state) on bytes that are not those of a
 * scenario with these names. */
KeptScenario read_solved(std::span<const std::uint8_t> bytes, const NamePlaces& places);

}  // namespace simpg
