/*
 * working_lanes.hpp -- the lanes a method still works on; for the files of this room only.
 *
 * Lanes that are done leave once they are half of those that remain, so that a few slow ones do not
 * make all the others be evaluated again and again. What a method keeps of each lane moves along.
 */
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "solve/loop_system.hpp"

namespace sim {

class WorkingLanes {
 public:
  explicit WorkingLanes(LoopSystem& system) : system_(system), lane_(system.lanes()) {
    std::iota(lane_.begin(), lane_.end(), 0u);
  }
  ~WorkingLanes() { system_.widen(); }
  WorkingLanes(const WorkingLanes&) = delete;
  WorkingLanes& operator=(const WorkingLanes&) = delete;

  std::size_t size() const { return lane_.size(); }
  /* The number, among all lanes, of the one at place k. */
  std::uint32_t operator[](std::size_t k) const { return lane_[k]; }

  /* The places k at which works(k), ascending, if they are few enough for the others to leave;
   * otherwise none. `count`: how many they are. */
  template <class Works>
  std::vector<std::uint32_t> few_that(std::size_t count, Works works) const {
    std::vector<std::uint32_t> places;
    if (lane_.size() <= kFewest || 2 * count > lane_.size()) return places;
    for (std::uint32_t k = 0; k < lane_.size(); ++k)
      if (works(k)) places.push_back(k);
    return places;
  }

  /* Leaves only the lanes at these places. The unknowns of the others stay as they are; values must
   * be computed again. */
  void keep(std::span<const std::uint32_t> places) {
    for (std::size_t k = 0; k < places.size(); ++k) lane_[k] = lane_[places[k]];
    lane_.resize(places.size());
    system_.narrow(places);
  }

 private:
  /* One vector holds as many: fewer lanes take no less time. */
  static constexpr std::size_t kFewest = 8;

  LoopSystem& system_;
  std::vector<std::uint32_t> lane_;
};

/* Leaves the values at these places, ascending, in each block of so many lanes. */
template <class T>
void keep_places(std::vector<T>& values, std::size_t lanes, std::span<const std::uint32_t> places) {
  std::size_t to = 0;
  for (std::size_t block = 0; block < values.size(); block += lanes)
    for (const std::uint32_t place : places) values[to++] = values[block + place];
  values.resize(to);
}

}  // namespace sim
