/*
 * quantile_table.cpp -- fills the cells by walking from each tail to the median, and looks them up.
 *
 * The walk starts from a quantile computed directly.  The Taylor series at a cell's middle gives
 * the cell's polynomial and the point in the middle of the next cell.  An error made on the way
 * shifts t by the same amount ever after, so its share of t only falls.  The distribution function
 * is asked for confirmation a few times.
 */
#include "random/quantile_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "core/instruction_set.hpp"
#include "core/math.hpp"

#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target

namespace sim {
namespace {

constexpr double kTableBegin = 0x1p-17;
constexpr int kFirstExponent = -17;
constexpr int kOctaves = 16;  // up to 1/2
constexpr double kBelowHalf = 0.5 - 0x1p-54;
constexpr int kFewestBits = 4;
constexpr int kMostBits = 6;

constexpr int kMantissaBits = 52;
constexpr int kExponentBias = 1023;
constexpr std::uint64_t kOne = 0x3FF0000000000000;

constexpr std::size_t kDegree = 7;
constexpr double kPolynomialError = 1e-13;  // relative to t, of the powers left out
constexpr double kWalkError = 1e-12;  // relative to t, where the distribution function is asked
constexpr int kChecks = 4;            // in one half
constexpr std::size_t kBlock = 256;

/* How a power above kDegree is replaced on [-1, 1] by lower ones, and the largest error of that:
 * C. Lanczos, "Applied Analysis" (1956), section VII.8. */
struct Economization {
  std::array<std::array<double, kDegree + 1>, kSeriesOrder + 1> share{};
  std::array<double, kSeriesOrder + 1> loss{};
};

constexpr Economization make_economization() {
  std::array<std::array<double, kSeriesOrder + 1>, kSeriesOrder + 1> chebyshev{};
  chebyshev[0][0] = 1;
  chebyshev[1][1] = 1;
  for (std::size_t k = 2; k <= kSeriesOrder; ++k) {
    for (std::size_t j = 0; j <= k; ++j) {
      chebyshev[k][j] = (j > 0 ? 2 * chebyshev[k - 1][j - 1] : 0) - chebyshev[k - 2][j];
    }
  }
  Economization result;
  for (std::size_t power = kDegree + 1; power <= kSeriesOrder; ++power) {
    std::array<double, kSeriesOrder + 1> rest{};
    rest[power] = 1;
    for (std::size_t k = power; k > kDegree; --k) {
      const double share = rest[k] / chebyshev[k][k];
      for (std::size_t j = 0; j <= k; ++j) rest[j] -= share * chebyshev[k][j];
      result.loss[power] += share < 0 ? -share : share;
    }
    std::copy_n(rest.begin(), kDegree + 1, result.share[power].begin());
  }
  return result;
}

constexpr Economization kEconomization = make_economization();

/* What a polynomial of the series loses, at most. */
double economization_error(const QuantileSeries& series) {
  double error = std::fabs(series[kSeriesOrder]);  // stands for the powers not computed
  for (std::size_t k = kDegree + 1; k <= kSeriesOrder; ++k) {
    error += kEconomization.loss[k] * std::fabs(series[k]);
  }
  return error;
}

/* The polynomial in s + 1 that stands for a series on [-1, 1]. */
std::array<double, kDegree + 1> economize(const QuantileSeries& series, double rest) {
  std::array<double, kDegree + 1> c;
  std::copy_n(series.begin(), kDegree + 1, c.begin());
  c[0] = rest;  // the value itself comes last, for the sake of its rounding
  for (std::size_t k = kDegree + 1; k <= kSeriesOrder; ++k) {
    for (std::size_t j = k % 2; j <= kDegree; j += 2)
      c[j] += kEconomization.share[k][j] * series[k];
  }
  for (std::size_t i = 0; i < kDegree; ++i) {
    for (std::size_t j = kDegree; j-- > i;) c[j] -= c[j + 1];
  }
  c[0] += series[0];
  return c;
}

/* The quantile at t improved by a step of Newton's method, and its slope. */
QuantilePoint start(const Tail& tail, double t) {
  const double x = tail.quantile(t);
  const double slope = tail.direction / tail.density(x);
  return {x, (t - tail.probability(x)) * slope, slope};
}

bool on_the_curve(const Tail& tail, const QuantilePoint& point, double slope, double t) {
  const double error = tail.probability(point.value) + point.rest / slope - t;
  return std::fabs(error) <= kWalkError * t;
}

template <class Number>
SIM_INLINE Number evaluate(const Number* c, const Number& s) {
  return ((((((c[7] * s + c[6]) * s + c[5]) * s + c[4]) * s + c[3]) * s + c[2]) * s + c[1]) * s +
         c[0];
}

/* Tilts the polynomial so that it ends, at `place`, at a value or just before it; `direction`: 1
 * where it rises. */
void end_at(double value, double place, double direction, std::array<double, kDegree + 1>& c) {
  double excess = direction * (evaluate(c.data(), place) - value);
  c[1] -= direction * excess / place;
  while ((excess = direction * (evaluate(c.data(), place) - value)) > 0) {
    const double less = c[1] - direction * excess / place;
    c[1] = less != c[1] ? less : std::nextafter(less, -direction * math::kInfinity);
  }
}

/* Where in the table a number is. */
struct CellFinder {
  explicit CellFinder(int bits)
      : shift(kMantissaBits - bits),
        first(static_cast<std::uint64_t>(kFirstExponent + kExponentBias) << bits),
        count(static_cast<std::uint64_t>(kOctaves) << bits),
        inside((std::uint64_t{1} << shift) - 1) {}

  int shift;             // to the leading bits, which number the cells
  std::uint64_t first;   // leading bits of the first cell
  std::uint64_t count;   // of cells in one half
  std::uint64_t inside;  // the bits that give the place inside a cell
};

/* The cell of each number, its place inside, and whether all of them are in the table. */
struct FindCells {
  SIM_INLINE static void run(const double* u, std::size_t n, CellFinder finder,
                             std::uint64_t* cells, double* places, bool* all_found) {
    std::uint64_t outside = 0;
#pragma omp simd reduction(| : outside)
    for (std::size_t i = 0; i < n; ++i) {
      const bool upper = u[i] > 0.5;
      double t = upper ? 1 - u[i] : u[i];
      outside |= t >= kTableBegin ? 0 : 1;
      t = t < kBelowHalf ? t : kBelowHalf;
      const auto bits = std::bit_cast<std::uint64_t>(t);
      const std::uint64_t cell = (bits >> finder.shift) - finder.first;
      cells[i] = (cell < finder.count ? cell : 0) + (upper ? finder.count : 0);
      places[i] = std::bit_cast<double>((bits & finder.inside) | kOne) - 1;
    }
    *all_found = outside == 0;
  }
};

struct EvaluateCells {
  SIM_INLINE static void run(const double* coefficients, const std::uint64_t* cells,
                             const double* places, double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = evaluate(coefficients + (kDegree + 1) * cells[i], places[i]);
    }
  }
};

using Eight = double __attribute__((vector_size(64)));

/* From eight rows to eight columns. */
SIM_TARGET_AVX512 inline void transpose(Eight* r) {
  Eight pairs[8];
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    pairs[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  Eight halves[8];
  for (const int i : {0, 1, 4, 5}) {
    halves[i] = __builtin_shufflevector(pairs[i], pairs[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    halves[i + 2] = __builtin_shufflevector(pairs[i], pairs[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = __builtin_shufflevector(halves[i], halves[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = __builtin_shufflevector(halves[i], halves[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/* Loading whole cells and transposing them takes half the time of gathering eight times. */
SIM_TARGET_AVX512 void evaluate_eights(const double* coefficients, const std::uint64_t* cells,
                                       const double* places, double* x, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 8) {
    Eight c[8];
    for (std::size_t j = 0; j < 8; ++j) std::memcpy(&c[j], coefficients + 8 * cells[i + j], 64);
    transpose(c);
    Eight s;
    std::memcpy(&s, places + i, sizeof s);
    const Eight value = evaluate(c, s);
    std::memcpy(x + i, &value, sizeof value);
  }
}

void evaluate_cells(const double* coefficients, const std::uint64_t* cells, const double* places,
                    double* x, std::size_t n) {
  std::size_t done = 0;
  if (instruction_set() == InstructionSet::avx512) {
    done = n / 8 * 8;
    evaluate_eights(coefficients, cells, places, x, done);
  }
  dispatch<EvaluateCells>(coefficients, cells + done, places + done, x + done, n - done);
}

}  // namespace

QuantileTable::QuantileTable(int bits, std::function<double(double)> direct)
    : bits_(bits), direct_(std::move(direct)) {}

std::optional<QuantileTable> QuantileTable::make(const Tail& lower, const Tail& upper,
                                                 std::function<double(double)> direct) {
  for (int bits = kFewestBits; bits <= kMostBits; ++bits) {
    QuantileTable table(bits, direct);
    if (!table.fill(lower) || !table.fill(upper)) continue;
    table.join();
    return table;
  }
  return {};
}

void QuantileTable::add_cell(const Tail& tail, const QuantileSeries& series, double rest) {
  cells_.push_back({economize(series, rest)});
  auto& c = cells_.back().coefficients;
  double scale = tail.scale;
  for (double& coefficient : c) {
    coefficient *= scale;
    scale *= 2.0 * static_cast<double>(1 << bits_);  // from half cells to octaves
  }
  c[0] += tail.origin;
}

bool QuantileTable::fill(const Tail& tail) {
  const int cells_an_octave = 1 << bits_;
  const int count = kOctaves * cells_an_octave;
  const double places = 2.0 * cells_an_octave;  // halves of cells in one octave
  double half_width = kTableBegin / places;
  double t = kTableBegin + half_width;
  QuantilePoint point = start(tail, t);
  point.slope *= half_width;
  for (int cell = 1; cell <= count; ++cell) {
    const QuantileSeries series = quantile_series(tail.pearson, point);
    const double error = economization_error(series) * half_width / std::fabs(series[1]);
    if (!(error <= kPolynomialError * t)) return false;
    if (cell % (count / kChecks) == 0 && !on_the_curve(tail, point, point.slope / half_width, t)) {
      return false;
    }
    add_cell(tail, series, point.rest);
    const double growth = cell % cells_an_octave == 0 ? 2 : 1;  // of the next cell
    point = advance(series, point.rest, 1 + growth);
    point.slope *= growth;
    t += (1 + growth) * half_width;
    half_width *= growth;
  }
  return true;
}

/* Lets each cell end where the next begins: polynomials differ by their errors and roundings. */
void QuantileTable::join() {
  const double end = std::ldexp(1.0, -bits_) - std::numeric_limits<double>::epsilon();
  const std::size_t half = cells_.size() / 2;
  const double median = 0.5 * (evaluate(cells_[half - 1].coefficients.data(), end) +
                               evaluate(cells_[2 * half - 1].coefficients.data(), end));
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const bool last = (i + 1) % half == 0;
    end_at(last ? median : cells_[i + 1].coefficients[0], end, i < half ? 1 : -1,
           cells_[i].coefficients);
  }
}

void QuantileTable::apply_block(const double* u, double* x, std::size_t n) const {
  std::array<std::uint64_t, kBlock> cells;
  std::array<double, kBlock> places;
  bool all_found;
  dispatch<FindCells>(u, n, CellFinder(bits_), cells.data(), places.data(), &all_found);
  std::array<double, kBlock> tails;
  if (!all_found) std::copy_n(u, n, tails.begin());
  evaluate_cells(cells_[0].coefficients.data(), cells.data(), places.data(), x, n);
  if (all_found) return;
  const double lowest = cells_.front().coefficients[0];
  const double highest = cells_[cells_.size() / 2].coefficients[0];
  for (std::size_t i = 0; i < n; ++i) {
    if (tails[i] < kTableBegin) x[i] = std::min(direct_(tails[i]), lowest);
    if (1 - tails[i] < kTableBegin) x[i] = std::max(direct_(tails[i]), highest);
  }
}

void QuantileTable::apply(const double* u, double* x, std::size_t n) const {
  for (std::size_t i = 0; i < n; i += kBlock) apply_block(u + i, x + i, std::min(kBlock, n - i));
}

}  // namespace sim
