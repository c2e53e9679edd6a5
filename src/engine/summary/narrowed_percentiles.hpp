/*
 * narrowed_percentiles.hpp -- any exact percentile of values that come piece by piece, in the
 * memory of a few hundredths of them.
 *
 * A sketch of the same values tells between which two of its values each wanted order statistic
 * lies. Values strictly between these two are collected, all others counted; then the counts say
 * which of the collected ones it is, or that it is one of the two.  So it does not matter how often
 * a single value comes.
 */
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "summary/kept_values.hpp"
#include "summary/percentile.hpp"
#include "summary/quantile_sketch.hpp"

namespace sim {

class NarrowedPercentiles {
 public:
  /* `sketch` is that of the n values. Throws Error(invalid_parameter) for a probability outside 0
   * to
   * 1. Requires: n >= 1. */
  NarrowedPercentiles(std::span<const double> probabilities, const QuantileSketch& sketch,
                      std::int64_t n);

  /* Takes the finite ones of the values. */
  void add(std::span<const double> values);

  /* In the order of the probabilities; spends what was collected. Throws Error(corrupt_state) where
   * the values were not n. */
  std::vector<double> finish();

  /* Bytes held. */
  std::size_t memory() const { return kept_.memory(); }

 private:
  /* A wanted order statistic: at least low, at most high. */
  struct Wanted {
    std::int64_t row;
    double low;
    double high;
  };

  static std::vector<Wanted> find_wanted(const PercentileTargets& targets,
                                         const QuantileSketch& sketch, std::int64_t n);
  static std::vector<Bracket> find_brackets(std::span<const Wanted> wanted);

  std::int64_t count_;
  PercentileTargets targets_;
  std::vector<Wanted> wanted_;
  std::vector<Bracket> brackets_;
  KeptSlot kept_;
};

}  // namespace sim
