/*
 * count_quantile.cpp -- search for one count, and the probabilities of many at once.
 */
#include "random/count_quantile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "catalogue/normal.hpp"
#include "core/math.hpp"
#include "random/direct_quantile.hpp"
#include "random/exact_product.hpp"

namespace sim {
namespace {

// What random/philox.hpp makes; the table covers these.
constexpr double kSmallestUniform = 0x1p-54;
constexpr double kLargestUniform = 1 - 0x1p-53;
constexpr std::size_t kBlock = 256;
constexpr std::size_t kFewPlaces = 1024;  // up to here all probabilities are computed directly,
constexpr std::size_t kComputed = 64;     // beyond only so many

/* The largest u whose upper tail 1 - u is at least `upper`, of those from 1/2 on. */
double last_reached(double upper) {
  const double u = 1 - upper;
  return std::max(1 - u < upper ? std::nextafter(u, 0) : u, 0.5);
}

/* limits[i] = P(X <= first + i) for i < n: every `stride`-th computed, those after it by adding. */
void add_upwards(const CountDistribution& distribution, double first, std::size_t n,
                 std::size_t stride, double* limits) {
  double term = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double k = first + static_cast<double>(i);
    if (i % stride == 0) {
      limits[i] = distribution.lower(k);
      if (stride > 1) term = distribution.probability(k);
    } else {
      term *= distribution.growth(k - 1);
      limits[i] = limits[i - 1] + term;
    }
  }
}

/* limits[-i] belongs to last - i for i < n, all from the median on, and comes from P(X > last - i).
 */
void add_downwards(const CountDistribution& distribution, double last, std::size_t n,
                   std::size_t stride, double* limits) {
  double tail = 0;
  double term = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double k = last - static_cast<double>(i);
    if (i % stride == 0) {
      tail = distribution.upper(k);
      if (stride > 1) term = distribution.probability(k);
    } else {
      tail += term;
      term /= distribution.growth(k);
    }
    *limits-- = last_reached(tail);
  }
}

/* The last number of each count from `first` to `last`: below the median from the probabilities of
 * the lower tail, from there on of the upper tail. */
std::vector<double> limits_of_counts(const CountDistribution& distribution, double first,
                                     double last) {
  std::vector<double> limits(static_cast<std::size_t>(last - first) + 1);
  const auto median = static_cast<std::size_t>(distribution.search(0.5) - first);
  const std::size_t stride = limits.size() <= kFewPlaces ? 1 : limits.size() / kComputed;
  add_upwards(distribution, first, median, stride, limits.data());
  add_downwards(distribution, last, limits.size() - median, stride, &limits.back());
  for (std::size_t i = 1; i < limits.size(); ++i) limits[i] = std::max(limits[i], limits[i - 1]);
  return limits;
}

}  // namespace

CountDistribution::CountDistribution(Kind kind, double n, double p)
    : kind_(kind), n_(n), p_(p), largest_(kind == Kind::binomial ? n : math::kInfinity) {
  const CountCumulants all = cumulants();
  if (all.higher[0] > LargeCount::kLeastVariance) large_.emplace(all, largest_);
}

CountDistribution CountDistribution::poisson(double mean) { return {Kind::poisson, mean, 0}; }

CountDistribution CountDistribution::binomial(double n, double p) { return {Kind::binomial, n, p}; }

double CountDistribution::lower(double k) const {
  return kind_ == Kind::poisson ? poisson_lower(n_, k) : binomial_lower(n_, p_, k);
}

double CountDistribution::upper(double k) const {
  return kind_ == Kind::poisson ? poisson_upper(n_, k) : binomial_upper(n_, p_, k);
}

double CountDistribution::probability(double k) const {
  return kind_ == Kind::poisson ? poisson_probability(n_, k) : binomial_probability(n_, p_, k);
}

double CountDistribution::growth(double k) const {
  return kind_ == Kind::poisson ? n_ / (k + 1) : (n_ - k) / (k + 1) * (p_ / (1 - p_));
}

// Of a binomial count: M. G. Kendall, A. Stuart, "The Advanced Theory of Statistics", volume 1,
// section 5.4.
CountCumulants CountDistribution::cumulants() const {
  if (kind_ == Kind::poisson) return {n_, 0, {n_, n_, n_, n_, n_}};
  const auto [mean, rest] = exact_product(n_, p_);
  const double variance = mean * (1 - p_);
  const double pq = p_ * (1 - p_);
  const double skew = 1 - 2 * p_;
  return {mean,
          rest,
          {variance, variance * skew, variance * (1 - 6 * pq), variance * skew * (1 - 12 * pq),
           variance * (1 - 30 * pq * (1 - 4 * pq))}};
}

// The normal quantile corrected for skewness: E. A. Cornish, R. A. Fisher, "Moments and cumulants
// in the specification of distributions", Revue de l'Institut International de Statistique 5
// (1938).
double CountDistribution::guess(double u) const {
  if (large_) {
    double k;
    large_->apply(&u, &k, 1);
    return k;
  }
  const double mean = kind_ == Kind::poisson ? n_ : n_ * p_;
  const double sd = std::sqrt(kind_ == Kind::poisson ? n_ : mean * (1 - p_));
  const double z = normal_quantile(u);
  const double correction = (1 - 2 * p_) * (z * z - 1) / 6;
  return std::clamp(std::floor(mean + sd * z + correction), 0.0, largest_);
}

double CountDistribution::search(double u) const {
  double k = guess(u);
  if (large_ && u >= LargeCount::kLeastUniform) return k;
  if (reaches(k, u)) {
    while (k > 0 && reaches(k - 1, u)) --k;
    return k;
  }
  do {
    ++k;
  } while (k < largest_ && !reaches(k, u));
  return k;
}

CountTable::CountTable(const CountDistribution& distribution, double first,
                       std::vector<double> limits)
    : distribution_(distribution), first_(first), table_(std::move(limits)) {}

std::optional<CountTable> CountTable::make(const CountDistribution& distribution) {
  if (distribution.large()) return {};
  const double first = distribution.search(kSmallestUniform);
  const double last = distribution.search(kLargestUniform);
  return CountTable(distribution, first, limits_of_counts(distribution, first, last));
}

void CountTable::apply(const double* u, double* x, std::size_t n) const {
  std::array<double, kBlock> places;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = std::min(kBlock, n - i);
    table_.apply(u + i, places.data(), count);
    for (std::size_t j = 0; j < count; ++j) {
      // The first count stands for smaller ones, which no number made here reaches.
      const bool beyond = places[j] == 0 && u[i + j] < kSmallestUniform;
      x[i + j] = beyond ? distribution_.search(u[i + j]) : first_ + places[j];
    }
  }
}

CountQuantile::CountQuantile(const CountDistribution& distribution)
    : distribution_(distribution), table_(CountTable::make(distribution)) {}

void CountQuantile::apply(const double* u, double* x, std::size_t n) const {
  if (table_) return table_->apply(u, x, n);
  std::array<double, kBlock> counts;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = std::min(kBlock, n - i);
    distribution_.large()->apply(u + i, counts.data(), count);
    for (std::size_t j = 0; j < count; ++j) {
      const bool beyond = u[i + j] < LargeCount::kLeastUniform;
      x[i + j] = beyond ? distribution_.search(u[i + j]) : counts[j];
    }
  }
}

}  // namespace sim
