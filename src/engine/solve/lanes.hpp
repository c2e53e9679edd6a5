/*
 * lanes.hpp -- loops over lanes that the methods share; for the files of this room only.
 *
 * A mark is 1 or 0 a lane, as a double so that it goes through the same vectors as values.
 */
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

#include "core/instruction_set.hpp"
#include "solve/shared.hpp"

namespace sim {

struct AddProduct {
  SIM_INLINE static void run(const double* a, const double* b, double* sum, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) sum[i] += a[i] * b[i];
  }
};

/* x less a multiple of y. */
struct SubtractMultiple {
  SIM_INLINE static void run(double factor, const double* y, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] -= factor * y[i];
  }
};

struct DivideBy {
  SIM_INLINE static void run(double divisor, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] /= divisor;
  }
};

/* The larger one of what there is and |a - b|, NaN if either is. */
struct LargestDifference {
  SIM_INLINE static void run(const double* a, const double* b, double* largest, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double difference = std::fabs(a[i] - b[i]);
      largest[i] =
          ((largest[i] > difference) | (largest[i] != largest[i])) ? largest[i] : difference;
    }
  }
};

/* The larger one of what there is and |x|, NaN if either is. */
struct LargestSize {
  SIM_INLINE static void run(const double* x, double* largest, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double size = std::fabs(x[i]);
      largest[i] = ((largest[i] > size) | (largest[i] != largest[i])) ? largest[i] : size;
    }
  }
};

/* Where open, x becomes the value; `change` keeps the largest change. */
struct MoveTo {
  SIM_INLINE static void run(const double* open, const double* value, double* x, double* change,
                             std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double difference = std::fabs(value[i] - x[i]);
      const bool keeps = (change[i] > difference) | (change[i] != change[i]) | (open[i] == 0);
      change[i] = keeps ? change[i] : difference;
      x[i] = open[i] != 0 ? value[i] : x[i];
    }
  }
};

/* The same with a part of the way only. */
struct MovePart {
  SIM_INLINE static void run(const double* open, const double* value, const double* part, double* x,
                             double* change, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double next = x[i] + part[i] * (value[i] - x[i]);
      const double difference = std::fabs(next - x[i]);
      const bool keeps = (change[i] > difference) | (change[i] != change[i]) | (open[i] == 0);
      change[i] = keeps ? change[i] : difference;
      x[i] = open[i] != 0 ? next : x[i];
    }
  }
};

/* to = position + length * step */
struct Advance {
  SIM_INLINE static void run(const double* position, const double* length, const double* step,
                             double* to, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) to[i] = position[i] + length[i] * step[i];
  }
};

struct TakeWhereMarked {
  SIM_INLINE static void run(const double* mark, const double* from, double* to, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) to[i] = mark[i] != 0 ? from[i] : to[i];
  }
};

/* A mark stays where x is finite. */
struct UnmarkNotFinite {
  SIM_INLINE static void run(const double* x, double* mark, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      mark[i] = std::fabs(x[i]) <= std::numeric_limits<double>::max() ? mark[i] : 0;
  }
};

/* A mark stays where |length * step| <= tolerance * (1 + |x|). */
struct UnmarkLargeStep {
  SIM_INLINE static void run(const double* x, const double* length, const double* step,
                             double tolerance, double* mark, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      mark[i] = std::fabs(length[i] * step[i]) <= tolerance * (1 + std::fabs(x[i])) ? mark[i] : 0;
  }
};

}  // namespace sim
