/*
 * execute_kernels_test.cpp -- batches of lanes give the bits of single values, on every instruction
 * set.
 */
#include "execute/kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/math.hpp"
#include "execute_testing.hpp"
#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"

namespace sim {
namespace {

using testing::on_each_instruction_set;
using testing::same_bits;

std::vector<double> operands(std::uint64_t seed) {
  constexpr double kSpecial[] = {0.0,
                                 -0.0,
                                 1,
                                 -1,
                                 0.5,
                                 -0.5,
                                 2,
                                 2.5,
                                 -2.5,
                                 1e300,
                                 -1e300,
                                 1e-310,
                                 math::kInfinity,
                                 -math::kInfinity,
                                 math::kNaN,
                                 -math::kNaN,
                                 std::numeric_limits<double>::max(),
                                 std::numeric_limits<double>::denorm_min()};
  std::vector<double> values;
  testing::Dice dice(seed);
  for (int i = 0; i < 709; ++i) {
    const double random =
        std::ldexp(static_cast<double>(dice.below(1 << 30)) - (1 << 29), -28 - 4 * (i % 3));
    values.push_back(dice.one_in(3) ? kSpecial[dice.below(std::size(kSpecial))] : random);
  }
  return values;
}

TEST(Kernels, GiveTheBitsOfEvaluateForEveryOperation) {
  const std::vector<double> a = operands(1), b = operands(2), c = operands(3);
  on_each_instruction_set([&] {
    for (int code = 0; code < kOperationCount; ++code) {
      const auto operation = static_cast<Operation>(code);
      std::vector<double> out(a.size(), -77);
      run_operation(operation, a.data(), b.data(), c.data(), out.data(), a.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_TRUE(same_bits(out[i], evaluate(operation, a[i], b[i], c[i])))
            << operation_name(operation) << "(" << a[i] << ", " << b[i] << ", " << c[i]
            << ") = " << out[i];
    }
  });
}

TEST(Kernels, DoNotDependOnTheLengthOfTheBatch) {
  const std::vector<double> a = operands(4), b = operands(5), c = operands(6);
  on_each_instruction_set([&] {
    for (int code = 0; code < kOperationCount; ++code) {
      const auto operation = static_cast<Operation>(code);
      std::vector<double> whole(a.size()), part(a.size());
      run_operation(operation, a.data(), b.data(), c.data(), whole.data(), a.size());
      for (std::size_t first = 0, n = 1; first < a.size(); first += n, n = n * 2 + 1) {
        const std::size_t count = std::min(n, a.size() - first);
        run_operation(operation, &a[first], &b[first], &c[first], &part[first], count);
      }
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_TRUE(same_bits(whole[i], part[i])) << operation_name(operation);
    }
  });
}

TEST(Kernels, MayWriteOverAnOperand) {
  const std::vector<double> a = operands(7), b = operands(8), c = operands(9);
  for (int code = 0; code < kOperationCount; ++code) {
    const auto operation = static_cast<Operation>(code);
    for (int target = 0; target < operand_count(operation); ++target) {
      std::vector<double> x = a, y = b, z = c;
      double* const out = target == 0 ? x.data() : target == 1 ? y.data() : z.data();
      run_operation(operation, x.data(), y.data(), z.data(), out, a.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_TRUE(same_bits(out[i], evaluate(operation, a[i], b[i], c[i])))
            << operation_name(operation) << " over operand " << target;
    }
    std::vector<double> same = a;
    run_operation(operation, same.data(), same.data(), same.data(), same.data(), same.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      ASSERT_TRUE(same_bits(same[i], evaluate(operation, a[i], a[i], a[i])));
  }
}

TEST(Kernels, LetNoNanPass) {
  for (int code = 0; code < kOperationCount; ++code) {
    const auto operation = static_cast<Operation>(code);
    if (operation == Operation::select) continue;
    for (int place = 0; place < operand_count(operation); ++place) {
      std::vector<double> x[3] = {std::vector<double>(9, 0.5), std::vector<double>(9, 0.5),
                                  std::vector<double>(9, 0.5)};
      x[place].assign(9, math::kNaN);
      std::vector<double> out(9, 0);
      run_operation(operation, x[0].data(), x[1].data(), x[2].data(), out.data(), 9);
      EXPECT_TRUE(std::isnan(out[8])) << operation_name(operation);
    }
  }
}

TEST(Kernels, SelectIgnoresTheBranchNotTaken) {
  const std::vector<double> condition(5, 1), taken(5, 3), other(5, math::kNaN);
  std::vector<double> out(5);
  run_operation(Operation::select, condition.data(), taken.data(), other.data(), out.data(), 5);
  EXPECT_EQ(out[4], 3);
  run_operation(Operation::select, other.data(), taken.data(), taken.data(), out.data(), 5);
  EXPECT_TRUE(std::isnan(out[4]));
}

TEST(Kernels, OfFusedPairsGiveTheBitsOfBothOperationsOneAfterTheOther) {
  const std::vector<double> a = operands(10), b = operands(11), c = operands(12);
  struct Pair {
    FollowUp follow_up;
    Operation operation;
    bool second;  // the first operation's value is the second operand
  };
  constexpr Pair kPairs[] = {{FollowUp::add, Operation::add, false},
                             {FollowUp::subtract, Operation::subtract, false},
                             {FollowUp::subtract_from, Operation::subtract, true},
                             {FollowUp::multiply, Operation::multiply, false}};
  int fused = 0;
  on_each_instruction_set([&] {
    for (int code = 0; code < kOperationCount; ++code) {
      const auto inner = static_cast<Operation>(code);
      for (const Pair& pair : kPairs) {
        const Kernel kernel = kernel_of(kernels(), inner, pair.follow_up);
        if (kernel == nullptr) continue;
        ++fused;
        std::vector<double> out(a.size());
        for (const std::size_t n : {a.size(), std::size_t{13}, std::size_t{1}}) {
          out.assign(a.size(), -77);
          kernel(a.data(), b.data(), c.data(), out.data(), n, 0);
          for (std::size_t i = 0; i < n; ++i) {
            const double x = evaluate(inner, a[i], b[i]);
            const double wanted =
                pair.second ? evaluate(pair.operation, c[i], x) : evaluate(pair.operation, x, c[i]);
            ASSERT_TRUE(same_bits(out[i], wanted))
                << operation_name(inner) << ", " << operation_name(pair.operation) << " of " << a[i]
                << ", " << b[i] << ", " << c[i] << " = " << out[i];
          }
          EXPECT_TRUE(n == a.size() || out[n] == -77);
        }
        std::vector<double> same = c;
        kernel(a.data(), b.data(), same.data(), same.data(), same.size(), 0);
        out.resize(a.size());
        kernel(a.data(), b.data(), c.data(), out.data(), out.size(), 0);
        EXPECT_TRUE(std::equal(same.begin(), same.end(), out.begin(),
                               [](double x, double y) { return same_bits(x, y); }));
      }
    }
  });
  EXPECT_GE(fused, 20);
}

TEST(Kernels, ReadOnlyTheFirstLanesOfAUniformOperand) {
  const std::vector<double> values[3] = {operands(13), operands(14), operands(15)};
  const std::size_t n = values[0].size();
  on_each_instruction_set([&] {
    for (int code = 0; code < kOperationCount; ++code) {
      const auto operation = static_cast<Operation>(code);
      for (std::size_t follow_up = 0; follow_up < kFollowUpCount; ++follow_up) {
        const Kernel kernel = kernel_of(kernels(), operation, static_cast<FollowUp>(follow_up));
        if (kernel == nullptr) continue;
        for (UniformOperands uniform = 1; uniform < 8; ++uniform) {
          // Registers are full of the one value, for kernels that read all of them.
          std::vector<double> full[3] = {values[0], values[1], values[2]};
          for (std::size_t k = 0; k < 3; ++k)
            if ((uniform >> k & 1) != 0) full[k].assign(n, values[k][7 * k + uniform]);
          std::vector<double> out(n), wanted(n);
          kernel(full[0].data(), full[1].data(), full[2].data(), wanted.data(), n, 0);
          for (std::size_t k = 0; reads_first_lanes(operation) && k < 3; ++k)
            if ((uniform >> k & 1) != 0)
              std::fill(full[k].begin() + kUniformLanes, full[k].end(), math::kNaN);
          kernel(full[0].data(), full[1].data(), full[2].data(), out.data(), n, uniform);
          for (std::size_t i = 0; i < n; ++i)
            ASSERT_TRUE(same_bits(out[i], wanted[i])) << operation_name(operation);
        }
      }
    }
    const std::vector<double> eight(kUniformLanes, 3);
    std::vector<double> out(n);
    kernel_of(kernels(), Operation::multiply, FollowUp::add)(
        eight.data(), values[1].data(), eight.data(), out.data(), n, kUniformA | kUniformC);
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(same_bits(out[i], 3 * values[1][i] + 3));
  });
}

TEST(Kernels, FillWithTheSignOfZero) {
  on_each_instruction_set([] {
    std::vector<double> values(11, 1);
    fill(-0.0, values.data(), 10);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(std::signbit(values[i]));
    EXPECT_EQ(values[10], 1);
  });
}

}  // namespace
}  // namespace sim
