/*
 * eigen.hpp -- the only door to Eigen.
 *
 * Eigen's own assertions abort, which would end the whole database server, and are silent in a
 * release build.  Here they throw, in every build, before any other part of Eigen can be seen.
 */
#pragma once

#include <stdexcept>

#if defined(EIGEN_CORE_H)
#error "include core/eigen.hpp instead of Eigen's own headers"
#endif

namespace sim {

/* A matrix operation was used in a way Eigen forbids: shapes that do not fit, an index outside, ...
 */
class EigenMisuse : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace sim

#define eigen_assert(condition)                                       \
  do {                                                                \
    if (!(condition)) throw ::sim::EigenMisuse("Eigen: " #condition); \
  } while (false)

#include <Eigen/Dense>
