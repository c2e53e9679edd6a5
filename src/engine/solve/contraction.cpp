/*
 * contraction.cpp -- how fast plain iteration of a loop would converge, from its slopes.
 *
 * One round takes an error e to M e, M = (I - L)^-1 U.  A column of M is zero where that of U is:
 * only unknowns that are read before they are computed carry an error into the next round.  So the
 * eigenvalues of M other than zero are those of its part over these unknowns, of which most loops
 * have one.
 */
#include <algorithm>
#include <cmath>

#include "solve/lanes.hpp"
#include "solve/methods.hpp"
#include "solve/shared.hpp"

namespace sim {
namespace {

constexpr std::size_t kMostCarriers = 200;
/* More take long enough to ask before each lane. */
constexpr std::size_t kFew = 16;

class RoundMatrix {
 public:
  RoundMatrix(LoopSystem& system, std::span<const std::uint32_t> text_order)
      : system_(system),
        order_(text_order),
        n_(system.size()),
        lanes_(system.lanes()),
        place_(n_),
        first_(n_ + 1, 0) {
    for (std::uint32_t p = 0; p < n_; ++p) place_[order_[p]] = p;
    for (const JacobianColumn& slope : system_.jacobian()) ++first_[slope.row + 1];
    for (std::size_t row = 0; row < n_; ++row) first_[row + 1] += first_[row];
    std::vector<bool> carries(n_, false);
    for (const JacobianColumn& slope : system_.jacobian())
      if (place_[slope.row] <= place_[slope.column]) carries[place_[slope.column]] = true;
    for (std::uint32_t p = 0; p < n_; ++p)
      if (carries[p]) carriers_.push_back(p);
  }

  const std::vector<std::uint32_t>& carriers() const { return carriers_; }

  /* What an error of 1 in unknown `carrier` is after a round: for each carrier, its lanes. */
  void column(std::uint32_t carrier, std::vector<double>& out) {
    error_.assign(n_ * lanes_, 0.0);
    for (std::uint32_t p = 0; p < n_; ++p) {
      double* sum = error_.data() + p * lanes_;
      for (std::uint32_t k = first_[order_[p]]; k < first_[order_[p] + 1]; ++k) {
        const JacobianColumn& slope = system_.jacobian()[k];
        const std::uint32_t from = place_[slope.column];
        if (from < p)
          dispatch<AddProduct>(slope.value, error_.data() + from * lanes_, sum, lanes_);
        else if (from == carrier)
          dispatch<Add>(slope.value, sum, lanes_);
      }
    }
    for (const std::uint32_t p : carriers_)
      out.insert(out.end(), error_.begin() + static_cast<std::ptrdiff_t>(p * lanes_),
                 error_.begin() + static_cast<std::ptrdiff_t>((p + 1) * lanes_));
  }

 private:
  struct Add {
    SIM_INLINE static void run(const double* a, double* sum, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) sum[i] += a[i];
    }
  };

  LoopSystem& system_;
  std::span<const std::uint32_t> order_;
  const std::size_t n_;
  const std::size_t lanes_;
  std::vector<std::uint32_t> place_;  // in the text, by unknown
  std::vector<std::uint32_t> first_;  // slope of each row
  std::vector<std::uint32_t> carriers_;
  std::vector<double> error_;
};

double finite_or_nan(double value) {
  return std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void estimate_contraction(LoopSystem& system, std::span<const std::uint32_t> text_order,
                          std::span<LaneOutcome> outcomes) {
  RoundMatrix round(system, text_order);
  const std::size_t k = round.carriers().size();
  if (k > kMostCarriers) return;
  const std::size_t lanes = system.lanes();
  std::vector<double> columns;
  for (const std::uint32_t carrier : round.carriers()) {
    stop_if_asked();
    round.column(carrier, columns);
  }
  std::vector<double> matrix(k * k);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    if (outcomes[lane].fell_back) continue;
    if (k > kFew) stop_if_asked();
    for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] = columns[i * lanes + lane];
    outcomes[lane].contraction = k == 0   ? 0
                                 : k == 1 ? finite_or_nan(std::fabs(matrix[0]))
                                          : spectral_radius(matrix, k);
  }
}

}  // namespace sim
