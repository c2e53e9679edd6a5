/*
 * lanes.hpp -- loops over lanes that the methods share; for the files of this room only.
 */
#pragma once

#include <cmath>
#include <cstddef>

#include "core/instruction_set.hpp"
#include "solve/shared.hpp"

namespace sim {

struct AddProduct {
  SIM_INLINE static void run(const double* a, const double* b, double* sum, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) sum[i] += a[i] * b[i];
  }
};

/* The larger one of what there is and |a - b|, NaN if either is. */
struct LargestDifference {
  SIM_INLINE static void run(const double* a, const double* b, double* largest, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double difference = std::fabs(a[i] - b[i]);
      largest[i] = (largest[i] > difference) | (largest[i] != largest[i]) ? largest[i] : difference;
    }
  }
};

}  // namespace sim
