/*
 * guide_table.hpp -- finds the place of uniform numbers in an ascending list.
 *
 * The guide says where to begin the search: H. C. Chen, Y. Asau, "On generating random variates
 * from an empirical distribution", AIIE Transactions 6 (1974).  It has so many cells that one step
 * from there is nearly always enough, and that step is taken without a branch.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

class GuideTable {
 public:
  /* The place of u is the first i with u <= limits[i]; the last one takes all that is left.
   * Requires: limits not empty, ascending. */
  explicit GuideTable(std::vector<double> limits);

  /* x[i] is the place of u[i], 0 <= u[i] < 1, for i < n; u and x may be the same array. */
  void apply(const double* u, double* x, std::size_t n) const;

 private:
  std::vector<double> limits_;         // the last is infinity
  std::vector<std::uint32_t> starts_;  // of each cell of u: the first place it can have
};

}  // namespace sim
