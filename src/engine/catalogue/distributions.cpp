/*
 * distributions.cpp -- the table of distributions, their rules and their means.
 */
#include "catalogue/distributions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/math.hpp"

namespace sim {
namespace {

using Parameters = std::span<const double>;
using Complaint = std::optional<std::string>;

constexpr int kAny = -1;

constexpr Distribution kDistributions[] = {
    {DistributionKind::normal, "normal", "mean, sd", 2, 2, false, false, "all x", "mean",
     "The normal (Gaussian) distribution.", "normal(80, 12)"},
    {DistributionKind::lognormal, "lognormal", "mean, sd", 2, 2, false, false, "x > 0", "mean",
     "A positive value whose logarithm is normal, by the mean and standard deviation of the value "
     "itself.",
     "lognormal(100, 20)"},
    {DistributionKind::lognormal_log, "lognormal_log", "meanlog, sdlog", 2, 2, false, false,
     "x > 0", "exp(meanlog + sdlog^2 / 2)",
     "A positive value whose logarithm is normal, by the mean and standard deviation of the "
     "logarithm.",
     "lognormal_log(4.6, 0.25)"},
    {DistributionKind::uniform, "uniform", "min, max", 2, 2, false, false, "min < x < max",
     "(min + max) / 2", "Every value between min and max alike.", "uniform(10, 20)"},
    {DistributionKind::triangular, "triangular", "min, mode, max", 3, 3, false, false,
     "min < x < max", "(min + mode + max) / 3",
     "A smallest, a most likely and a largest value, with straight lines between.",
     "triangular(20, 25, 40)"},
    {DistributionKind::pert, "pert", "min, mode, max", 3, 3, false, false, "min < x < max",
     "(min + 4 * mode + max) / 6",
     "A smallest, a most likely and a largest value, smooth and with more weight near the most "
     "likely.",
     "pert(20, 25, 40)"},
    {DistributionKind::exponential, "exponential", "rate", 1, 1, false, false, "x > 0", "1 / rate",
     "The time between events that come at a constant rate.", "exponential(0.5)"},
    {DistributionKind::gamma, "gamma", "shape, rate", 2, 2, false, false, "x > 0", "shape / rate",
     "The gamma distribution; for a whole shape, the time to that many events.", "gamma(2.5, 0.5)"},
    {DistributionKind::weibull, "weibull", "shape, scale", 2, 2, false, false, "x > 0",
     "scale * gamma(1 + 1 / shape)", "The Weibull distribution, used for lifetimes.",
     "weibull(1.5, 10)"},
    {DistributionKind::beta, "beta", "alpha, beta", 2, 2, false, false, "0 < x < 1",
     "alpha / (alpha + beta)", "The beta distribution: a share or a probability.", "beta(2, 5)"},
    {DistributionKind::student_t, "student_t", "df", 1, 1, false, false, "all x",
     "0 for df > 1, else none", "Student's t distribution: bell-shaped with heavy tails.",
     "student_t(5)"},
    {DistributionKind::poisson, "poisson", "mean", 1, 1, true, false, "0, 1, 2, ...", "mean",
     "The number of events in a period when they come independently.", "poisson(3.5)"},
    {DistributionKind::binomial, "binomial", "n, p", 2, 2, true, false, "0, 1, ..., n", "n * p",
     "The number of successes in n independent attempts.", "binomial(20, 0.3)"},
    {DistributionKind::bernoulli, "bernoulli", "p", 1, 1, true, false, "0, 1", "p",
     "1 with probability p, else 0.", "bernoulli(0.3)"},
    {DistributionKind::discrete, "discrete", "value, probability, ...", 2, kAny, true, false,
     "the values", "sum of value * probability",
     "Listed values with their probabilities, which add up to 1.",
     "discrete(10, 0.2, 20, 0.5, 40, 0.3)"},
    {DistributionKind::empirical, "empirical", "data.column", 1, 1, false, true,
     "the column's values", "mean of the column", "A value of a data column, each row alike.",
     "empirical(market.stock)"},
    {DistributionKind::bootstrap, "bootstrap", "data, block => n", 1, 1, false, true,
     "the data's rows", "means of the columns",
     "Rows of the data, drawn in blocks of n consecutive rows.", "bootstrap(market, block => 12)"},
    {DistributionKind::historical, "historical", "data", 1, 1, false, true, "the data's rows",
     "means of the columns", "Rows of the data as they happened: trial i starts at row i.",
     "historical(market)"},
    {DistributionKind::series, "series", "data.column", 1, 1, false, true, "the column's values",
     "mean of the column",
     "The rows of a column in order: row t at step t, the same in every trial.",
     "series(market.stock)"},
};

std::string text_of(double x) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x).ptr;
  return {text.data(), end};
}

std::string complain(std::string_view name, std::string_view rule, double value) {
  return std::string(name) + " must be " + std::string(rule) + ", is " + text_of(value);
}

Complaint need_finite(std::string_view name, double value) {
  if (std::isfinite(value)) return {};
  return complain(name, "a finite number", value);
}

Complaint need_positive(std::string_view name, double value) {
  if (Complaint complaint = need_finite(name, value)) return complaint;
  if (value > 0) return {};
  return complain(name, "greater than 0", value);
}

Complaint need_probability(std::string_view name, double value) {
  if (value >= 0 && value <= 1) return {};
  return complain(name, "between 0 and 1", value);
}

// Beyond this the inverse functions lose their accuracy, and a normal distribution says the same.
constexpr double kLargest = 1e9;

Complaint need_count(std::string_view name, double value) {
  if (value >= 0 && value <= kLargest) return {};
  return complain(name, "between 0 and 1e9", value);
}

Complaint need_shape(std::string_view name, double value) {
  if (Complaint complaint = need_positive(name, value)) return complaint;
  if (value <= kLargest) return {};
  return complain(name, "at most 1e9", value);
}

Complaint first_of(Complaint first, Complaint second) { return first ? first : second; }

Complaint check_order(std::string_view low_name, double low, std::string_view high_name,
                      double high, bool may_be_equal) {
  if (low < high || (may_be_equal && low == high)) return {};
  return std::string(low_name) +
         (may_be_equal ? " must not be greater than " : " must be less than ") +
         std::string(high_name) + ", they are " + text_of(low) + " and " + text_of(high);
}

Complaint check_range(double low, double high) {
  if (Complaint complaint = first_of(need_finite("min", low), need_finite("max", high))) {
    return complaint;
  }
  if (!std::isfinite(high - low)) return "max - min must be a finite number";
  return check_order("min", low, "max", high, false);
}

Complaint check_peak(Parameters p) {
  if (Complaint complaint = first_of(check_range(p[0], p[2]), need_finite("mode", p[1]))) {
    return complaint;
  }
  return first_of(check_order("min", p[0], "mode", p[1], true),
                  check_order("mode", p[1], "max", p[2], true));
}

Complaint check_binomial(Parameters p) {
  if (Complaint complaint = need_count("n", p[0])) return complaint;
  if (p[0] != std::floor(p[0])) return complain("n", "a whole number", p[0]);
  return need_probability("p", p[1]);
}

Complaint check_discrete(Parameters p) {
  constexpr double kSumTolerance = 1e-9;
  if (p.size() % 2 != 0) return "discrete takes pairs of a value and its probability";
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); i += 2) {
    if (Complaint complaint =
            first_of(need_finite("value", p[i]), need_probability("probability", p[i + 1]))) {
      return complaint;
    }
    sum += p[i + 1];
  }
  if (std::fabs(sum - 1) <= kSumTolerance) return {};
  return "the probabilities must add up to 1, their sum is " + text_of(sum);
}

Complaint check_count(const Distribution& distribution, std::size_t given) {
  const auto min = static_cast<std::size_t>(distribution.min_arguments);
  const bool too_many = distribution.max_arguments != kAny &&
                        given > static_cast<std::size_t>(distribution.max_arguments);
  if (given >= min && !too_many) return {};
  return std::string(distribution.name) + " takes " + std::string(distribution.parameters) + ", " +
         std::to_string(given) + (given == 1 ? " parameter is given" : " parameters are given");
}

double discrete_mean(Parameters p) {
  double sum = 0;
  double weight = 0;
  for (std::size_t i = 0; i < p.size(); i += 2) {
    sum += p[i] * p[i + 1];
    weight += p[i + 1];
  }
  return sum / weight;
}

}  // namespace

std::span<const Distribution> distributions() { return kDistributions; }

const Distribution* find_distribution(std::string_view name) {
  const auto same_name = [name](const Distribution& distribution) {
    return std::ranges::equal(distribution.name, name, {}, {}, [](char c) {
      return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    });
  };
  const auto* found = std::ranges::find_if(kDistributions, same_name);
  return found == std::ranges::end(kDistributions) ? nullptr : found;
}

const Distribution& distribution(DistributionKind kind) {
  return kDistributions[static_cast<std::size_t>(kind)];
}

std::optional<std::string> parameter_error(DistributionKind kind, std::span<const double> p) {
  if (Complaint complaint = check_count(distribution(kind), p.size())) return complaint;
  switch (kind) {
    case DistributionKind::normal:
      return first_of(need_finite("mean", p[0]), need_positive("sd", p[1]));
    case DistributionKind::lognormal:
      return first_of(need_positive("mean", p[0]), need_positive("sd", p[1]));
    case DistributionKind::lognormal_log:
      return first_of(need_finite("meanlog", p[0]), need_positive("sdlog", p[1]));
    case DistributionKind::uniform:
      return check_range(p[0], p[1]);
    case DistributionKind::triangular:
    case DistributionKind::pert:
      return check_peak(p);
    case DistributionKind::exponential:
      return need_positive("rate", p[0]);
    case DistributionKind::gamma:
      return first_of(need_shape("shape", p[0]), need_positive("rate", p[1]));
    case DistributionKind::weibull:
      return first_of(need_positive("shape", p[0]), need_positive("scale", p[1]));
    case DistributionKind::beta:
      return first_of(need_shape("alpha", p[0]), need_shape("beta", p[1]));
    case DistributionKind::student_t:
      return need_positive("df", p[0]);
    case DistributionKind::poisson:
      return need_count("mean", p[0]);
    case DistributionKind::binomial:
      return check_binomial(p);
    case DistributionKind::bernoulli:
      return need_probability("p", p[0]);
    case DistributionKind::discrete:
      return check_discrete(p);
    case DistributionKind::empirical:
    case DistributionKind::bootstrap:
    case DistributionKind::historical:
    case DistributionKind::series:
      break;
  }
  return {};
}

double distribution_mean(DistributionKind kind, std::span<const double> p) {
  switch (kind) {
    case DistributionKind::normal:
    case DistributionKind::lognormal:
    case DistributionKind::poisson:
    case DistributionKind::bernoulli:
      return p[0];
    case DistributionKind::lognormal_log:
      return math::exp(p[0] + 0.5 * p[1] * p[1]);
    case DistributionKind::uniform:
      return p[0] + 0.5 * (p[1] - p[0]);
    case DistributionKind::triangular:
      return (p[0] + p[1] + p[2]) / 3;
    case DistributionKind::pert:
      return (p[0] + 4 * p[1] + p[2]) / 6;
    case DistributionKind::exponential:
      return 1 / p[0];
    case DistributionKind::gamma:
      return p[0] / p[1];
    case DistributionKind::weibull:
      return p[1] * math::gamma(1 + 1 / p[0]);
    case DistributionKind::beta:
      return p[0] / (p[0] + p[1]);
    case DistributionKind::student_t:
      return p[0] > 1 ? 0 : math::kNaN;
    case DistributionKind::binomial:
      return p[0] * p[1];
    case DistributionKind::discrete:
      return discrete_mean(p);
    case DistributionKind::empirical:
    case DistributionKind::bootstrap:
    case DistributionKind::historical:
    case DistributionKind::series:
      break;
  }
  return math::kNaN;
}

}  // namespace sim
