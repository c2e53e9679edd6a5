/*
 * guide_table.cpp -- makes the guide, and looks numbers up.
 */
#include "random/guide_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "core/instruction_set.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

// A power of two, so that a number's cell is exact.
constexpr std::size_t kFewestCells = 1024;
constexpr std::size_t kMostCells = 65536;
constexpr std::size_t kCellsAPlace = 8;
constexpr std::size_t kBlock = 256;

struct FirstStep {
  SIM_INLINE static void run(const double* u, double* x, std::size_t n, const double* limits,
                             const std::uint32_t* starts, double cells, bool* found) {
    std::uint32_t missed = 0;
#pragma omp simd reduction(| : missed)
    for (std::size_t i = 0; i < n; ++i) {
      std::uint32_t place = starts[static_cast<std::int32_t>(u[i] * cells)];
      place += u[i] > limits[place] ? 1 : 0;
      missed |= u[i] > limits[place] ? 1 : 0;
      x[i] = static_cast<double>(static_cast<std::int32_t>(place));
    }
    *found = missed == 0;
  }
};

}  // namespace

GuideTable::GuideTable(std::vector<double> limits) : limits_(std::move(limits)) {
  limits_.back() = math::kInfinity;
  const std::size_t cells =
      std::clamp(std::bit_ceil(kCellsAPlace * limits_.size()), kFewestCells, kMostCells);
  starts_.reserve(cells);
  std::uint32_t place = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const double begin = static_cast<double>(cell) / static_cast<double>(cells);
    while (begin > limits_[place]) ++place;
    starts_.push_back(place);
  }
}

void GuideTable::apply(const double* u, double* x, std::size_t n) const {
  std::array<double, kBlock> places;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = std::min(kBlock, n - i);
    bool found;
    dispatch<FirstStep>(u + i, places.data(), count, limits_.data(), starts_.data(),
                        static_cast<double>(starts_.size()), &found);
    for (std::size_t j = 0; !found && j < count; ++j) {
      auto place = static_cast<std::size_t>(places[j]);
      while (u[i + j] > limits_[place]) ++place;
      places[j] = static_cast<double>(place);
    }
    std::copy_n(places.begin(), count, x + i);
  }
}

}  // namespace sim
