/*
 * quantile_table.cpp -- finds the cells of numbers and evaluates their polynomials.
 */
#include "random/quantile_table.hpp"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/instruction_set.hpp"
#include "core/math.hpp"

// GCC 12 takes the deliberately undefined operand inside its own AVX-512 header for a mistake of
// ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target

namespace sim {
namespace {

constexpr int kFirstExponent = -17;
constexpr double kBelowHalf = 0.5 - 0x1p-54;
constexpr int kFewestBits = 4;
constexpr int kMostBits = 6;

constexpr int kMantissaBits = 52;
constexpr int kExponentBias = 1023;
constexpr std::uint64_t kOne = 0x3FF0000000000000;

constexpr std::size_t kBlock = 256;
constexpr std::size_t kLanes = 8;  // of the widest vectors; what is left over is filled up

/* Where in the table a number is. */
struct CellFinder {
  explicit CellFinder(int bits)
      : shift(kMantissaBits - bits),
        first(static_cast<std::uint64_t>(kFirstExponent + kExponentBias) << bits),
        count(static_cast<std::uint64_t>(kTableOctaves) << bits),
        inside((std::uint64_t{1} << shift) - 1) {}

  int shift;             // to the leading bits, which number the cells
  std::uint64_t first;   // leading bits of the first cell
  std::uint64_t count;   // of cells in one half
  std::uint64_t inside;  // the bits that give the place inside a cell
};

/* The cell of each number, its place inside, and whether all of them are in the table. */
struct FindCells {
  SIM_INLINE static void run(const double* coefficients, CellFinder finder, const double* u,
                             std::size_t n, const double** cells, double* places, bool* all_found) {
    std::uint64_t outside = 0;
#pragma omp simd reduction(| : outside)
    for (std::size_t i = 0; i < n; ++i) {
      const bool upper = u[i] > 0.5;
      double t = upper ? 1 - u[i] : u[i];
      outside |= t >= kTableBegin ? 0 : 1;
      t = t < kBelowHalf ? t : kBelowHalf;
      const auto bits = std::bit_cast<std::uint64_t>(t);
      const std::uint64_t cell = (bits >> finder.shift) - finder.first;
      cells[i] = coefficients + (kTableDegree + 1) *
                                    ((cell < finder.count ? cell : 0) + (upper ? finder.count : 0));
      places[i] = std::bit_cast<double>((bits & finder.inside) | kOne) - 1;
    }
    *all_found = outside == 0;
  }
};

void evaluate_each(const double* const* cells, const double* places, Affine map, double* x,
                   std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    x[i] = map.origin + map.scale * evaluate_cell(cells[i], places[i]);
}

using Four = double __attribute__((vector_size(32)));

/* Two numbers from each of two places. */
SIM_TARGET_AVX2 inline Four load_twos(const double* first, const double* second) {
  return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(first)), _mm_loadu_pd(second), 1);
}

SIM_TARGET_AVX2 void evaluate_fours(const double* const* cells, const double* places, Affine map,
                                    double* x, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 4) {
    const double* const* row = cells + i;
    Four columns[kTableDegree + 1];
    for (std::size_t k = 0; k <= kTableDegree; k += 2) {
      const Four even = load_twos(row[0] + k, row[2] + k);
      const Four odd = load_twos(row[1] + k, row[3] + k);
      columns[k] = __builtin_shufflevector(even, odd, 0, 4, 2, 6);
      columns[k + 1] = __builtin_shufflevector(even, odd, 1, 5, 3, 7);
    }
    Four place;
    std::memcpy(&place, places + i, sizeof place);
    const Four value = map.origin + map.scale * evaluate_cell(columns, place);
    std::memcpy(x + i, &value, sizeof value);
  }
}

using Eight = double __attribute__((vector_size(64)));
using EightWords = std::uint64_t __attribute__((vector_size(64)));

/* Four numbers from each of two places: a masked load, as an insertion would wait for the unit that
 * shuffles. */
SIM_TARGET_AVX512 inline Eight load_fours(const double* first, const double* second) {
  return _mm512_mask_broadcast_f64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(first)), 0xF0,
                                     _mm256_loadu_pd(second));
}

/* Eight rows of eight coefficients as eight columns. */
SIM_TARGET_AVX512 inline void load_columns(const double* const* row, Eight* columns) {
  for (int half = 0; half < 8; half += 4) {
    const Eight even[2] = {load_fours(row[0] + half, row[2] + half),
                           load_fours(row[4] + half, row[6] + half)};
    const Eight odd[2] = {load_fours(row[1] + half, row[3] + half),
                          load_fours(row[5] + half, row[7] + half)};
    Eight lower[2];
    Eight upper[2];
    for (int i = 0; i < 2; ++i) {
      lower[i] = __builtin_shufflevector(even[i], odd[i], 0, 8, 2, 10, 4, 12, 6, 14);
      upper[i] = __builtin_shufflevector(even[i], odd[i], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    columns[half] = __builtin_shufflevector(lower[0], lower[1], 0, 1, 4, 5, 8, 9, 12, 13);
    columns[half + 1] = __builtin_shufflevector(upper[0], upper[1], 0, 1, 4, 5, 8, 9, 12, 13);
    columns[half + 2] = __builtin_shufflevector(lower[0], lower[1], 2, 3, 6, 7, 10, 11, 14, 15);
    columns[half + 3] = __builtin_shufflevector(upper[0], upper[1], 2, 3, 6, 7, 10, 11, 14, 15);
  }
}

/* As find_cells below. */
SIM_TARGET_AVX512 std::uint64_t find_eights(const double* coefficients, CellFinder finder,
                                            const double* u, std::size_t n, const double** cells,
                                            double* places, double* outside) {
  constexpr int kCellShift = std::countr_zero(sizeof(TableCell));
  const EightWords shift = EightWords{} + static_cast<std::uint64_t>(finder.shift - kCellShift);
  const EightWords lower_cells = EightWords{} + reinterpret_cast<std::uint64_t>(coefficients) -
                                 finder.first * sizeof(TableCell);
  const EightWords upper_cells = EightWords{} + finder.count * sizeof(TableCell);
  std::uint64_t incomplete = 0;
  for (std::size_t i = 0; i < n; i += kLanes) {
    Eight number;
    std::memcpy(&number, u + i, sizeof number);
    const Eight tail = _mm512_min_pd(number, 1 - number);
    const __mmask8 found = _mm512_cmp_pd_mask(tail, Eight{} + kTableBegin, _CMP_GE_OQ);
    const __mmask8 upper = _mm512_cmp_pd_mask(number, Eight{} + 0.5, _CMP_GT_OQ);
    const Eight inside =
        _mm512_max_pd(tail, Eight{} + kTableBegin);  // where it is not a number, too
    const auto bits = (EightWords)_mm512_min_pd(inside, Eight{} + kBelowHalf);
    const EightWords cell = ((bits >> shift) & -sizeof(TableCell)) + lower_cells;
    const EightWords address = (EightWords)_mm512_mask_add_epi64(
        (__m512i)cell, upper, (__m512i)cell, (__m512i)upper_cells);
    const Eight place = (Eight)((bits & finder.inside) | kOne) - 1;
    std::memcpy(cells + i, &address, sizeof address);
    std::memcpy(places + i, &place, sizeof place);
    if (found != 0xFF) {
      std::memcpy(outside + i, &number, sizeof number);
      incomplete |= std::uint64_t{1} << i / kLanes;
    }
  }
  return incomplete;
}

SIM_TARGET_AVX512 void evaluate_eights(const double* const* cells, const double* places, Affine map,
                                       double* x, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) {
    Eight columns[8];
    load_columns(cells + i, columns);
    Eight place;
    std::memcpy(&place, places + i, sizeof place);
    const Eight value = map.origin + map.scale * evaluate_cell(columns, place);
    std::memcpy(x + i, &value, sizeof value);
  }
}

/*
 * The coefficients of the cell of each number, and its place inside.  A set bit i of the result
 * says that some of the numbers 8 i to 8 i + 7 may not be in the table; those numbers are then left
 * in `outside`, too.  n is a multiple of 8.
 */
std::uint64_t find_cells(const double* coefficients, CellFinder finder, const double* u,
                         std::size_t n, const double** cells, double* places, double* outside) {
  if (instruction_set() == InstructionSet::avx512) {
    return find_eights(coefficients, finder, u, n, cells, places, outside);
  }
  bool all_found;
  dispatch<FindCells>(coefficients, finder, u, n, cells, places, &all_found);
  if (all_found) return 0;
  std::copy_n(u, n, outside);
  return ~std::uint64_t{0} >> (64 - n / kLanes);
}

void evaluate_cells(const double* const* cells, const double* places, Affine map, double* x,
                    std::size_t n) {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return evaluate_eights(cells, places, map, x, n);
    case InstructionSet::avx2:
      return evaluate_fours(cells, places, map, x, n);
    case InstructionSet::baseline:
      break;
  }
  evaluate_each(cells, places, map, x, n);
}

}  // namespace

QuantileTable::QuantileTable(int bits, std::vector<TableCell> cells,
                             std::function<double(double)> direct)
    : bits_(bits), cells_(std::move(cells)), direct_(std::move(direct)) {}

std::optional<QuantileTable> QuantileTable::make(const Tail& lower, const Tail& upper,
                                                 std::function<double(double)> direct) {
  for (int bits = kFewestBits; bits <= kMostBits; ++bits) {
    if (auto cells = make_table_cells(lower, upper, bits))
      return QuantileTable(bits, *std::move(cells), std::move(direct));
  }
  return {};
}

/* Replaces what lies beyond the table among kLanes draws. */
void QuantileTable::apply_directly(const double* u, double* x, Affine map) const {
  const double lowest = cells_.front().coefficients[0];
  const double highest = cells_[cells_.size() / 2].coefficients[0];
  for (std::size_t i = 0; i < kLanes; ++i) {
    if (!(u[i] > 0 && u[i] < 1)) {
      x[i] = math::kNaN;
    } else if (u[i] < kTableBegin) {
      x[i] = map.origin + map.scale * std::min(direct_(u[i]), lowest);
    } else if (1 - u[i] < kTableBegin) {
      x[i] = map.origin + map.scale * std::max(direct_(u[i]), highest);
    }
  }
}

/* n is a multiple of kLanes. */
void QuantileTable::apply_block(const double* u, double* x, std::size_t n, Affine map) const {
  std::array<const double*, kBlock> cells;
  std::array<double, kBlock> places;
  std::array<double, kBlock> outside;
  std::uint64_t incomplete = find_cells(cells_[0].coefficients.data(), CellFinder(bits_), u, n,
                                        cells.data(), places.data(), outside.data());
  evaluate_cells(cells.data(), places.data(), map, x, n);
  for (; incomplete != 0; incomplete &= incomplete - 1) {
    const std::size_t i = kLanes * static_cast<std::size_t>(std::countr_zero(incomplete));
    apply_directly(outside.data() + i, x + i, map);
  }
}

void QuantileTable::apply(const double* u, double* x, std::size_t n, Affine map) const {
  const std::size_t whole = n / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kBlock) {
    apply_block(u + i, x + i, std::min(kBlock, whole - i), map);
  }
  if (whole == n) return;
  std::array<double, kLanes> rest;
  rest.fill(0.5);
  std::copy(u + whole, u + n, rest.begin());
  apply_block(rest.data(), rest.data(), kLanes, map);
  std::copy_n(rest.begin(), n - whole, x + whole);
}

}  // namespace sim
