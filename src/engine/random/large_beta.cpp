/*
 * large_beta.cpp -- the density as a binomial probability, by its saddle point; the quantile by its
 * Cornish-Fisher expansion.
 */
#include "random/large_beta.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"
#include "random/closed_form.hpp"
#include "random/deviance.hpp"
#include "random/direct_quantile.hpp"
#include "random/exact_product.hpp"
#include "random/standard_tables.hpp"

namespace sim {
namespace {

/* The cumulants in standard units from the second on, by way of the moments, which follow from one
 * another as in every distribution of K. Pearson's ("Contributions to the mathematical theory of
 * evolution II", Philosophical Transactions A 186, 1895). */
std::array<double, 5> standard_cumulants(double alpha, double beta) {
  const double n = alpha + beta;
  const double skew = (beta - alpha) / (std::sqrt(alpha * (n + 1)) * std::sqrt(beta));
  std::array<double, 7> m = {1, 0};
  for (std::size_t k = 1; k + 1 < m.size(); ++k) {
    const auto order = static_cast<double>(k);
    m[k + 1] = order * (m[k - 1] + skew * m[k]) * ((n + 1) / (n + order));
  }
  return {1, m[3], m[4] - 3, m[5] - 10 * m[3], m[6] - 15 * m[4] - 10 * m[3] * m[3] + 30};
}

}  // namespace

double large_beta_density(double alpha, double beta, double x) {
  const double n = alpha + beta - 2;
  const double k = alpha - 1;
  const auto [mean, rest] = exact_product(n, x);
  const double difference = (k - mean) - rest;
  const double exponent = stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
                          deviance(k, mean, difference) -
                          deviance(n - k, (n - mean) - rest, -difference);
  return (n + 1) * math::exp(exponent) / std::sqrt(2 * math::kPi * k * ((n - k) / n));
}

LargeBeta::LargeBeta(double alpha, double beta)
    : alpha_(alpha), beta_(beta), standard_(standard_cumulants(alpha, beta)) {
  const double n = alpha + beta;
  const double n_rest = std::min(alpha, beta) - (n - std::max(alpha, beta));
  mean_ = alpha / n;
  const auto [product, rest] = exact_product(mean_, n);
  mean_rest_ = ((alpha - product) - rest - mean_ * n_rest) / n;
  sd_ = std::sqrt(mean_ * (beta / n) / (n + 1));
}

void LargeBeta::apply(const double* u, double* x, std::size_t n) const {
  using closed_form::kBlock;
  std::array<double, kBlock> values;
  for (std::size_t i = 0; i < n; i += kBlock) {
    const std::size_t count = std::min(kBlock, n - i);
    normal_table().apply(u + i, values.data(), count);
    closed_form::each_lane(count, [z = values.data(), b = *this](std::size_t j) {
      z[j] = b.mean_ + (b.mean_rest_ + b.sd_ * b.standard_(z[j]));
    });
    for (std::size_t j = 0; j < count; ++j) {
      const bool beyond = u[i + j] < kLeastUniform;
      x[i + j] = beyond ? beta_quantile(alpha_, beta_, u[i + j]) : values[j];
    }
  }
}

}  // namespace sim
