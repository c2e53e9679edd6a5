/*
 * model_derivative_test.cpp -- the derivative of every operation against differences of its values.
 */
#include "model/derivative.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/math.hpp"

namespace sim {
namespace {

/* One operation over unknowns, and its derivatives as terms. */
class Differentiated {
 public:
  explicit Differentiated(Operation operation) : operands_(operand_count(operation)) {
    for (int k = 0; k < operands_; ++k)
      unknowns_.push_back(
          terms_.leaf(TermKind::unknown, Level::once, 0, static_cast<std::uint32_t>(k), 0, 1));
    const auto unknown = [&](int k) { return k < operands_ ? unknowns_[k] : kNoTerm; };
    value_ = terms_.operation(operation, unknown(0), unknown(1), unknown(2));
    Derivatives derivatives(terms_, 1, unknowns_.front());
    gradient_ = derivatives.of(value_);
  }

  double value(const std::vector<double>& x) const { return compute(value_, x); }

  double slope(int k, const std::vector<double>& x) const {
    for (const auto& [place, term] : gradient_)
      if (place == static_cast<std::uint32_t>(k)) return compute(term, x);
    return 0;
  }

  int operands() const { return operands_; }

 private:
  double compute(TermId id, const std::vector<double>& x) const {
    const Term& term = terms_[id];
    if (term.kind == TermKind::number) return term.number;
    if (term.kind == TermKind::unknown) return x[term.b];
    const auto part = [&](TermId operand) { return operand == kNoTerm ? 0 : compute(operand, x); };
    return evaluate(term.operation, part(term.a), part(term.b), part(term.c));
  }

  TermGraph terms_;
  int operands_;
  std::vector<TermId> unknowns_;
  TermId value_ = 0;
  Derivatives::Gradient gradient_;
};

/* Points inside the domain of every operation that takes so many operands, away from kinks. */
std::vector<std::vector<double>> points(Operation operation) {
  switch (operation) {
    case Operation::acosh:
      return {{1.5}, {7.25}};
    case Operation::asin:
    case Operation::acos:
    case Operation::atanh:
      return {{0.3}, {-0.7}};
    case Operation::normal_quantile:
      return {{0.2}, {0.9}};
    case Operation::sqrt:
    case Operation::ln:
    case Operation::log10:
    case Operation::log2:
    case Operation::log1p:
      return {{0.4}, {17.5}};
    case Operation::modulo:
      return {{7.3, 2.2}, {-7.3, 2.2}, {5.1, -1.6}};
    case Operation::log_base:
    case Operation::beta:
    case Operation::power:
      return {{2.5, 3.2}, {0.7, 1.3}};
    case Operation::round_to:
      return {{2.513, 1}};
    case Operation::select:
      return {{1, 2.5, 3.5}, {0, 2.5, 3.5}};
    case Operation::logical_and:
    case Operation::logical_or:
      return {{1, 2}};
    default:
      break;
  }
  if (operand_count(operation) == 1) return {{0.37}, {1.81}, {-2.62}};
  return {{2.4, 1.1}, {-1.3, 2.9}, {0.6, -0.45}};
}

TEST(Derivatives, OfEveryOperationAreTheSlopesOfItsValues) {
  for (int code = 0; code < kOperationCount; ++code) {
    const auto operation = static_cast<Operation>(code);
    SCOPED_TRACE(std::string(operation_name(operation)));
    const Differentiated differentiated(operation);
    for (const std::vector<double>& x : points(operation))
      for (int k = 0; k < differentiated.operands(); ++k) {
        if (operation == Operation::round_to && k == 1) continue;  // digits are whole numbers
        if (operation == Operation::select && k == 0) continue;    // a condition has no slope
        constexpr double kStep = 1e-5;
        std::vector<double> above = x, below = x;
        above[k] += kStep;
        below[k] -= kStep;
        const double slope =
            (differentiated.value(above) - differentiated.value(below)) / (above[k] - below[k]);
        EXPECT_NEAR(differentiated.slope(k, x), slope, 1e-6 * std::max(1.0, std::fabs(slope)))
            << "operand " << k << " at " << x[0];
      }
  }
}

TEST(Derivatives, AreZeroForConditions) {
  EXPECT_EQ(Differentiated(Operation::select).slope(0, {1, 2, 3}), 0);
}

TEST(Derivatives, LeaveTheBranchNotTakenOut) {
  // d/dx if(x > 0, ln(x), x) at -1 must not see the NaN of ln.
  TermGraph terms;
  const TermId x = terms.leaf(TermKind::unknown, Level::once, 0, 0, 0, 1);
  const TermId condition = terms.operation(Operation::greater, x, terms.number(0));
  const TermId root =
      terms.operation(Operation::select, condition, terms.operation(Operation::ln, x), x);
  Derivatives derivatives(terms, 1, x);
  const Derivatives::Gradient gradient = derivatives.of(root);
  ASSERT_EQ(gradient.size(), 1u);
  std::map<TermId, double> values;
  for (TermId id = 0; id < terms.size(); ++id) {
    const Term& term = terms[id];
    const auto at = [&](TermId operand) { return operand == kNoTerm ? 0 : values.at(operand); };
    values[id] = term.kind == TermKind::number ? term.number
                 : term.kind == TermKind::unknown
                     ? -1.0
                     : evaluate(term.operation, at(term.a), at(term.b), at(term.c));
  }
  EXPECT_EQ(values.at(gradient[0].second), 1);
}

TEST(Derivatives, AddUpOverSharedOperands) {
  // d/dx (x * x + x) = 2x + 1, d/dy = 0
  TermGraph terms;
  const TermId x = terms.leaf(TermKind::unknown, Level::once, 0, 0, 0, 1);
  const TermId y = terms.leaf(TermKind::unknown, Level::once, 0, 1, 0, 1);
  const TermId root =
      terms.operation(Operation::add, terms.operation(Operation::multiply, x, x), x);
  Derivatives derivatives(terms, 1, x);
  EXPECT_EQ(derivatives.of(root).size(), 1u);
  EXPECT_EQ(derivatives.of(y), (Derivatives::Gradient{{1, terms.number(1)}}));
  EXPECT_TRUE(derivatives.of(terms.number(3)).empty());
}

TEST(Derivatives, VisitASharedTermOnce) {
  TermGraph terms;
  const TermId x = terms.leaf(TermKind::unknown, Level::once, 0, 0, 0, 1);
  TermId power = x;
  for (int i = 0; i < 60; ++i) power = terms.operation(Operation::multiply, power, power);
  Derivatives derivatives(terms, 1, x);
  EXPECT_EQ(derivatives.of(power).size(), 1u);
  EXPECT_LT(terms.size(), 500u);
}

}  // namespace
}  // namespace sim
