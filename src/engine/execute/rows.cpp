/*
 * rows.cpp -- the loops over rows, compiled for each instruction set.
 */
#include "execute/rows.hpp"

#include <cstring>

#include "core/instruction_set.hpp"

namespace sim {
namespace {

struct Gather {
  SIM_INLINE static void run(const double* column, const double* row, double* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = column[row_number(row[i])];
  }
};

// Neighbouring values are fetched by one load and sorted into their columns by shuffles, two lanes
// at a time: faster than the CPU's own gather instruction, which takes as long as a load for each
// value.
using Pair = double __attribute__((vector_size(2 * sizeof(double))));

SIM_INLINE Pair load_pair(const double* values) {
  Pair pair;
  std::memcpy(&pair, values, sizeof pair);
  return pair;
}
SIM_INLINE void store_pair(double* out, double x, double y) {
  const Pair pair = {x, y};
  std::memcpy(out, &pair, sizeof pair);
}

struct GatherTwo {
  SIM_INLINE static void run(const double* rows, const double* row, double* first, double* second,
                             std::size_t n) {
    std::size_t i = 0;
    for (; i + 2 <= n; i += 2) {
      const Pair x = load_pair(rows + 2 * row_number(row[i]));
      const Pair y = load_pair(rows + 2 * row_number(row[i + 1]));
      store_pair(first + i, x[0], y[0]);
      store_pair(second + i, x[1], y[1]);
    }
    if (i == n) return;
    const double* last = rows + 2 * row_number(row[i]);
    first[i] = last[0];
    second[i] = last[1];
  }
};

struct GatherThree {
  SIM_INLINE static void run(const double* rows, const double* row, double* first, double* second,
                             double* third, std::size_t n) {
    std::size_t i = 0;
    for (; i + 2 <= n; i += 2) {
      const double* from = rows + 3 * row_number(row[i]);
      const double* next = rows + 3 * row_number(row[i + 1]);
      const Pair x = load_pair(from);
      const Pair y = load_pair(next);
      store_pair(first + i, x[0], y[0]);
      store_pair(second + i, x[1], y[1]);
      store_pair(third + i, from[2], next[2]);
    }
    if (i == n) return;
    const double* last = rows + 3 * row_number(row[i]);
    first[i] = last[0];
    second[i] = last[1];
    third[i] = last[2];
  }
};

struct PickRows {
  SIM_INLINE static void run(const double* u, double rows, int last, double* row, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const int picked = static_cast<int>(u[i] * rows);
      row[i] = row_bits(picked < last ? picked : last);
    }
  }
};

}  // namespace

void gather(const double* column, const double* row, double* out, std::size_t n) {
  dispatch<Gather>(column, row, out, n);
}

void gather_two(const double* rows, const double* row, double* first, double* second,
                std::size_t n) {
  dispatch<GatherTwo>(rows, row, first, second, n);
}

void gather_three(const double* rows, const double* row, double* first, double* second,
                  double* third, std::size_t n) {
  dispatch<GatherThree>(rows, row, first, second, third, n);
}

void pick_rows(const double* u, std::int64_t rows, double* row, std::size_t n) {
  dispatch<PickRows>(u, static_cast<double>(rows), static_cast<int>(rows - 1), row, n);
}

}  // namespace sim
