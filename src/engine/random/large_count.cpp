/*
 * large_count.cpp -- the Cornish-Fisher expansion for whole numbers.
 *
 * P(X <= k) is the value at k + 1/2 of a smooth function: the distribution function of X with a
 * uniform number between -1/2 and 1/2 taken away from its cumulants (M. G. Kendall, A. Stuart, "The
 * Advanced Theory of Statistics", volume 1, Sheppard's corrections for cumulants; for the Poisson
 * distribution the same terms are in M. B. Giles, "Algorithm 955: Approximation of the inverse
 * Poisson cumulative distribution function", ACM TOMS 42(1), 2016).
 */
#include "random/large_count.hpp"

#include <cmath>

#include "random/closed_form.hpp"
#include "random/standard_tables.hpp"

namespace sim {
namespace {

/* The cumulants of a uniform number are B_j / j. */
std::array<double, 5> smooth(const std::array<double, 5>& cumulants) {
  return {cumulants[0] - 1.0 / 12, cumulants[1], cumulants[2] + 1.0 / 120, cumulants[3],
          cumulants[4] - 1.0 / 252};
}

}  // namespace

LargeCount::LargeCount(const CountCumulants& cumulants, double largest)
    : whole_(std::floor(cumulants.mean)),
      rest_((cumulants.mean - whole_) + cumulants.mean_rest - 0.5),
      sd_(std::sqrt(smooth(cumulants.higher)[0])),
      largest_(largest),
      standard_(smooth(cumulants.higher)) {}

void LargeCount::apply(const double* u, double* x, std::size_t n) const {
  normal_table().apply(u, x, n);
  const auto count = [x, c = *this](std::size_t i) {
    const double k = c.whole_ + std::ceil(c.rest_ + c.sd_ * c.standard_(x[i]));
    const double above = k < 0 ? 0 : k;
    x[i] = above > c.largest_ ? c.largest_ : above;
  };
  closed_form::each_lane(n, count);
}

}  // namespace sim
