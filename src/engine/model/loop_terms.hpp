/*
 * loop_terms.hpp -- the terms of one loop: its unknowns, its formulas, and what its method of
 * solution needs of them.
 */
#pragma once

#include <vector>

#include "model/compiler.hpp"

namespace sim {

class LoopTermsBuilder {
 public:
  /* Unknowns stand in the order of their names, so that the order of the text changes no bit of a
   * direct or Newton solution. */
  LoopTermsBuilder(const Model& model, TermGraph& terms, std::uint32_t loop,
                   const std::vector<std::uint32_t>& members);

  const std::vector<std::uint32_t>& variables() const { return variables_; }
  TermId unknown(std::uint32_t place) const { return unknowns_[place]; }

  /* formulas[i] is the term of variables()[i] with unknowns for the loop's variables. */
  LoopTerms finish(const std::vector<TermId>& formulas, const std::vector<TermId>& starts);

 private:
  bool is_linear(const std::vector<TermId>& formulas) const;
  SolveMethod choose_method(bool linear) const;
  std::vector<TermId> at_zero(const std::vector<TermId>& formulas);
  TermId constant_part(const Term& term, TermId a, TermId b, TermId c);
  void write_out_elimination(LoopTerms& loop);

  const Model& model_;
  TermGraph& terms_;
  std::uint32_t loop_;
  std::vector<std::uint32_t> variables_;
  std::vector<TermId> unknowns_;
};

}  // namespace sim
