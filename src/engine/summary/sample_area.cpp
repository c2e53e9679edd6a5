/*
 * sample_area.cpp -- the finite values of a slot.
 */
#include "summary/sample_area.hpp"

#include <algorithm>

namespace sim {

std::span<double> finite_values(const SampleArea& area, std::uint32_t scenario, std::uint32_t slot,
                                const Moments& total) {
  double* first = area.at(scenario, slot, 0);
  double* last = first + area.trials;
  if (total.failed > 0) {
    last = std::remove_if(first, last, [](double value) { return !(value - value == 0); });
  }
  return {first, last};
}

}  // namespace sim
