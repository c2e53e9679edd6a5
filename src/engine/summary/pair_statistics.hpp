/*
 * pair_statistics.hpp -- two numbers of the same trials: how they go together, how far they are
 * apart.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/control.hpp"

namespace sim {

struct PairStatistics {
  std::int64_t trials;     // with both values finite; the others enter nothing
  double mean_difference;  // of first minus second
  double std_error;        // of that mean
  double pearson;          // NaN where one of the two does not vary
  double spearman;         // the same of the ranks, equal values sharing theirs
};

/*
 * What does not exist of so few trials is NaN.  `ranks` false leaves spearman out: it has to sort.
 * Sums are taken in one fixed order.  Requires: equally many of both.  Throws Error(cancelled).
 */
PairStatistics pair_statistics(std::span<const double> first, std::span<const double> second,
                               bool ranks, Control& control);

/* The standard error of the difference of two independent numbers, from theirs. */
double independent_error(double first, double second);

}  // namespace sim
