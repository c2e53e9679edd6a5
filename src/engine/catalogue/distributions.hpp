/*
 * distributions.hpp -- the distributions an input may have: names, parameters, rules, means, words
 * for help and errors.
 *
 * How values are drawn is the business of random/quantile.hpp; here is what a person or a parser
 * needs to know.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sim {

enum class DistributionKind : std::uint8_t {
  normal,
  lognormal,      // mean and sd of the value
  lognormal_log,  // mean and sd of the logarithm
  uniform,
  triangular,
  pert,
  exponential,  // rate
  gamma,        // shape, rate
  weibull,      // shape, scale
  beta,
  student_t,
  poisson,
  binomial,
  bernoulli,
  discrete,  // value, probability, value, probability, ...
  // drawn from bound rows; resolved by the executor, not by random/quantile.hpp
  empirical,   // empirical(data.column)
  bootstrap,   // bootstrap(data, block => n)
  historical,  // historical(data)
  series,      // series(data.column)
};

struct Distribution {
  DistributionKind kind;
  std::string_view name;
  std::string_view parameters;  // "mean, sd"
  int min_arguments;
  int max_arguments;  // -1: no limit
  bool discrete;
  bool from_data;
  std::string_view support;  // "x > 0"
  std::string_view mean;     // "exp(meanlog + sdlog^2 / 2)"
  std::string_view doc;
  std::string_view example;  // "normal(80, 12)"
};

std::span<const Distribution> distributions();
const Distribution* find_distribution(std::string_view name);
const Distribution& distribution(DistributionKind kind);

/* What is wrong with these parameters ("sd must be greater than 0, is -1"), or nothing. Not for
 * distributions from data. */
std::optional<std::string> parameter_error(DistributionKind kind,
                                           std::span<const double> parameters);

/* The mean; NaN where it does not exist. Requires valid parameters. Not for distributions from
 * data. */
double distribution_mean(DistributionKind kind, std::span<const double> parameters);

}  // namespace sim
