/*
 * table_cells.cpp -- fills the cells by walking from each tail to the median.
 *
 * The walk starts from a quantile computed directly.  The Taylor series at a cell's middle gives
 * the cell's polynomial and the point in the middle of the next cell.  An error made on the way
 * shifts t by the same amount ever after, so its share of t only falls.  The distribution function
 * is asked for confirmation a few times.
 *
 * A lognormal quantile is exp(s z(t)).  The series of z is the same for all s, and that of the
 * exponential follows from it (A. Griewank, A. Walther, "Evaluating Derivatives" (2008), table
 * 13.2), so no walk is needed and cells are filled side by side.
 */
#include "random/table_cells.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/math.hpp"

#pragma GCC diagnostic ignored "-Wpsabi"  // wide vectors pass only between functions of one target

namespace sim {

namespace {

constexpr double kPolynomialError = 1e-13;  // relative to t, of the powers left out
constexpr double kWalkError = 1e-12;  // relative to t, where the distribution function is asked
constexpr int kChecks = 4;            // in one half

template <class Number>
using Series = std::array<Number, kSeriesOrder + 1>;
template <class Number>
using Polynomial = std::array<Number, kTableDegree + 1>;

/* How a power above the table's degree is replaced on [-1, 1] by lower ones, and the largest error
 * of that: C. Lanczos, "Applied Analysis" (1956), section VII.8. */
struct Economization {
  std::array<std::array<double, kTableDegree + 1>, kSeriesOrder + 1> share{};
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
  for (std::size_t power = kTableDegree + 1; power <= kSeriesOrder; ++power) {
    std::array<double, kSeriesOrder + 1> rest{};
    rest[power] = 1;
    for (std::size_t k = power; k > kTableDegree; --k) {
      const double share = rest[k] / chebyshev[k][k];
      for (std::size_t j = 0; j <= k; ++j) rest[j] -= share * chebyshev[k][j];
      result.loss[power] += share < 0 ? -share : share;
    }
    std::copy_n(rest.begin(), kTableDegree + 1, result.share[power].begin());
  }
  return result;
}

constexpr Economization kEconomization = make_economization();

template <class Number>
SIM_INLINE Number absolute(const Number& x) {
  return x < 0 ? -x : x;
}

/* What a polynomial of the series loses, at most. */
template <class Number>
SIM_INLINE Number economization_error(const Series<Number>& series) {
  Number error = absolute(series[kSeriesOrder]);  // stands for the powers not computed
  for (std::size_t k = kTableDegree + 1; k <= kSeriesOrder; ++k) {
    error += kEconomization.loss[k] * absolute(series[k]);
  }
  return error;
}

/* The polynomial in s + 1 that stands for a series on [-1, 1]; the value of the series at 0 is
 * series[0] + rest. */
template <class Number>
SIM_INLINE Polynomial<Number> economize(const Series<Number>& series, const Number& rest) {
  Polynomial<Number> c;
  std::copy_n(series.begin(), kTableDegree + 1, c.begin());
  c[0] = rest;  // the value itself comes last, for the sake of its rounding
  for (std::size_t k = kTableDegree + 1; k <= kSeriesOrder; ++k) {
    for (std::size_t j = k % 2; j <= kTableDegree; j += 2)
      c[j] += kEconomization.share[k][j] * series[k];
  }
  for (std::size_t i = 0; i < kTableDegree; ++i) {
    for (std::size_t j = kTableDegree; j-- > i;) c[j] -= c[j + 1];
  }
  c[0] += series[0];
  return c;
}

/* The same, times a factor, where 1 is a whole octave of so many cells. */
template <class Number>
SIM_INLINE void rescale(Polynomial<Number>& c, double factor, int cells_an_octave) {
  for (Number& coefficient : c) {
    coefficient *= factor;
    factor *= 2.0 * cells_an_octave;  // from half cells to octaves
  }
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

/* Calls visit(series, rest, half_width, t) for the middle of each cell, s being counted in halves
 * of cells, until that returns false.  False also where the walk leaves the curve. */
template <class Visit>
bool walk(const Tail& tail, int bits, Visit visit) {
  const int cells_an_octave = 1 << bits;
  const int count = kTableOctaves * cells_an_octave;
  double half_width = kTableBegin / (2.0 * cells_an_octave);
  double t = kTableBegin + half_width;
  QuantilePoint point = start(tail, t);
  point.slope *= half_width;
  for (int cell = 1; cell <= count; ++cell) {
    const QuantileSeries series = quantile_series(tail.pearson, point);
    if (!visit(series, point.rest, half_width, t)) return false;
    if (cell % (count / kChecks) == 0 && !on_the_curve(tail, point, point.slope / half_width, t)) {
      return false;
    }
    const double growth = cell % cells_an_octave == 0 ? 2 : 1;  // of the next cell
    point = advance(series, point.rest, 1 + growth);
    point.slope *= growth;
    t += (1 + growth) * half_width;
    half_width *= growth;
  }
  return true;
}

/* What the rounding of a distance from the tail's origin is more than two units in the last place
 * of x, where x is much smaller. */
double rounding_error(const Tail& tail, double value) {
  const double x = tail.origin + tail.scale * value;
  const double larger = std::fabs(value) - 2 * std::fabs(x / tail.scale);
  return larger > 0 ? std::numeric_limits<double>::epsilon() * larger : 0;
}

bool fill(const Tail& tail, int bits, std::vector<TableCell>& cells) {
  return walk(tail, bits,
              [&](const QuantileSeries& series, double rest, double half_width, double t) {
                const double error = economization_error(series) + rounding_error(tail, series[0]);
                if (!(error * half_width / std::fabs(series[1]) <= kPolynomialError * t))
                  return false;
                cells.push_back({economize(series, rest)});
                rescale(cells.back().coefficients, tail.scale, 1 << bits);
                cells.back().coefficients[0] += tail.origin;
                return true;
              });
}

/* Tilts the polynomial so that it ends, at `place`, at a value or just before it; `direction`: 1
 * where it rises. */
void end_at(double value, double place, double direction, Polynomial<double>& c) {
  double excess = direction * (evaluate_cell(c.data(), place) - value);
  c[1] -= direction * excess / place;
  while ((excess = direction * (evaluate_cell(c.data(), place) - value)) > 0) {
    const double less = c[1] - direction * excess / place;
    c[1] = less != c[1] ? less : std::nextafter(less, -direction * math::kInfinity);
  }
}

/* Lets each cell end where the next begins: polynomials differ by their errors and roundings. */
void join(int bits, std::vector<TableCell>& cells) {
  const double end = std::ldexp(1.0, -bits) - std::numeric_limits<double>::epsilon();
  const std::size_t half = cells.size() / 2;
  const double median = 0.5 * (evaluate_cell(cells[half - 1].coefficients.data(), end) +
                               evaluate_cell(cells[2 * half - 1].coefficients.data(), end));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool last = (i + 1) % half == 0;
    end_at(last ? median : cells[i + 1].coefficients[0], end, i < half ? 1 : -1,
           cells[i].coefficients);
  }
}

}  // namespace

TableCells make_table_cells(const Tail& lower, const Tail& upper, int bits) {
  std::vector<TableCell> cells;
  if (!fill(lower, bits, cells) || !fill(upper, bits, cells)) return {};
  join(bits, cells);
  return cells;
}

using Eight = double __attribute__((vector_size(64)));

/* Fills one half. */
struct FillLognormalCells {
  /* The series of exp(factor z), whose value is `value`, from k times the coefficients of z. */
  SIM_INLINE static Series<Eight> exponential(const LognormalCells::Group& group, double factor,
                                              const double* value) {
    Series<Eight> slopes;
    Series<Eight> x;
    std::memcpy(&x[0], value, sizeof x[0]);
#pragma GCC unroll 16
    for (std::size_t k = 1; k <= kSeriesOrder; ++k) {
      std::memcpy(&slopes[k], group.slopes[k].data(), sizeof slopes[k]);
      slopes[k] *= factor;
      Eight sum = slopes[1] * x[k - 1];
      for (std::size_t j = 2; j <= k; ++j) sum += slopes[j] * x[k - j];
      x[k] = sum * (1 / static_cast<double>(k));
    }
    return x;
  }

  /* `values`: exp(factor z) in the middle of each cell. */
  SIM_INLINE static void run(const LognormalCells* normal, double factor, const double* values,
                             TableCell* cells, bool* accurate) {
    constexpr std::size_t kLanes = LognormalCells::kLanes;
    for (const LognormalCells::Group& group : normal->groups_) {
      const Series<Eight> series = exponential(group, factor, values);
      Eight largest_error;
      std::memcpy(&largest_error, group.largest_error.data(), sizeof largest_error);
      const auto good = economization_error(series) <= largest_error * absolute(series[1]);
      for (std::size_t lane = 0; lane < kLanes; ++lane) *accurate &= good[lane] != 0;
      Polynomial<Eight> polynomial = economize(series, Eight{});
      rescale(polynomial, 1, 1 << LognormalCells::kBits);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        for (std::size_t k = 0; k <= kTableDegree; ++k) {
          cells[lane].coefficients[k] = polynomial[k][lane];
        }
      }
      cells += kLanes;
      values += kLanes;
    }
  }
};

LognormalCells::LognormalCells(const Tail& lower) {
  std::size_t cell = 0;
  walk(lower, kBits, [&](const QuantileSeries& series, double, double half_width, double t) {
    Group& group = groups_[cell / kLanes];
    const std::size_t lane = cell % kLanes;
    middles_[cell++] = series[0];
    for (std::size_t k = 0; k <= kSeriesOrder; ++k) {
      group.slopes[k][lane] = static_cast<double>(k) * series[k];
    }
    group.largest_error[lane] = kPolynomialError * t / half_width;
    return true;
  });
}

TableCells LognormalCells::make(double sdlog) const {
  std::vector<TableCell> cells(2 * kCount);
  bool accurate = true;
  for (const double factor : {sdlog, -sdlog}) {  // the upper tail mirrors the lower one
    std::array<double, kCount> values;
    for (std::size_t i = 0; i < kCount; ++i) values[i] = factor * middles_[i];
    math::exp(values.data(), values.data(), kCount);
    dispatch<FillLognormalCells>(this, factor, static_cast<const double*>(values.data()),
                                 cells.data() + (factor < 0 ? kCount : 0), &accurate);
  }
  if (!accurate) return {};
  join(kBits, cells);
  return cells;
}

}  // namespace sim
