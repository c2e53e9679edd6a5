/*
 * loop_terms.cpp -- finds out by inspection whether a loop is linear in its unknowns, and prepares
 * its solution.
 */
#include "model/loop_terms.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "model/analysis.hpp"
#include "model/derivative.hpp"
#include "model/elimination.hpp"

namespace sim {

LoopTermsBuilder::LoopTermsBuilder(const Model& model, TermGraph& terms, std::uint32_t loop,
                                   const std::vector<std::uint32_t>& members)
    : model_(model), terms_(terms), loop_(loop), variables_(members) {
  std::sort(variables_.begin(), variables_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return model.variables[a].name < model.variables[b].name;
  });
  for (std::uint32_t i = 0; i < variables_.size(); ++i)
    unknowns_.push_back(terms_.leaf(TermKind::unknown, Level::once, loop_, i, 0, loop_ + 1));
}

LoopTerms LoopTermsBuilder::finish(const std::vector<TermId>& formulas,
                                   const std::vector<TermId>& starts) {
  LoopTerms loop;
  loop.spec.variables = variables_;
  loop.spec.text_order.resize(variables_.size());
  std::iota(loop.spec.text_order.begin(), loop.spec.text_order.end(), 0u);
  std::sort(loop.spec.text_order.begin(), loop.spec.text_order.end(),
            [&](std::uint32_t a, std::uint32_t b) {
              return model_.variables[variables_[a]].range.offset <
                     model_.variables[variables_[b]].range.offset;
            });

  Derivatives derivatives(terms_, loop_ + 1, unknowns_.front());
  loop.spec.linear = is_linear(formulas);
  bool uniform = true;
  for (std::uint32_t row = 0; row < formulas.size(); ++row)
    for (const auto& [column, slope] : derivatives.of(formulas[row])) {
      loop.jacobian.push_back({row, column, slope});
      uniform = uniform && terms_[slope].level == Level::once;
    }
  loop.spec.method = choose_method(loop.spec.linear);
  loop.spec.uniform = loop.spec.linear && uniform;
  loop.spec.tolerance = model_.solve.tolerance;
  loop.spec.iterations = model_.solve.iterations;
  loop.spec.damping = model_.solve.damping;

  const bool direct = loop.spec.method == SolveMethod::direct;
  loop.values = direct ? at_zero(formulas) : formulas;
  if (!direct) loop.starts = starts;
  if (loop.spec.method == SolveMethod::gauss_seidel || loop.spec.method == SolveMethod::jacobi)
    loop.jacobian.clear();
  loop.first_unknown = unknowns_.front();
  write_out_elimination(loop);

  for (const TermId value : loop.values) loop.level = std::max(loop.level, terms_[value].level);
  for (const JacobianTerm& entry : loop.jacobian)
    loop.level = std::max(loop.level, terms_[entry.value].level);
  for (const TermId start : loop.starts)
    if (start != kNoTerm) loop.level = std::max(loop.level, terms_[start].level);
  return loop;
}

/*
 * A direct solution is refused where a pivot is only rounding error of the largest one: the matrix
 * is singular. Newton's step need not be right, for its line search judges it.
 */
void LoopTermsBuilder::write_out_elimination(LoopTerms& loop) {
  const bool direct = loop.spec.method == SolveMethod::direct;
  if (!direct && loop.spec.method != SolveMethod::newton) return;
  std::vector<TermId> right = loop.values;
  if (!direct)
    for (std::size_t i = 0; i < right.size(); ++i)
      right[i] = terms_.operation(Operation::subtract, loop.values[i], unknowns_[i]);
  std::optional<Elimination> written = eliminate(terms_, loop.jacobian, right);
  if (!written) return;
  TermId trusted = written->bounded;
  if (direct) {
    const TermId limit =
        terms_.operation(Operation::multiply, written->largest_pivot,
                         terms_.number(kSingular * static_cast<double>(right.size())));
    const TermId regular = terms_.operation(Operation::greater, written->smallest_pivot, limit);
    trusted =
        trusted == kNoTerm ? regular : terms_.operation(Operation::logical_and, trusted, regular);
  }
  const bool known = trusted != kNoTerm && terms_.is_number(trusted);
  if (known && terms_[trusted].number != 1) return;
  loop.solution = std::move(written->solution);
  loop.trusted = known ? kNoTerm : trusted;
}

/* Told by the operations, not by the slopes: those of floor(x) or of x > 5 are zero. */
bool LoopTermsBuilder::is_linear(const std::vector<TermId>& formulas) const {
  const auto inside = [&](TermId id) { return id != kNoTerm && terms_[id].loop == loop_ + 1; };
  const auto linear = [&](const Term& term) {
    switch (term.operation) {
      case Operation::negate:
      case Operation::add:
      case Operation::subtract:
        return true;
      case Operation::multiply:
        return !inside(term.a) || !inside(term.b);
      case Operation::divide:
        return !inside(term.b);
      case Operation::select:
        return !inside(term.a);
      default:
        return false;
    }
  };
  const TermId first = unknowns_.front();
  std::vector<bool> seen(terms_.size() - first, false);
  std::vector<TermId> open = formulas;
  while (!open.empty()) {
    const TermId id = open.back();
    open.pop_back();
    if (!inside(id) || terms_[id].kind == TermKind::unknown || seen[id - first]) continue;
    seen[id - first] = true;
    if (!linear(terms_[id])) return false;
    for_each_operand(terms_[id], [&](TermId operand) { open.push_back(operand); });
  }
  return true;
}

SolveMethod LoopTermsBuilder::choose_method(bool linear) const {
  if (model_.solve.method == SolveMethod::automatic)
    return linear ? SolveMethod::direct : SolveMethod::newton;
  if (model_.solve.method == SolveMethod::direct && !linear) {
    std::string names;
    for (const std::uint32_t variable : variables_)
      names += (names.empty() ? "" : ", ") + model_.variables[variable].name;
    throw Error(
        ErrorKind::invalid_model,
        "a loop is not linear and cannot be solved by method direct: " + names, {},
        "Use solve method auto, which solves linear loops directly and others by Newton's method.");
  }
  return model_.solve.method;
}

/*
 * A term of the loop with operands in place of its own.  What is zero because the unknowns are
 * takes no operation; a failed coefficient is not lost by that, for it stands in the slopes.
 */
TermId LoopTermsBuilder::constant_part(const Term& term, TermId a, TermId b, TermId c) {
  const auto vanishes = [&](TermId before, TermId id) {
    return terms_[before].loop == loop_ + 1 && terms_.is_number(id) && terms_[id].number == 0;
  };
  switch (term.operation) {
    case Operation::add:
      if (vanishes(term.a, a)) return b;
      [[fallthrough]];
    case Operation::subtract:
      if (vanishes(term.b, b)) return a;
      break;
    case Operation::multiply:
      if (vanishes(term.a, a) || vanishes(term.b, b)) return terms_.number(0);
      break;
    case Operation::divide:
      if (vanishes(term.a, a)) return terms_.number(0);
      break;
    default:
      break;
  }
  return terms_.operation(term.operation, a, b, c);
}

/* The formulas with every unknown at zero: the constant part of a linear loop. */
std::vector<TermId> LoopTermsBuilder::at_zero(const std::vector<TermId>& formulas) {
  const TermId first = unknowns_.front();
  const TermId end = *std::max_element(formulas.begin(), formulas.end()) + 1;
  std::vector<TermId> replaced(end > first ? end - first : 0, kNoTerm);
  const auto lookup = [&](TermId id) {
    return id == kNoTerm || id < first || replaced[id - first] == kNoTerm ? id
                                                                          : replaced[id - first];
  };
  for (TermId id = first; id < end; ++id) {
    const Term term = terms_[id];
    if (term.loop != loop_ + 1) continue;
    replaced[id - first] =
        term.kind == TermKind::unknown
            ? terms_.number(0)
            : constant_part(term, lookup(term.a), lookup(term.b), lookup(term.c));
  }
  std::vector<TermId> constants;
  for (const TermId formula : formulas) constants.push_back(lookup(formula));
  return constants;
}

}  // namespace sim
