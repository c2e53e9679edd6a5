/*
 * slot_map.hpp -- numbers what the programs of all scenarios report; for the files of this room
 * only.
 */
#pragma once

#include <cstdint>
#include <vector>

#include "experiment/prepare.hpp"
#include "experiment/simulation.hpp"

namespace sim {

struct SlotMap {
  std::vector<Slot> slots;                          // by output, then step
  std::vector<std::vector<std::uint32_t>> slot_of;  // by group: program slot -> slot
  std::vector<std::vector<std::uint32_t>> missing;  // by group: slots its program does not have
};

SlotMap map_slots(const PreparedExperiment& prepared);

}  // namespace sim
