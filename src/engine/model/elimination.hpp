/*
 * elimination.hpp -- a small linear system solved once and for all: Gaussian elimination written
 * out as terms.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/compiler.hpp"

namespace sim {

struct Elimination {
  std::vector<TermId> solution;  // by unknown
  /* 1 where no multiplier is larger than 10; kNoTerm where that is known. */
  TermId bounded = kNoTerm;
  TermId smallest_pivot = kNoTerm;  // by absolute value
  TermId largest_pivot = kNoTerm;
};

/*
 * The solution x of (I - A) x = b as terms over those of A and b.  `slopes` are the entries of A
 * that are not identically zero, `right` is b.
 *
 * The order of pivots is chosen before values are known, so it is that of every lane: the diagonal
 * entry that fills in least (Markowitz 1957), among equals a number before a value, then the row
 * whose right side is computed least often.  Entries that are numbers obey threshold pivoting with
 * 1/10 (Duff, Erisman & Reid 1986, section 5.4); where values break it, `bounded` is not 1 and the
 * solution is not to be used.
 *
 * Nothing for a system that would take too many operations, or has no pivots whatever the values.
 */
std::optional<Elimination> eliminate(TermGraph& terms, std::span<const JacobianTerm> slopes,
                                     std::span<const TermId> right);

}  // namespace sim
