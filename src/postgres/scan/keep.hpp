/*
 * keep.hpp -- what sim.chunks is told to keep, as bytes: a KeepPlan, or the influence functions of
 * a paired difference.
 */
#pragma once

#include "postgres.hpp"

#include <cstdint>
#include <span>
#include <vector>

#include "summary/influence.hpp"
#include "summary/keep_plan.hpp"

namespace simpg {

struct Keep {
  sim::KeepPlan plan;  // where differences is false
  bool differences = false;
  std::vector<sim::InfluenceSpec> influences;  // of (scenario, slot) at scenario * slots + slot
};

std::vector<std::uint8_t> keep_bytes(const sim::KeepPlan& plan);
std::vector<std::uint8_t> keep_bytes(std::span<const sim::InfluenceSpec> influences);

/* Throws Error(corrupt_state) for bytes that keep_bytes() did not write, or that do not fit so many
 * scenarios and slots. */
Keep read_keep(std::span<const std::uint8_t> bytes, std::uint32_t scenarios, std::uint32_t slots);

}  // namespace simpg
