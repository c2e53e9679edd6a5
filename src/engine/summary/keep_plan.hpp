/*
 * keep_plan.hpp -- what a run keeps of its values besides their moments.
 *
 * A plan is the same in every worker of a run.  It names, for each slot of each scenario, intervals
 * of values (brackets).  A bracket is either collected (every value in it is kept) or counted (it
 * is cut into bins).  Brackets cut the line into regions, numbered from left to right: what lies
 * below the first bracket, the first bracket, what lies between it and the second, and so on.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes.hpp"

namespace sim {

/* Bins of the histogram of one slot where memory is no concern. */
inline constexpr std::uint32_t kHistogramBins = 4096;
inline constexpr std::uint32_t kMaxHistogramBins = 1 << 20;

/* A closed interval of values of one slot of one scenario. */
struct Bracket {
  double low;
  double high;
  /* Parts to count in; 0 collects the values. */
  std::uint32_t bins = 0;
  /*
   * Whether the parts hold equally many doubles rather than being equally long.  For intervals over
   * many orders of magnitude: any interval shrinks to a point in six cuts into 4,096 such parts.
   */
  bool logarithmic = false;

  friend bool operator==(const Bracket&, const Bracket&) = default;
};

enum class KeepMode : std::uint8_t {
  moments,    // nothing else
  samples,    // every finite value
  histogram,  // counts over one bracket a slot, and of what lies below and above
  brackets,  // any number of brackets a slot, collected or counted, and counts of what lies between
};

struct KeepPlan {
  KeepMode mode = KeepMode::moments;
  /*
   * Of (scenario, slot) at scenario * slots + slot, for histogram and brackets; ascending,
   * disjoint. For histogram exactly one each, with bins.
   */
  std::vector<std::vector<Bracket>> brackets;
};

/*
 * Throws Error(corrupt_state) unless the plan keeps the rules above for so many scenarios and
 * slots: call it once for a plan that came from elsewhere.
 */
void check_plan(const KeepPlan& plan, std::uint32_t scenarios, std::uint32_t slots);

/* A plan as bytes, for parallel workers; reading throws Error(corrupt_state) on damaged bytes. */
std::vector<std::uint8_t> serialize(const KeepPlan& plan);
KeepPlan deserialize_plan(std::span<const std::uint8_t> bytes);

void write_brackets(ByteWriter& writer, std::span<const Bracket> brackets);
/* Throws Error(corrupt_state) for brackets that are not ascending and disjoint, or not finite. */
std::vector<Bracket> read_brackets(ByteReader& reader);

/*
 * A bracket for values like the finite ones of the pilot, with kHistogramBins bins:
 * [min - range / 2, max + range / 2], or around the value where there is but one.
 */
Bracket pilot_bracket(std::span<const double> pilot);

/* Finds the bin of a value in a counted bracket. Never decreasing in the value. */
class BinScale {
 public:
  /* One bin for everything. */
  BinScale() = default;
  /* Requires: bracket.bins >= 1. */
  explicit BinScale(const Bracket& bracket);

  /* Requires: low <= value <= high. */
  std::uint32_t bin(double value) const;

 private:
  double low_ = 0;
  double factor_ = 0;
  std::uint64_t low_key_ = 0;
  int shift_ = 0;
  bool by_key_ = false;
  std::uint32_t last_ = 0;
};

/* Finds the region of a value among brackets. */
class RegionFinder {
 public:
  RegionFinder() = default;
  explicit RegionFinder(std::span<const Bracket> brackets);

  /* 2 k + 1 inside bracket k, 2 k below it and above the one before. Requires: value is finite. */
  std::size_t region(double value) const {
    std::size_t passed = 0;  // thresholds known to be at or below the value
    std::size_t rest = thresholds_.size();
    while (rest > 0) {
      /* Adding a product instead of branching: which way to go cannot be foreseen. */
      const std::size_t half = (rest + 1) / 2;
      passed += half * static_cast<std::size_t>(value >= thresholds_[passed + half - 1]);
      rest -= half;
    }
    return passed;
  }

 private:
  std::vector<double> thresholds_;  // smallest value of each region but the first
};

}  // namespace sim
