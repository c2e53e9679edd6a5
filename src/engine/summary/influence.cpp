/*
 * influence.cpp -- influence functions of moments and percentiles.
 *
 * With z = (x - mean) / sd, g the skewness and k the kurtosis (not the excess), the chain rule on
 * the central moments gives
 *
 *   mean      x - mean
 *   sd        sd (z^2 - 1) / 2
 *   skewness  z^3 - 3 z - g - 3/2 g (z^2 - 1)
 *   kurtosis  z^4 - k - 4 g z - 2 k (z^2 - 1)
 *   quantile  (p - [x <= q]) / f(q)                                    (Serfling 1980, 2.5.2)
 */
#include "summary/influence.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/math.hpp"

namespace sim {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr std::pair<std::string_view, Statistic::Kind> kNames[] = {
    {"trials", Statistic::Kind::trials},     {"failed_trials", Statistic::Kind::failed_trials},
    {"mean", Statistic::Kind::mean},         {"std_error", Statistic::Kind::std_error},
    {"stddev", Statistic::Kind::stddev},     {"skewness", Statistic::Kind::skewness},
    {"kurtosis", Statistic::Kind::kurtosis}, {"min", Statistic::Kind::min},
    {"max", Statistic::Kind::max},
};

/* Reads "05" as 0.05 and "99.9" as 0.999, correctly rounded; NaN for what is no number of 0 to 100.
 */
double read_percent(std::string_view digits) {
  if (digits.empty() || digits.size() > 20) return kNaN;
  if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return kNaN;
  const std::string text = std::string(digits) + "e-2";
  double probability = kNaN;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), probability);
  if (error != std::errc() || end != text.data() + text.size()) return kNaN;
  return probability <= 1 ? probability : kNaN;
}

/* A constant function: nothing moves the statistic. */
InfluenceSpec constant_influence(double value) {
  InfluenceSpec spec;
  spec.coefficients[0] = value;
  spec.coefficients[1] = 0;
  return spec;
}

InfluenceSpec moment_influence(Statistic::Kind kind, const Moments& total) {
  const double n = static_cast<double>(total.count);
  const double sd = std::sqrt(total.m2 / n);
  const double skewness = total.m3 / n / (sd * sd * sd);
  const double kurtosis = total.m4 / n / (sd * sd * sd * sd);
  InfluenceSpec spec;
  spec.center = total.mean;
  spec.inverse_scale = 1 / sd;
  double* c = spec.coefficients;
  switch (kind) {
    case Statistic::Kind::mean:
      c[1] = sd;
      break;
    case Statistic::Kind::skewness:
      c[0] = skewness / 2;
      c[1] = -3;
      c[2] = -1.5 * skewness;
      c[3] = 1;
      break;
    case Statistic::Kind::kurtosis:
      c[0] = kurtosis;
      c[1] = -4 * skewness;
      c[2] = -2 * kurtosis;
      c[4] = 1;
      break;
    default: {
      const double scale = kind == Statistic::Kind::std_error ? sd / std::sqrt(n) : sd;
      c[0] = -scale / 2;
      c[1] = 0;
      c[2] = scale / 2;
      break;
    }
  }
  return spec;
}

InfluenceSpec percentile_influence(double probability, double percentile, double density) {
  if (density == std::numeric_limits<double>::infinity()) return constant_influence(0);
  InfluenceSpec spec;
  spec.step = true;
  spec.center = percentile;
  spec.below = (probability - 1) / density;
  spec.above = probability / density;
  return spec;
}

}  // namespace

bool Statistic::has_influence() const {
  return kind != Kind::trials && kind != Kind::failed_trials && kind != Kind::min &&
         kind != Kind::max;
}

Statistic parse_statistic(std::string_view name) {
  for (const auto& [known, kind] : kNames) {
    if (name == known) return {kind, 0};
  }
  if (name == "median") return {Statistic::Kind::percentile, 0.5};
  if (name.starts_with('p')) {
    const double probability = read_percent(name.substr(1));
    if (!std::isnan(probability)) return {Statistic::Kind::percentile, probability};
  }
  throw Error(ErrorKind::invalid_parameter, "unknown statistic \"" + std::string(name) + "\"", {},
              "Use mean, median, stddev, std_error, skewness, kurtosis, min, max, trials, "
              "failed_trials or a percentile as p05 or p97.5.");
}

double statistic_value(const Statistic& statistic, const Moments& total, double percentile) {
  switch (statistic.kind) {
    case Statistic::Kind::trials:
      return static_cast<double>(total.count + total.failed);
    case Statistic::Kind::failed_trials:
      return static_cast<double>(total.failed);
    case Statistic::Kind::mean:
      return total.count > 0 ? total.mean : kNaN;
    case Statistic::Kind::std_error:
      return total.std_error();
    case Statistic::Kind::stddev:
      return total.stddev();
    case Statistic::Kind::skewness:
      return total.skewness();
    case Statistic::Kind::kurtosis:
      return total.kurtosis();
    case Statistic::Kind::min:
      return total.count > 0 ? total.min : kNaN;
    case Statistic::Kind::max:
      return total.count > 0 ? total.max : kNaN;
    case Statistic::Kind::percentile:
      return percentile;
  }
  return kNaN;
}

InfluenceSpec make_influence(const Statistic& statistic, const Moments& total, double percentile,
                             double density) {
  if (!statistic.has_influence() || total.count == 0) return constant_influence(kNaN);
  if (!(total.m2 > 0)) return constant_influence(0);
  if (statistic.kind != Statistic::Kind::percentile) {
    return moment_influence(statistic.kind, total);
  }
  return percentile_influence(statistic.probability, percentile, density);
}

void influence(const InfluenceSpec& spec, const double* x, double* out, std::size_t n) {
  /* x - x is 0, or NaN where x is not finite: a trial that failed stays one. */
  if (spec.step) {
    for (std::size_t i = 0; i < n; ++i) {
      out[i] = (x[i] <= spec.center ? spec.below : spec.above) + (x[i] - x[i]);
    }
    return;
  }
  const double* c = spec.coefficients;
  for (std::size_t i = 0; i < n; ++i) {
    const double z = (x[i] - spec.center) * spec.inverse_scale;
    const double value = c[0] + z * (c[1] + z * (c[2] + z * (c[3] + z * c[4])));
    out[i] = value + (x[i] - x[i]);
  }
}

/*
 * Bofinger's half distance is n^(-1/5) (9/2 phi(z)^4 / (2 z^2 + 1)^2)^(1/5) with z the normal
 * quantile of p; the second factor is 0.65 at the median and close to 0.65 * 4 p (1 - p) elsewhere.
 */
Neighbours density_neighbours(double probability, std::int64_t n) {
  const double p = probability;
  const double shrink =
      math::exp(-0.2 * math::ln(static_cast<double>(std::max<std::int64_t>(n, 1))));
  const double half = std::min(0.65 * 4 * p * (1 - p) * shrink, std::min(p, 1 - p) / 2);
  return {p - half, p + half};
}

double estimate_density(const Neighbours& neighbours, double lower_value, double upper_value) {
  return (neighbours.upper - neighbours.lower) / (upper_value - lower_value);
}

void write_influence(ByteWriter& writer, const InfluenceSpec& spec) {
  writer.f64(spec.center);
  writer.f64(spec.inverse_scale);
  for (const double coefficient : spec.coefficients) writer.f64(coefficient);
  writer.boolean(spec.step);
  writer.f64(spec.below);
  writer.f64(spec.above);
}

InfluenceSpec read_influence(ByteReader& reader) {
  InfluenceSpec spec;
  spec.center = reader.f64();
  spec.inverse_scale = reader.f64();
  for (double& coefficient : spec.coefficients) coefficient = reader.f64();
  spec.step = reader.boolean();
  spec.below = reader.f64();
  spec.above = reader.f64();
  return spec;
}

}  // namespace sim
