/*
 * term.cpp -- interning of terms and folding of constants.
 */
#include "model/term.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace sim {
namespace {

/* A model that needs more is refused: user functions can expand without bound. */
constexpr std::size_t kMaxTerms = 4'000'000;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ull + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdull;
}

std::uint64_t hash_of(const Term& term) {
  std::uint64_t hash =
      static_cast<std::uint64_t>(term.kind) * 64 + static_cast<std::uint64_t>(term.operation);
  hash = mix(hash, (std::uint64_t{term.a} << 32) | term.b);
  hash = mix(hash, term.c);
  hash = mix(hash, std::bit_cast<std::uint64_t>(term.number));
  // Places in the table are the low bits, round numbers differ in the high ones.
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 32);
}

bool same(const Term& x, const Term& y) {
  return x.kind == y.kind && x.operation == y.operation && x.level == y.level && x.loop == y.loop &&
         x.a == y.a && x.b == y.b && x.c == y.c &&
         std::bit_cast<std::uint64_t>(x.number) == std::bit_cast<std::uint64_t>(y.number);
}

/* Whether 1 / x is exact, so that multiplying by it rounds as dividing by x does. */
bool has_exact_reciprocal(double x) {
  int exponent;
  return std::fabs(std::frexp(x, &exponent)) == 0.5 && std::isnormal(x) && std::isnormal(1 / x);
}

/* Whether a and b may change places without a change of bits. */
bool is_commutative(Operation operation) {
  switch (operation) {
    case Operation::add:
    case Operation::multiply:
    case Operation::equal:
    case Operation::not_equal:
    case Operation::logical_and:
    case Operation::logical_or:
      return true;
    default:
      return false;
  }
}

}  // namespace

TermId TermGraph::number(double value) {
  Term term;
  term.number = value;
  return intern(term);
}

TermId TermGraph::operation(Operation operation, TermId a, TermId b, TermId c) {
  const auto value = [&](TermId id) { return id == kNoTerm ? 0 : terms_[id].number; };
  Term term;
  term.known = is_number(a) && (b == kNoTerm || is_number(b)) && (c == kNoTerm || is_number(c));
  if (term.known) term.number = evaluate(operation, value(a), value(b), value(c));
  if (term.known && simplify_) return number(term.number);
  if (simplify_ && b != kNoTerm && c == kNoTerm && is_number(b)) {
    const double by = terms_[b].number;
    if (operation == Operation::divide && has_exact_reciprocal(by))
      return this->operation(Operation::multiply, a, number(1 / by));
    if (operation == Operation::multiply && by == 1) return a;
    if (operation == Operation::subtract && by == 0 && !std::signbit(by)) return a;
  }
  if (simplify_ && operation == Operation::multiply && is_number(a) && terms_[a].number == 1)
    return b;
  term.kind = TermKind::operation;
  term.operation = operation;
  term.a = a;
  term.b = b;
  term.c = c;
  for_each_operand(term, [&](TermId operand) {
    term.level = std::max(term.level, terms_[operand].level);
    term.loop = std::max(term.loop, terms_[operand].loop);
  });
  if (!simplify_) return add(term);
  if (is_commutative(operation)) {
    Term turned = term;
    std::swap(turned.a, turned.b);
    if (const TermId known = find(turned); known != kNoTerm) return known;
  }
  return intern(term);
}

TermId TermGraph::leaf(TermKind kind, Level level, std::uint32_t a, std::uint32_t b,
                       std::uint32_t c, std::uint32_t loop) {
  Term term;
  term.kind = kind;
  term.level = level;
  term.loop = loop;
  term.a = a;
  term.b = b;
  term.c = c;
  return intern(term);
}

/* Where the term is, or would be. Requires: a table with free places. */
std::size_t TermGraph::place_of(const Term& term) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t place = hash_of(term) & mask;
  while (table_[place] != kNoTerm && !same(terms_[table_[place]], term)) place = (place + 1) & mask;
  return place;
}

TermId TermGraph::find(const Term& term) const {
  return table_.empty() ? kNoTerm : table_[place_of(term)];
}

TermId TermGraph::intern(const Term& term) {
  if (table_.size() < 2 * (terms_.size() + 1)) grow();
  const std::size_t place = place_of(term);
  if (table_[place] == kNoTerm) table_[place] = add(term);
  return table_[place];
}

TermId TermGraph::add(const Term& term) {
  if (terms_.size() >= kMaxTerms)
    throw Error(ErrorKind::limit_exceeded, "the model expands to more than 4,000,000 operations",
                {}, "Shorten its functions or loops.");
  asking_.spend();
  terms_.push_back(term);
  return static_cast<TermId>(terms_.size() - 1);
}

void TermGraph::grow() {
  table_.assign(std::max<std::size_t>(256, 2 * table_.size()), kNoTerm);
  const std::size_t mask = table_.size() - 1;
  for (TermId id = 0; id < terms_.size(); ++id) {
    asking_.spend();
    std::size_t place = hash_of(terms_[id]) & mask;
    while (table_[place] != kNoTerm) place = (place + 1) & mask;
    table_[place] = id;
  }
}

}  // namespace sim
