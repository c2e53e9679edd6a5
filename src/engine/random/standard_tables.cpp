/*
 * standard_tables.cpp -- the tails of each distribution, and the tables kept.
 */
#include "random/standard_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <list>
#include <mutex>

#include "catalogue/normal.hpp"
#include "core/math.hpp"
#include "random/direct_quantile.hpp"
#include "random/large_gamma.hpp"

namespace sim {
namespace {

constexpr std::size_t kMostTables = 128;  // of 32 to 128 kB

enum class Kind { gamma, beta, student_t, lognormal };

struct Key {
  Kind kind;
  std::array<double, 2> parameters;
  friend bool operator==(const Key&, const Key&) = default;
};

SharedTable share(std::optional<QuantileTable> table) {
  return table ? std::make_shared<const QuantileTable>(*std::move(table)) : nullptr;
}

/* The tail on the other side of a distribution that is symmetric about 0. */
Tail mirrored(Tail tail) {
  tail.scale = -1;
  return tail;
}

/* The density satisfies Pearson's equation in standard units, too. */
SharedTable make_large_gamma_table(double shape) {
  const double sd = std::sqrt(shape);
  Tail lower{{{-1 / sd, -1}, {1, 1 / sd, 0}},
             [=](double t) { return large_gamma_quantile(shape, t); },
             [=](double w) { return large_gamma_lower(shape, w); },
             [=](double w) { return large_gamma_density(shape, w); },
             1,
             shape,
             sd};
  Tail upper = lower;
  upper.quantile = [=](double t) { return large_gamma_quantile(shape, 1 - t); };
  upper.probability = [=](double w) { return large_gamma_upper(shape, w); };
  upper.direction = -1;
  return share(
      QuantileTable::make(lower, upper, [=](double u) { return gamma_quantile(shape, u); }));
}

/* The same tail with x in larger numbers, where its square may not be a normal number:
 * arithmetic on such would take most of the time.  A power of two changes nothing else. */
Tail without_tiny_numbers(const Tail& tail) {
  constexpr double kTiny = 0x1p-500;
  constexpr double kUnit = 0x1p-300;
  if (!(tail.quantile(kTableBegin) < kTiny)) return tail;
  const auto& [n, d] = tail.pearson;
  return {{{n[0], n[1] * kUnit}, {d[0] / kUnit, d[1], d[2] * kUnit}},
          [=](double t) { return tail.quantile(t) / kUnit; },
          [=](double x) { return tail.probability(x * kUnit); },
          [=](double x) { return tail.density(x * kUnit) * kUnit; },
          tail.direction,
          tail.origin,
          tail.scale * kUnit};
}

SharedTable make_gamma_table(double shape) {
  if (shape > kLargeShape) return make_large_gamma_table(shape);
  const auto direct = [=](double u) { return gamma_quantile(shape, u); };
  Tail lower{{{shape - 1, -1}, {0, 1, 0}},
             direct,
             [=](double x) { return gamma_lower(shape, x); },
             [=](double x) { return gamma_density(shape, x); },
             1};
  Tail upper = lower;
  upper.quantile = [=](double t) { return gamma_quantile(shape, 1 - t); };
  upper.probability = [=](double x) { return gamma_upper(shape, x); };
  upper.direction = -1;
  return share(QuantileTable::make(without_tiny_numbers(lower), upper, direct));
}

/* The tail at the end 0 or 1 of a beta distribution. */
Tail beta_tail(double alpha, double beta, bool at_one) {
  return {
      {{alpha - 1, 2 - alpha - beta}, {0, 1, -1}},
      [=](double t) { return beta_quantile(alpha, beta, at_one ? 1 - t : t); },
      [=](double x) { return at_one ? beta_upper(alpha, beta, x) : beta_lower(alpha, beta, x); },
      [=](double x) { return beta_density(alpha, beta, x); },
      at_one ? -1.0 : 1.0};
}

/* The same tail in terms of the distance from 1. */
Tail beta_tail_from_one(double alpha, double beta, bool at_one) {
  Tail tail = beta_tail(beta, alpha, !at_one);
  tail.origin = 1;
  tail.scale = -1;
  return tail;
}

/* Each half of the distribution is seen from the end, 0 or 1, that it comes closest to, as there x
 * may be tiny. */
SharedTable make_beta_table(double alpha, double beta) {
  constexpr double kFarOut = 0x1p-17;
  const auto direct = [=](double u) { return beta_quantile(alpha, beta, u); };
  const double median = direct(0.5);
  const Tail lower = 1 - median < direct(kFarOut) ? beta_tail_from_one(alpha, beta, false)
                                                  : beta_tail(alpha, beta, false);
  const Tail upper = 1 - direct(1 - kFarOut) < median ? beta_tail_from_one(alpha, beta, true)
                                                      : beta_tail(alpha, beta, true);
  return share(
      QuantileTable::make(without_tiny_numbers(lower), without_tiny_numbers(upper), direct));
}

SharedTable make_student_t_table(double df) {
  const auto direct = [=](double u) { return student_t_quantile(df, u); };
  const Tail lower{{{0, -(df + 1)}, {df, 0, 1}},
                   direct,
                   [=](double x) { return student_t_lower(df, x); },
                   [=](double x) { return student_t_density(df, x); },
                   1};
  return share(QuantileTable::make(lower, mirrored(lower), direct));
}

Tail normal_tail() {
  return {{{0, -1}, {1, 0, 0}},
          [](double u) { return normal_quantile(u); },
          [](double x) { return normal_cdf(x); },
          [](double x) { return normal_density(x); },
          1};
}

SharedTable make_lognormal_table(double sdlog) {
  static const LognormalCells lognormal(normal_tail());
  auto cells = lognormal.make(sdlog);
  if (!cells) return nullptr;
  return std::make_shared<const QuantileTable>(
      LognormalCells::kBits, *std::move(cells),
      [=](double u) { return math::exp(sdlog * normal_quantile(u)); });
}

SharedTable make_table(const Key& key) {
  switch (key.kind) {
    case Kind::gamma:
      return make_gamma_table(key.parameters[0]);
    case Kind::beta:
      return make_beta_table(key.parameters[0], key.parameters[1]);
    case Kind::student_t:
      return make_student_t_table(key.parameters[0]);
    case Kind::lognormal:
      return make_lognormal_table(key.parameters[0]);
  }
  return nullptr;
}

/* The table of a key: one kept from before, or a new one in the place of that asked for least
 * recently. */
SharedTable find_table(const Key& key) {
  static std::mutex mutex;
  static std::list<std::pair<Key, SharedTable>> kept;  // the last asked for in front
  const std::lock_guard lock(mutex);
  const auto found =
      std::find_if(kept.begin(), kept.end(), [&](const auto& entry) { return entry.first == key; });
  if (found != kept.end()) {
    kept.splice(kept.begin(), kept, found);
  } else {
    kept.emplace_front(key, make_table(key));
    if (kept.size() > kMostTables) kept.pop_back();
  }
  return kept.front().second;
}

}  // namespace

const QuantileTable& normal_table() {
  static const QuantileTable table = [] {
    const Tail lower = normal_tail();
    return QuantileTable::make(lower, mirrored(lower), lower.quantile).value();
  }();
  return table;
}

const QuantileTable& exponential_table() {
  static const QuantileTable table = [] {
    const auto density = [](double x) { return math::exp(-x); };
    const Tail lower{{{-1, 0}, {1, 0, 0}},
                     [](double t) { return -math::log1p(-t); },
                     [](double x) { return -math::expm1(-x); },
                     density,
                     1};
    const Tail upper{
        {{-1, 0}, {1, 0, 0}}, [](double t) { return -math::ln(t); }, density, density, -1};
    return QuantileTable::make(lower, upper, lower.quantile).value();
  }();
  return table;
}

SharedTable gamma_table(double shape) { return find_table({Kind::gamma, {shape, 0}}); }

SharedTable beta_table(double alpha, double beta) {
  return find_table({Kind::beta, {alpha, beta}});
}

SharedTable student_t_table(double df) { return find_table({Kind::student_t, {df, 0}}); }

SharedTable lognormal_table(double sdlog) { return find_table({Kind::lognormal, {sdlog, 0}}); }

}  // namespace sim
