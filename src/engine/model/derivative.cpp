/*
 * derivative.cpp -- the partial derivatives of every operation.
 */
#include "model/derivative.hpp"

#include <algorithm>
#include <numbers>

namespace sim {

const Derivatives::Gradient& Derivatives::of(TermId root) {
  static const Gradient none;
  if (root < first_ || terms_[root].loop != loop_) return none;
  if (gradients_.size() < root + 1 - first_) {
    gradients_.resize(root + 1 - first_);
    taken_.resize(root + 1 - first_, false);
  }
  for (const TermId id : missing_for(root)) gradients_[id - first_] = differentiate(id);
  return gradients_[root - first_];
}

/* What the root needs and has no gradient yet, operands first: they have smaller ids. */
std::vector<TermId> Derivatives::missing_for(TermId root) {
  std::vector<TermId> missing;
  std::vector<TermId> open{root};
  while (!open.empty()) {
    const TermId id = open.back();
    open.pop_back();
    if (id < first_ || terms_[id].loop != loop_ || taken_[id - first_]) continue;
    taken_[id - first_] = true;
    missing.push_back(id);
    for_each_operand(terms_[id], [&](TermId operand) { open.push_back(operand); });
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

Derivatives::Gradient Derivatives::differentiate(TermId id) {
  const Term term = terms_[id];
  if (term.kind == TermKind::unknown) return {{term.b, terms_.number(1)}};
  if (term.kind != TermKind::operation) return {};
  const TermId operands[3] = {term.a, term.b, term.c};
  Gradient result;
  asking_.spend();
  for (int k = 0; k < 3; ++k) {
    if (operands[k] == kNoTerm || operands[k] < first_ || operands[k] >= first_ + gradients_.size())
      continue;
    const Gradient& inner = gradients_[operands[k] - first_];
    asking_.spend(inner.size());
    for (const auto& [place, slope] : inner) {
      const TermId product = chain(term, id, k, slope);
      if (product == kNoTerm) continue;
      const auto at =
          std::lower_bound(result.begin(), result.end(), place,
                           [](const auto& entry, std::uint32_t p) { return entry.first < p; });
      if (at != result.end() && at->first == place)
        at->second = terms_.operation(Operation::add, at->second, product);
      else
        result.insert(at, {place, product});
    }
  }
  return result;
}

/* The chain rule. Where a condition picks an operand, the other's slope is left out, not multiplied
 * by zero: it may not be finite. */
TermId Derivatives::chain(const Term& term, TermId self, int k, TermId slope) {
  const TermId zero = terms_.number(0);
  const auto pick = [&](TermId condition, bool when) {
    return terms_.operation(Operation::select, condition, when ? slope : zero, when ? zero : slope);
  };
  switch (term.operation) {
    case Operation::select:
      return k == 0 ? kNoTerm : pick(term.a, k == 1);
    case Operation::minimum:
      return pick(terms_.operation(Operation::less_equal, term.a, term.b), k == 0);
    case Operation::maximum:
      return pick(terms_.operation(Operation::greater_equal, term.a, term.b), k == 0);
    default:
      const TermId outer = partial(term, self, k);
      return outer == kNoTerm ? kNoTerm : multiply(outer, slope);
  }
}

TermId Derivatives::multiply(TermId a, TermId b) {
  if (terms_.is_number(a) && terms_[a].number == 1) return b;
  if (terms_.is_number(b) && terms_[b].number == 1) return a;
  return terms_.operation(Operation::multiply, a, b);
}

/* d term / d operand k; kNoTerm where it is zero. `self` is the term itself, whose value some rules
 * use. */
TermId Derivatives::partial(const Term& term, TermId self, int k) {
  using O = Operation;
  const TermId a = term.a, b = term.b;
  const auto num = [&](double value) { return terms_.number(value); };
  const auto op = [&](O operation, TermId x, TermId y = kNoTerm, TermId z = kNoTerm) {
    return terms_.operation(operation, x, y, z);
  };
  const auto reciprocal = [&](TermId x) { return op(O::divide, num(1), x); };
  const auto square = [&](TermId x) { return op(O::multiply, x, x); };
  const auto one_minus_square = [&](TermId x) { return op(O::subtract, num(1), square(x)); };

  switch (term.operation) {
    case O::negate:
      return num(-1);
    case O::absolute:
      return op(O::select, op(O::less, a, num(0)), num(-1), num(1));
    case O::sqrt:
      return op(O::divide, num(0.5), self);
    case O::cbrt:
      return reciprocal(op(O::multiply, num(3), square(self)));
    case O::exp:
      return self;
    case O::expm1:
      return op(O::add, self, num(1));
    case O::ln:
      return reciprocal(a);
    case O::log10:
      return reciprocal(op(O::multiply, a, num(std::numbers::ln10)));
    case O::log2:
      return reciprocal(op(O::multiply, a, num(std::numbers::ln2)));
    case O::log1p:
      return reciprocal(op(O::add, num(1), a));
    case O::sin:
      return op(O::cos, a);
    case O::cos:
      return op(O::negate, op(O::sin, a));
    case O::tan:
      return op(O::add, num(1), square(self));
    case O::asin:
      return reciprocal(op(O::sqrt, one_minus_square(a)));
    case O::acos:
      return op(O::divide, num(-1), op(O::sqrt, one_minus_square(a)));
    case O::atan:
      return reciprocal(op(O::add, num(1), square(a)));
    case O::sinh:
      return op(O::cosh, a);
    case O::cosh:
      return op(O::sinh, a);
    case O::tanh:
      return one_minus_square(self);
    case O::asinh:
      return reciprocal(op(O::sqrt, op(O::add, square(a), num(1))));
    case O::acosh:
      return reciprocal(op(O::sqrt, op(O::subtract, square(a), num(1))));
    case O::atanh:
      return reciprocal(one_minus_square(a));
    case O::gamma:
      return op(O::multiply, self, op(O::digamma, a));
    case O::lgamma:
      return op(O::digamma, a);
    case O::digamma: {
      // A difference of values is accurate enough for a slope, and no formula can name trigamma.
      constexpr double kStep = 1e-5;
      const TermId rise = op(O::subtract, op(O::digamma, op(O::add, a, num(kStep))),
                             op(O::digamma, op(O::subtract, a, num(kStep))));
      return op(O::divide, rise, num(2 * kStep));
    }
    case O::erf:
    case O::erfc: {
      const double slope = 2 * std::numbers::inv_sqrtpi;
      return op(O::multiply, num(term.operation == O::erf ? slope : -slope),
                op(O::exp, op(O::negate, square(a))));
    }
    case O::normal_cdf:
      return op(O::normal_density, a);
    case O::normal_density:
      return op(O::negate, op(O::multiply, a, self));
    case O::normal_quantile:
      return reciprocal(op(O::normal_density, self));
    case O::add:
      return num(1);
    case O::subtract:
      return num(k == 0 ? 1 : -1);
    case O::multiply:
      return k == 0 ? b : a;
    case O::divide:
      return k == 0 ? reciprocal(b) : op(O::negate, op(O::divide, self, b));
    case O::modulo:
      return k == 0 ? num(1) : op(O::negate, op(O::trunc, op(O::divide, a, b)));
    case O::power:
      return k == 0 ? op(O::multiply, b, op(O::power, a, op(O::subtract, b, num(1))))
                    : op(O::multiply, self, op(O::ln, a));
    case O::atan2: {
      const TermId length = op(O::add, square(a), square(b));
      return k == 0 ? op(O::divide, b, length) : op(O::negate, op(O::divide, a, length));
    }
    case O::log_base: {
      const TermId ln_base = op(O::ln, a);
      return k == 1 ? reciprocal(op(O::multiply, b, ln_base))
                    : op(O::negate, op(O::divide, self, op(O::multiply, a, ln_base)));
    }
    case O::beta: {
      const TermId own = op(O::digamma, k == 0 ? a : b);
      return op(O::multiply, self, op(O::subtract, own, op(O::digamma, op(O::add, a, b))));
    }
    default:  // steps, and operations no formula can name
      return kNoTerm;
  }
}

}  // namespace sim
