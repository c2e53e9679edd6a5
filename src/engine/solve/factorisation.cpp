/*
 * factorisation.cpp -- panels of 64 pivots: each is factored by itself, then its rows are finished,
 * then all rows below lose their multiples of these, tile by tile.
 */
#include "solve/factorisation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "model/program.hpp"
#include "solve/lanes.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

/* Products that are added in pairs, and then to a sum: a shorter chain of roundings. */
constexpr std::size_t kGroup = 8;
/* Pivots whose products are subtracted as one sum. Over a tile of columns their rows, 32 KiB, stay
 * in the first-level cache. */
constexpr std::size_t kPanel = 64;
constexpr std::size_t kTile = 64;

/* Eight factors and the rows they belong to. */
struct Group {
  SIM_INLINE Group(const double* f, const double* rows, std::size_t stride)
      : f0(f[0]),
        f1(f[1]),
        f2(f[2]),
        f3(f[3]),
        f4(f[4]),
        f5(f[5]),
        f6(f[6]),
        f7(f[7]),
        y0(rows),
        y1(y0 + stride),
        y2(y1 + stride),
        y3(y2 + stride),
        y4(y3 + stride),
        y5(y4 + stride),
        y6(y5 + stride),
        y7(y6 + stride) {}
  SIM_INLINE double products(std::size_t i) const {
    return ((f0 * y0[i] + f1 * y1[i]) + (f2 * y2[i] + f3 * y3[i])) +
           ((f4 * y4[i] + f5 * y5[i]) + (f6 * y6[i] + f7 * y7[i]));
  }
  SIM_INLINE bool is_zero() const {
    return f0 == 0 && f1 == 0 && f2 == 0 && f3 == 0 && f4 == 0 && f5 == 0 && f6 == 0 && f7 == 0;
  }

  double f0, f1, f2, f3, f4, f5, f6, f7;
  const double *y0, *y1, *y2, *y3, *y4, *y5, *y6, *y7;
};

/* x less the products of a group. */
struct SubtractGroup {
  SIM_INLINE static void run(const double* factors, const double* rows, std::size_t stride,
                             double* x, std::size_t n) {
    const Group group(factors, rows, stride);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) x[i] -= group.products(i);
  }
};

/* x, no longer than a tile, less the sum of all products of the panel. Groups of zeros, which
 * sparse systems have many of, take no time. */
struct SubtractPanel {
  SIM_INLINE static void run(const double* factors, std::size_t count, const double* tile,
                             double* x, std::size_t n) {
    double sum[kTile] = {};
    for (std::size_t first = 0; first < count; first += kGroup) {
      const Group group(factors + first, tile + first * kTile, kTile);
      if (group.is_zero()) continue;
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) sum[i] += group.products(i);
    }
    for (std::size_t i = 0; i < n; ++i) x[i] -= sum[i];
  }
};

/* The columns of a panel from its first pivot's row on, column by column. */
class Panel {
 public:
  Panel(std::size_t rows, std::size_t width, AskingControl& asking)
      : rows_(rows), width_(width), asking_(asking), values_(rows * width), swaps_(width) {}

  double* column(std::size_t c) { return values_.data() + c * rows_; }
  /* The row that each pivot's row changed places with, one after the other. */
  const std::vector<std::size_t>& swaps() const { return swaps_; }

  void factor() {
    for (std::size_t first = 0; first < width_; first += kGroup) {
      const std::size_t end = std::min(first + kGroup, width_);
      for (std::size_t pivot = first; pivot < end; ++pivot) eliminate(pivot, end);
      for (std::size_t c = end; c < width_; ++c) subtract_group(first, column(c));
    }
  }

 private:
  /* One pivot, over the columns up to `end`. */
  void eliminate(std::size_t pivot, std::size_t end) {
    double* own = column(pivot);
    swap_rows(pivot, largest_from(own, pivot));
    const std::size_t below = rows_ - pivot - 1;
    if (own[pivot] != 0) dispatch<DivideBy>(own[pivot], own + pivot + 1, below);
    for (std::size_t c = pivot + 1; c < end; ++c)
      dispatch<SubtractMultiple>(column(c)[pivot], own + pivot + 1, column(c) + pivot + 1, below);
    asking_.spend(below * (4 + end - pivot));
  }

  std::size_t largest_from(const double* values, std::size_t first) const {
    std::size_t best = first;
    for (std::size_t row = first + 1; row < rows_; ++row)
      if (std::fabs(values[row]) > std::fabs(values[best])) best = row;
    return best;
  }

  void swap_rows(std::size_t pivot, std::size_t other) {
    swaps_[pivot] = other;
    if (other != pivot)
      for (std::size_t c = 0; c < width_; ++c) std::swap(column(c)[pivot], column(c)[other]);
  }

  /* Requires: eight pivots, for a column follows them. */
  void subtract_group(std::size_t first, double* x) {
    const std::size_t end = first + kGroup;
    for (std::size_t pivot = first; pivot < end; ++pivot)
      for (std::size_t row = pivot + 1; row < end; ++row) x[row] -= column(pivot)[row] * x[pivot];
    dispatch<SubtractGroup>(x + first, column(first) + end, rows_, x + end, rows_ - end);
    asking_.spend(kGroup * (rows_ - first));
  }

  std::size_t rows_;
  std::size_t width_;
  AskingControl& asking_;
  std::vector<double> values_;
  std::vector<std::size_t> swaps_;
};

class Panels {
 public:
  Panels(std::vector<double>& entries, std::vector<std::size_t>& source, Control& control)
      : entries_(entries), source_(source), n_(source.size()), asking_(control) {}

  void run() {
    for (std::size_t first = 0; first < n_; first += kPanel) {
      const std::size_t width = std::min(kPanel, n_ - first);
      factor_panel(first, width);
      for (std::size_t column = first + width; column < n_; column += kTile)
        subtract_panel(first, column, std::min(kTile, n_ - column));
    }
  }

 private:
  double* row(std::size_t r) { return entries_.data() + r * n_; }

  void factor_panel(std::size_t first, std::size_t width) {
    Panel panel(n_ - first, width, asking_);
    for (std::size_t r = first; r < n_; ++r)
      for (std::size_t c = 0; c < width; ++c) panel.column(c)[r - first] = row(r)[first + c];
    panel.factor();
    for (std::size_t pivot = 0; pivot < width; ++pivot)
      swap_rows(first + pivot, first + panel.swaps()[pivot]);
    for (std::size_t r = first; r < n_; ++r)
      for (std::size_t c = 0; c < width; ++c) row(r)[first + c] = panel.column(c)[r - first];
  }

  void swap_rows(std::size_t a, std::size_t b) {
    if (a == b) return;
    std::swap(source_[a], source_[b]);
    std::swap_ranges(row(a), row(a) + n_, row(b));
    asking_.spend(n_);
  }

  /* A tile of columns, in the rows of the panel's 64 pivots and then in those below. */
  void subtract_panel(std::size_t first, std::size_t column, std::size_t columns) {
    tile_.resize(kPanel * kTile);
    for (std::size_t r = 0; r < kPanel; ++r) {
      double* x = tile_.data() + r * kTile;
      std::copy_n(row(first + r) + column, columns, x);
      const double* factors = row(first + r) + first;
      const std::size_t grouped = r - r % kGroup;
      dispatch<SubtractPanel>(factors, grouped, tile_.data(), x, columns);
      for (std::size_t pivot = grouped; pivot < r; ++pivot)
        dispatch<SubtractMultiple>(factors[pivot], tile_.data() + pivot * kTile, x, columns);
      std::copy_n(x, columns, row(first + r) + column);
    }
    for (std::size_t r = first + kPanel; r < n_; ++r) {
      dispatch<SubtractPanel>(row(r) + first, kPanel, tile_.data(), row(r) + column, columns);
      asking_.spend(kPanel * columns);
    }
  }

  std::vector<double>& entries_;
  std::vector<std::size_t>& source_;
  std::size_t n_;
  AskingControl asking_;
  std::vector<double> tile_;
};

}  // namespace

Factorisation::Factorisation(std::vector<double> matrix, std::size_t n, Control& control)
    : n_(n), entries_(std::move(matrix)), source_(n) {
  std::iota(source_.begin(), source_.end(), std::size_t{0});
  Panels(entries_, source_, control).run();
}

bool Factorisation::is_singular() const {
  double smallest = std::fabs(at(0, 0)), largest = smallest;
  for (std::size_t i = 0; i < n_; ++i) {
    const double size = std::fabs(at(i, i));
    if (!std::isfinite(size)) return true;
    smallest = std::min(smallest, size);
    largest = std::max(largest, size);
  }
  return !(smallest > kSingular * static_cast<double>(n_) * largest);
}

std::vector<double> Factorisation::solve(std::span<const double> right, Control& control) const {
  AskingControl asking(control);
  std::vector<double> x(n_);
  /* x[row] less the products from `column` up to `end`. */
  const auto subtract = [&](std::size_t row, std::size_t column, std::size_t end) {
    const double* factors = entries_.data() + row * n_;
    double rest = x[row];
    for (; column < end && column % kGroup != 0; ++column) rest -= factors[column] * x[column];
    for (; column + kGroup <= end; column += kGroup)
      rest -= Group(factors + column, x.data() + column, 1).products(0);
    for (; column < end; ++column) rest -= factors[column] * x[column];
    x[row] = rest;
    asking.spend(n_);
  };
  for (std::size_t row = 0; row < n_; ++row) {
    x[row] = right[source_[row]];
    subtract(row, 0, row);
  }
  for (std::size_t row = n_; row-- > 0;) {
    subtract(row, row + 1, n_);
    x[row] /= at(row, row);
  }
  return x;
}

}  // namespace sim
