/*
 * cornish_fisher.hpp -- a quantile near the normal one, from the cumulants.
 */
#pragma once

#include <array>

#include "core/instruction_set.hpp"

namespace sim {

/* A standardised variable's quantile as a polynomial in z, the standard normal quantile, with the
 * terms of four orders. */
class CornishFisher {
 public:
  /* `cumulants`: the second to the sixth. */
  explicit CornishFisher(const std::array<double, 5>& cumulants);

  SIM_INLINE double operator()(double z) const {
    return ((((c_[5] * z + c_[4]) * z + c_[3]) * z + c_[2]) * z + c_[1]) * z + c_[0];
  }

 private:
  std::array<double, 6> c_;
};

}  // namespace sim
