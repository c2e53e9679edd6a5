/*
 * slot_map.cpp -- outputs in the order in which the scenarios' programs bring them.
 */
#include "experiment/slot_map.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sim {
namespace {

/* Place of the output, and step. */
using Key = std::pair<std::uint32_t, std::int64_t>;

/* The reported variables in their order. */
struct Outputs {
  std::map<std::uint32_t, std::uint32_t> places;  // by variable
  std::vector<std::uint32_t> variables;

  explicit Outputs(const PreparedExperiment& prepared) {
    for (const ScenarioGroup& group : prepared.groups)
      for (const SlotSpec& spec : group.program.slots)
        if (places.emplace(spec.variable, static_cast<std::uint32_t>(variables.size())).second)
          variables.push_back(spec.variable);
  }
  Key key_of(const SlotSpec& spec) const { return {places.at(spec.variable), spec.step}; }
};

std::vector<Key> keys_of(const PreparedExperiment& prepared, const Outputs& outputs) {
  std::vector<Key> keys;
  for (const ScenarioGroup& group : prepared.groups)
    for (const SlotSpec& spec : group.program.slots) keys.push_back(outputs.key_of(spec));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace

SlotMap map_slots(const PreparedExperiment& prepared) {
  const Outputs outputs(prepared);
  const std::vector<Key> keys = keys_of(prepared, outputs);
  const Model& model = prepared.groups[0].model;
  SlotMap map;
  map.slots.reserve(keys.size());
  for (const Key& key : keys) {
    const Variable& variable = model.variables[outputs.variables[key.first]];
    map.slots.push_back({variable.name, variable.annotations.unit, key.second, key.first});
  }
  for (const ScenarioGroup& group : prepared.groups) {
    std::vector<std::uint32_t>& slot_of = map.slot_of.emplace_back();
    std::vector<bool> present(keys.size(), false);
    for (const SlotSpec& spec : group.program.slots) {
      const auto place = std::lower_bound(keys.begin(), keys.end(), outputs.key_of(spec));
      slot_of.push_back(static_cast<std::uint32_t>(place - keys.begin()));
      present[slot_of.back()] = true;
    }
    std::vector<std::uint32_t>& missing = map.missing.emplace_back();
    for (std::uint32_t slot = 0; slot < present.size(); ++slot)
      if (!present[slot]) missing.push_back(slot);
  }
  return map;
}

}  // namespace sim
