/*
 * derivative.hpp -- derivatives of terms, by the rules of differentiation over the same operations.
 */
#pragma once

#include <vector>

#include "core/control.hpp"
#include "model/term.hpp"

namespace sim {

/*
 * The derivative of a term of loop `loop` with respect to each of its unknowns: (place of the
 * unknown, term), only those not identically zero, by place.  Steps (floor, comparisons, ...) have
 * derivative 0; a kink takes the side its condition takes. This is forward accumulation of
 * automatic differentiation (Griewank & Walther 2008, ch. 3) written out as terms.
 */
class Derivatives {
 public:
  using Gradient = std::vector<std::pair<std::uint32_t, TermId>>;

  /* `first`: the smallest id of the loop's unknowns; nothing before it can depend on them. */
  Derivatives(TermGraph& terms, std::uint32_t loop, TermId first)
      : terms_(terms), loop_(loop), first_(first) {}

  /* Gradient of `root`; work is shared between calls. */
  const Gradient& of(TermId root);

 private:
  std::vector<TermId> missing_for(TermId root);
  Gradient differentiate(TermId id);
  TermId chain(const Term& term, TermId self, int operand, TermId slope);
  TermId partial(const Term& term, TermId self, int operand);
  TermId multiply(TermId a, TermId b);

  TermGraph& terms_;
  std::uint32_t loop_;
  TermId first_;
  std::vector<Gradient> gradients_;  // by term id, from first_ on
  std::vector<bool> taken_;          // the same: whether it is there
  Asking asking_;
};

}  // namespace sim
