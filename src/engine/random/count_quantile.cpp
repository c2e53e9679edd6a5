/*
 * count_quantile.cpp -- search and guide table for counts.
 */
#include "random/count_quantile.hpp"

#include <algorithm>
#include <cmath>

#include "catalogue/normal.hpp"
#include "core/math.hpp"
#include "random/direct_quantile.hpp"

namespace sim {
namespace {

// What random/philox.hpp makes; the table covers these.
constexpr double kSmallestUniform = 0x1p-54;
constexpr double kLargestUniform = 1 - 0x1p-53;
constexpr double kMostEntries = 1024;

}  // namespace

CountDistribution::CountDistribution(Kind kind, double n, double p)
    : kind_(kind), n_(n), p_(p), largest_(kind == Kind::binomial ? n : math::kInfinity) {}

CountDistribution CountDistribution::poisson(double mean) { return {Kind::poisson, mean, 0}; }

CountDistribution CountDistribution::binomial(double n, double p) { return {Kind::binomial, n, p}; }

double CountDistribution::lower(double k) const {
  return kind_ == Kind::poisson ? poisson_lower(n_, k) : binomial_lower(n_, p_, k);
}

double CountDistribution::upper(double k) const {
  return kind_ == Kind::poisson ? poisson_upper(n_, k) : binomial_upper(n_, p_, k);
}

// The normal quantile corrected for skewness: E. A. Cornish, R. A. Fisher, "Moments and cumulants
// in the specification of distributions", Revue de l'Institut International de Statistique 5
// (1938).
double CountDistribution::guess(double u) const {
  const double mean = kind_ == Kind::poisson ? n_ : n_ * p_;
  const double sd = std::sqrt(kind_ == Kind::poisson ? n_ : mean * (1 - p_));
  const double z = normal_quantile(u);
  const double correction = (1 - 2 * p_) * (z * z - 1) / 6;
  return std::clamp(std::floor(mean + sd * z + correction), 0.0, largest_);
}

double CountDistribution::search(double u) const {
  double k = guess(u);
  if (reaches(k, u)) {
    while (k > 0 && reaches(k - 1, u)) --k;
    return k;
  }
  do {
    ++k;
  } while (k < largest_ && !reaches(k, u));
  return k;
}

std::optional<CountTable> CountTable::make(const CountDistribution& distribution) {
  const double first = distribution.search(kSmallestUniform);
  const double last = distribution.search(kLargestUniform);
  if (last - first >= kMostEntries) return {};
  CountTable table(distribution);
  table.first_ = first;
  const auto count = static_cast<std::size_t>(last - first) + 1;
  const double median = distribution.search(0.5);
  for (std::size_t i = 0; i < count; ++i) {
    // Below the median only the lower probabilities decide, above it only the upper ones; the
    // others stand for "no" and "yes".
    const double k = first + static_cast<double>(i);
    table.lower_.push_back(k <= median ? distribution.lower(k) : 1);
    table.upper_.push_back(k >= median ? distribution.upper(k) : 1);
  }
  const std::size_t cells = 2 * count;
  std::size_t entry = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    // A trifle below the cell, as find() may round a number just below it into it.
    const double u = static_cast<double>(cell) / static_cast<double>(cells) * (1 - 0x1p-50);
    while (u > 0 && !table.reaches(entry, u)) ++entry;
    table.guide_.push_back(entry);
  }
  return table;
}

double CountTable::find(double u) const {
  if (u < kSmallestUniform) return distribution_.search(u);
  const auto cell = static_cast<std::size_t>(u * static_cast<double>(guide_.size()));
  std::size_t entry = guide_[std::min(cell, guide_.size() - 1)];
  while (!reaches(entry, u)) ++entry;
  return first_ + static_cast<double>(entry);
}

}  // namespace sim
