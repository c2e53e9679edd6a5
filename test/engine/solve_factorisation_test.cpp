/*
 * solve_factorisation_test.cpp -- the factorisation is as exact as a library's, has the same bits
 * on every CPU, and is left when somebody asks.
 */
#include "solve/factorisation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/eigen.hpp"
#include "core/error.hpp"
#include "core/instruction_set.hpp"

namespace sim {
namespace {

std::vector<double> random_values(std::size_t count, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::vector<double> values(count);
  for (double& value : values) value = static_cast<double>(generator() >> 11) * 0x1p-52 - 1;
  return values;
}

std::vector<double> solution_of(const std::vector<double>& matrix,
                                const std::vector<double>& right) {
  Unstoppable control;
  return Factorisation(matrix, right.size(), control).solve(right, control);
}

/* The length of A x - b, computed with 64 bits of mantissa. */
long double residual(const std::vector<double>& matrix, const std::vector<double>& right,
                     const double* x) {
  const std::size_t n = right.size();
  long double sum = 0;
  for (std::size_t row = 0; row < n; ++row) {
    long double rest = right[row];
    for (std::size_t k = 0; k < n; ++k)
      rest -= static_cast<long double>(matrix[row * n + k]) * x[k];
    sum += rest * rest;
  }
  return std::sqrt(sum);
}

/* Stops at the given question. */
class StopsAt final : public Control {
 public:
  explicit StopsAt(int question) : question_(question) {}
  bool stop_requested() noexcept override { return ++asked >= question_; }
  int asked = 0;

 private:
  int question_;
};

TEST(Factorisation, SolvesAsExactlyAsEigen) {
  using RowByRow = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  for (const std::size_t n : {1, 2, 9, 63, 64, 65, 130, 300}) {
    long double ours = 0, theirs = 0;
    for (unsigned seed = 1; seed <= 5; ++seed) {
      const std::vector<double> matrix = random_values(n * n, seed);
      const std::vector<double> right = random_values(n, seed + 100);
      const auto size = static_cast<Eigen::Index>(n);
      const Eigen::VectorXd library =
          Eigen::PartialPivLU<Eigen::MatrixXd>(
              Eigen::Map<const RowByRow>(matrix.data(), size, size))
              .solve(Eigen::Map<const Eigen::VectorXd>(right.data(), size));
      ours += residual(matrix, right, solution_of(matrix, right).data()) / library.norm();
      theirs += residual(matrix, right, library.data()) / library.norm();
    }
    EXPECT_LT(ours, 2 * theirs + 1e-16) << n;
  }
}

TEST(Factorisation, IsThatOfTheRowsInTheirNewOrder) {
  constexpr std::size_t n = 150;
  const std::vector<double> matrix = random_values(n * n, 7);
  Unstoppable control;
  const Factorisation factors(matrix, n, control);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double product = i <= j ? factors.at(i, j) : 0;
      for (std::size_t k = 0; k < std::min(i, j + 1); ++k)
        product += factors.at(i, k) * factors.at(k, j);
      ASSERT_NEAR(product, matrix[factors.source_of(i) * n + j], 1e-13) << i << " " << j;
      ASSERT_TRUE(j >= i || std::fabs(factors.at(i, j)) <= 1) << i << " " << j;
    }
}

TEST(Factorisation, HasTheSameBitsWithEveryInstructionSet) {
  const InstructionSet before = instruction_set();
  for (const std::size_t n : {12, 64, 77, 200}) {
    std::vector<double> matrix = random_values(n * n, 3);
    for (std::size_t i = 0; i < matrix.size(); ++i)
      if (i % 13 < 5) matrix[i] = 0;
    const std::vector<double> right = random_values(n, 4);
    force_instruction_set(InstructionSet::baseline);
    const std::vector<double> expected = solution_of(matrix, right);
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512})
      EXPECT_TRUE(!force_instruction_set(set) || solution_of(matrix, right) == expected) << n;
  }
  force_instruction_set(before);
}

TEST(Factorisation, TellsASingularMatrix) {
  constexpr std::size_t n = 100;
  Unstoppable control;
  std::vector<double> matrix = random_values(n * n, 5);
  EXPECT_FALSE(Factorisation(matrix, n, control).is_singular());
  std::vector<double> repeated = matrix;
  std::copy_n(repeated.begin(), n, repeated.begin() + 42 * n);
  EXPECT_TRUE(Factorisation(repeated, n, control).is_singular());
  std::vector<double> failed = matrix;
  failed[10 * n + 10] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(Factorisation(failed, n, control).is_singular());
  EXPECT_TRUE(Factorisation(std::vector<double>(n * n, 0.0), n, control).is_singular());
}

TEST(Factorisation, AsksAllTheTimeAndStops) {
  constexpr std::size_t n = 600;
  const std::vector<double> matrix = random_values(n * n, 6);
  StopsAt never(std::numeric_limits<int>::max());
  Factorisation(matrix, n, never);
  // 72 million products: a question after no more than 4 million of them.
  EXPECT_GT(never.asked, 18);
  StopsAt third(3);
  try {
    Factorisation(matrix, n, third);
    FAIL() << "not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  }
  EXPECT_EQ(third.asked, 3);
}

}  // namespace
}  // namespace sim
