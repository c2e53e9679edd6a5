/*
 * loops.cpp -- circular formulas iterated by hand, as a planner's program does: in the order of the
 * text, until nothing changes by more than a tolerance.
 */
#include <algorithm>
#include <cmath>

#include "hand/job.hpp"
#include "hand/lanes.hpp"
#include "hand/work.hpp"

namespace bench {
namespace {

constexpr double kFine = 1e-9;
constexpr double kCoarse = 1e-3;
constexpr std::size_t kGroup = 32;  // points iterated together
constexpr int kCycles = 43;
constexpr int kCells = 9;

/* Total costs at points of energy, a group at a time until all of it has settled. */
struct ConvergeCost {
  SIM_INLINE static void run(const double* energy, double tolerance, double* total, std::size_t n) {
    constexpr double kMaterial = 100;
    constexpr double kTransport = 85 / 3.0;
    for (std::size_t first = 0; first < n; first += kGroup) {
      double co2[kGroup] = {};
      double disposal[kGroup] = {};
      double eco[kGroup] = {};
      double logistics[kGroup] = {};
      double change = 1;
      while (change > tolerance) {
        double changes[kGroup];
        for (std::size_t i = 0; i < kGroup; ++i) {
          const double new_disposal = 0.8 * kMaterial + co2[i];
          const double new_co2 = 0.1 * energy[first + i] + 0.05 * new_disposal;
          const double new_logistics = kTransport + eco[i];
          const double new_eco = 0.1 * new_logistics + 0.05 * new_co2;
          const double left =
              std::max(std::fabs(new_disposal - disposal[i]), std::fabs(new_co2 - co2[i]));
          const double right =
              std::max(std::fabs(new_logistics - logistics[i]), std::fabs(new_eco - eco[i]));
          changes[i] = std::max(left, right);
          disposal[i] = new_disposal;
          co2[i] = new_co2;
          logistics[i] = new_logistics;
          eco[i] = new_eco;
        }
        change = 0;
        for (std::size_t i = 0; i < kGroup; ++i) change = changes[i] > change ? changes[i] : change;
      }
      for (std::size_t i = 0; i < kGroup; ++i)
        total[first + i] =
            kMaterial + energy[first + i] + disposal[i] + co2[i] + logistics[i] + eco[i];
    }
  }
};

Answer converge_cost(const Request& request, double tolerance) {
  const auto count = static_cast<std::size_t>(request.trials);
  const std::size_t padded = (count + kGroup - 1) / kGroup * kGroup;
  std::vector<double> energy(padded, 60);
  std::vector<double> total(padded);
  for (std::size_t i = 0; i < count; ++i)
    energy[i] = 60 + 40 * static_cast<double>(i) / static_cast<double>(count - 1);
  run_widest<ConvergeCost>(static_cast<const double*>(energy.data()), tolerance, total.data(),
                           padded);
  return {total[0], sum_of({total.data(), count}, 0, false), total[count - 1]};
}

/* One loop of nine cells after the other; returns the last cell of the last. */
double settle_cycles(double demand, double tolerance) {
  double from = demand;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    double cell[kCells] = {};
    double change = 1;
    while (change > tolerance) {
      change = 0;
      double value = 0.2 * cell[kCells - 1] + 0.5 * from + 3;
      for (int place = 0; place < kCells; ++place) {
        if (place > 0) value = 0.7 * value + (place + 1);
        change = std::max(change, std::fabs(value - cell[place]));
        cell[place] = value;
      }
    }
    from = cell[kCells - 1];
  }
  return from;
}

}  // namespace

Answer same_converge(const Request& request) { return converge_cost(request, kFine); }
Answer free_converge(const Request& request) { return converge_cost(request, kCoarse); }
Answer same_cycles(const Request&) { return {settle_cycles(100, kFine)}; }
Answer free_cycles(const Request&) { return {settle_cycles(100, kCoarse)}; }

}  // namespace bench
