/*
 * model_elimination_test.cpp -- systems solved in terms, against Eigen's full pivoting with long
 * double.
 */
#include "model/elimination.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "experiment_random_models.hpp"
#include "linear_reference.hpp"

namespace sim::testing {
namespace {

/* The system in terms: of numbers, or of values that are known only later. */
class Written {
 public:
  Written(const LinearSystem& system, bool of_numbers) {
    const auto leaf = [&](double number) {
      if (of_numbers) return terms_.number(number);
      values_.push_back(number);
      return terms_.leaf(TermKind::parameter, Level::once,
                         static_cast<std::uint32_t>(values_.size() - 1));
    };
    std::vector<JacobianTerm> slopes;
    std::vector<TermId> right;
    for (int row = 0; row < system.size; ++row) {
      for (int column = 0; column < system.size; ++column)
        if (system.a(row, column) != 0)
          slopes.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(column),
                            leaf(system.a(row, column))});
      right.push_back(leaf(system.b(row)));
    }
    elimination_ = eliminate(terms_, slopes, right);
  }

  bool exists() const { return elimination_.has_value(); }
  bool all_numbers() const {
    for (const TermId id : elimination_->solution)
      if (!terms_.is_number(id)) return false;
    return elimination_->bounded == kNoTerm;
  }
  double unknown(std::size_t i) const { return compute(elimination_->solution[i]); }
  bool bounded() const {
    return elimination_->bounded == kNoTerm || compute(elimination_->bounded) == 1;
  }
  double smallest_pivot() const { return compute(elimination_->smallest_pivot); }

 private:
  double compute(TermId id) const {
    const Term& term = terms_[id];
    if (term.kind == TermKind::number) return term.number;
    if (term.kind == TermKind::parameter) return values_[term.a];
    const auto part = [&](TermId operand) { return operand == kNoTerm ? 0 : compute(operand); };
    return evaluate(term.operation, part(term.a), part(term.b), part(term.c));
  }

  TermGraph terms_;
  std::vector<double> values_;
  std::optional<Elimination> elimination_;
};

double uniform(Dice& dice) { return static_cast<double>(dice.below(1 << 24)) / (1 << 24); }

LinearSystem random_system(Dice& dice, int n, double filled) {
  LinearSystem system(n);
  for (int row = 0; row < n; ++row) {
    for (int column = 0; column < n; ++column)
      if (uniform(dice) < filled) system.a(row, column) = 2 * uniform(dice) - 1;
    system.b(row) = 10 * uniform(dice);
  }
  return system;
}

void expect_solves(const Written& written, const LinearSystem& system) {
  std::vector<double> found;
  for (std::size_t i = 0; i < system.right.size(); ++i) found.push_back(written.unknown(i));
  expect_solution(system, found);
}

TEST(Elimination, OfNumbersIsDoneAtOnceAndNeedsNoCheck) {
  Dice dice(1);
  for (int round = 0; round < 60; ++round) {
    const LinearSystem system = random_system(dice, 1 + round % 12, 0.2 + 0.1 * (round % 8));
    const Written written(system, true);
    ASSERT_TRUE(written.exists());
    EXPECT_TRUE(written.all_numbers());
    expect_solves(written, system);
  }
}

TEST(Elimination, OfValuesSolvesWhereItsMultipliersAreBounded) {
  Dice dice(2);
  int good = 0;
  for (int round = 0; round < 60; ++round) {
    const LinearSystem system = random_system(dice, 1 + round % 8, 0.3);
    const Written written(system, false);
    ASSERT_TRUE(written.exists());
    if (!written.bounded()) continue;
    ++good;
    expect_solves(written, system);
  }
  EXPECT_GT(good, 40);
}

TEST(Elimination, SaysWhereAPivotIsTooSmall) {
  const LinearSystem system{2, {1 - 1e-6, 0.5, 0.25, 1 - 1e-6}, {1, 2}};
  EXPECT_FALSE(Written(system, false).bounded());
  // Numbers are known: other pivots are chosen.
  const Written known(system, true);
  EXPECT_TRUE(known.bounded());
  expect_solves(known, system);
}

TEST(Elimination, LeavesTheDiagonalWhereItIsZero) {
  const LinearSystem system{2, {1, 2, 3, 1}, {1, 2}};
  const Written written(system, true);
  ASSERT_TRUE(written.exists());
  expect_solves(written, system);
}

TEST(Elimination, SolvesLargeLoopsWithFewEntries) {
  Dice dice(4);
  const int n = 300;
  LinearSystem system(n);
  for (int row = 0; row < n; ++row) {
    system.a(row, (row + n - 1) % n) = 0.4 + 0.5 * uniform(dice);
    if (row % 30 == 0) system.a(row, static_cast<int>(dice.below(n))) = 0.3;
    system.b(row) = 10 * uniform(dice);
  }
  for (const bool of_numbers : {true, false}) {
    const Written written(system, of_numbers);
    ASSERT_TRUE(written.exists());
    EXPECT_TRUE(written.bounded());
    expect_solves(written, system);
  }
}

TEST(Elimination, HasNothingForWhatHasNoPivotsOrTooManyOperations) {
  const LinearSystem same{1, {1}, {1}};
  EXPECT_FALSE(Written(same, true).exists());
  Dice dice(3);
  EXPECT_FALSE(Written(random_system(dice, 40, 1), false).exists());
  EXPECT_FALSE(Written(random_system(dice, 1001, 0), false).exists());
}

}  // namespace
}  // namespace sim::testing
