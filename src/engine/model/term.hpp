/*
 * term.hpp -- formulas as one graph of elementary terms, each different term kept once.
 *
 * A term is a number, an operation over other terms, or a leaf whose meaning the program gives (a
 * parameter, a draw, a value of an earlier step, an unknown of a loop).  Operands have smaller ids
 * than their users, so ascending ids are an order of evaluation.  A term knows how often it must be
 * computed: its level is the highest of its operands'.
 */
#pragma once

#include <cstdint>
#include <vector>

#include "catalogue/operation.hpp"
#include "core/control.hpp"

namespace sim {

using TermId = std::uint32_t;
inline constexpr TermId kNoTerm = 0xffffffffu;

/* How often a term is computed. */
enum class Level : std::uint8_t {
  once,   // depends on parameters only
  trial,  // once a trial
  step,   // at each step of a trial
  final,  // after the last step of a trial
};

enum class TermKind : std::uint8_t {
  number,
  parameter,  // a: parameter
  operation,  // over a, b, c
  draw,       // a: draw specification; a value drawn by inversion
  mean,       // a: draw specification; the mean of a distribution at computed parameters
  row,        // a: draw specification; a row number of a data block
  gather,     // a: row term, b: table, c: column
  series,     // a: series; its value at the step
  time,       // the step number
  lagged,     // a: variable, b: lag
  captured,   // a: capture; the value of a variable at a fixed step
  aggregate,  // a: time aggregate
  unknown,    // a: loop, b: place in it; the current guess of a loop's unknown
  solved,     // a: loop, b: place in it; the solution
};

struct Term {
  TermKind kind = TermKind::number;
  Operation operation = Operation::add;
  Level level = Level::once;
  std::uint32_t loop = 0;  // 1 + the loop whose unknowns the term depends on; 0: none
  std::uint32_t a = 0, b = 0, c = 0;
  bool known = false;  // an operation over numbers alone; `number` is its value
  double number = 0;
};

class TermGraph {
 public:
  /* Without `simplify` no operation becomes a number and no two of them one term, but values of
   * operations over numbers are known all the same: nobody may decide otherwise for it. */
  explicit TermGraph(bool simplify = true) : simplify_(simplify) {}

  TermId number(double value);
  /* Computes at once when all operands are numbers; otherwise the existing or a new term, of a
   * cheaper operation where that gives the same bits. */
  TermId operation(Operation operation, TermId a, TermId b = kNoTerm, TermId c = kNoTerm);
  /* A leaf; equal leaves are one term. */
  TermId leaf(TermKind kind, Level level, std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0,
              std::uint32_t loop = 0);

  const Term& operator[](TermId id) const { return terms_[id]; }
  std::size_t size() const { return terms_.size(); }
  bool is_number(TermId id) const {
    return terms_[id].kind == TermKind::number || terms_[id].known;
  }
  /* Requires: a level that is no lower, and at which all readers find the term. */
  void set_level(TermId id, Level level) { terms_[id].level = level; }

 private:
  std::size_t place_of(const Term& term) const;
  TermId find(const Term& term) const;  // kNoTerm: there is none
  TermId intern(const Term& term);
  TermId add(const Term& term);
  void grow();

  bool simplify_;
  Asking asking_;
  std::vector<Term> terms_;
  std::vector<TermId> table_;  // open addressing, kNoTerm marks a free place
};

/* Calls `visit` for each operand of a term; payload numbers of leaves are no operands. */
template <class Visit>
void for_each_operand(const Term& term, Visit visit) {
  if (term.kind == TermKind::gather) {
    visit(term.a);
  } else if (term.kind == TermKind::operation) {
    visit(term.a);
    if (term.b != kNoTerm) visit(term.b);
    if (term.c != kNoTerm) visit(term.c);
  }
}

}  // namespace sim
