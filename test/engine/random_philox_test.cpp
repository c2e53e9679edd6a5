/*
 * random_philox_test.cpp -- known answers, keys, and uniforms that depend on nothing but their
 * counter.
 */
#include "random/philox.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/instruction_set.hpp"

namespace sim {
namespace {

TEST(Philox, GivesTheKnownAnswersOfItsAuthors) {
  // The vectors of Random123, the authors' library, for philox4x32 with ten rounds.
  EXPECT_EQ(philox({{0, 0}}, {0, 0, 0, 0}),
            (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({{0xffffffff, 0xffffffff}}, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({{0xa4093822, 0x299f31d0}}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomKey, IsTheBeginningOfAHashOfSeedAndName) {
  // sha256 of 01 00 00 00 00 00 00 00 'e' 'n' 'e' 'r' 'g' 'y' begins with 9e c2 5f 7d e0 61 4c 66.
  const RandomKey key = make_random_key(1, "energy");
  EXPECT_EQ(key, (RandomKey{{0x7d5fc29e, 0x664c61e0}}));
  EXPECT_NE(make_random_key(1, "energy"), make_random_key(2, "energy"));
  EXPECT_NE(make_random_key(1, "energy"), make_random_key(1, "energie"));
}

TEST(Uniforms, AreTheSameInEveryBatchOnEveryInstructionSet) {
  const RandomKey key = make_random_key(42, "x");
  // The number of the pair grows past 32 bits inside the batch; its first trial is the earlier of a
  // pair, or the later.
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    for (const std::uint64_t near_carry : {0x1fffffff1, 0x1fffffff2})
      for (const std::size_t n : {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 65, 100}) {
        std::vector<double> out(n + 1, -7);
        uniforms(key, near_carry, 3, 5, out.data(), n);
        for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(out[i], uniform(key, near_carry + i, 3, 5));
        EXPECT_EQ(out[n], -7);
      }
  }
  force_instruction_set(best_instruction_set());
}

TEST(Uniforms, ComeFromTheUpperBitsOfTwoWordsOfTheBlockOfTwoTrials) {
  const RandomKey key = make_random_key(7, "y");
  const PhiloxBlock block = philox(key, {9, 2, 11, 13});
  const std::uint64_t earlier = std::uint64_t{block[1]} << 32 | block[0];
  const std::uint64_t later = std::uint64_t{block[3]} << 32 | block[2];
  const std::uint64_t pair = (std::uint64_t{2} << 32) + 9;
  EXPECT_EQ(uniform(key, 2 * pair + 1, 11, 13),
            (static_cast<double>(earlier >> 11) + 0.5) * 0x1p-53);
  EXPECT_EQ(uniform(key, 2 * pair + 2, 11, 13), (static_cast<double>(later >> 11) + 0.5) * 0x1p-53);
}

TEST(Uniforms, AreBelowOneWhereAllUpperBitsAreSet) {
  // The counter was found by running the rounds backwards.
  const RandomKey key{{0x01234567, 0x89abcdef}};
  const PhiloxBlock counter = {0x70ba4413, 0x0c71215c, 0x3b166769, 0xef2b3e92};
  ASSERT_EQ(philox(key, counter), (PhiloxBlock{0xfffffffc, 0xffffffff, 0xffffffff, 0xffffffff}));
  const std::uint64_t trial = 2 * (std::uint64_t{counter[1]} << 32 | counter[0]) + 1;
  for (const std::uint64_t t : {trial, trial + 1}) {
    EXPECT_EQ(uniform(key, t, counter[2], counter[3]), 1 - 0x1p-53);
  }
  for (const auto set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    double u[2];
    uniforms(key, trial, counter[2], counter[3], u, 2);
    EXPECT_EQ(u[0], 1 - 0x1p-53);
    EXPECT_EQ(u[1], 1 - 0x1p-53);
  }
  force_instruction_set(best_instruction_set());
}

TEST(Uniforms, DifferInEveryPartOfTheCounter) {
  const RandomKey key = make_random_key(7, "y");
  const double u = uniform(key, 1, 1, 1);
  EXPECT_NE(u, uniform(key, 2, 1, 1));
  EXPECT_NE(u, uniform(key, 1 + (std::uint64_t{2} << 32), 1, 1));
  EXPECT_NE(u, uniform(key, 1, 2, 1));
  EXPECT_NE(u, uniform(key, 1, 1, 2));
  EXPECT_NE(u, uniform(make_random_key(8, "y"), 1, 1, 1));
}

TEST(Uniforms, FillTheUnitIntervalEvenly) {
  constexpr std::size_t kCount = 1 << 20;
  constexpr std::size_t kCells = 1024;
  std::vector<double> u(kCount);
  uniforms(make_random_key(1, "even"), 1, 0, 0, u.data(), kCount);
  std::vector<double> counts(kCells);
  for (const double x : u) {
    ASSERT_GT(x, 0);
    ASSERT_LT(x, 1);
    ++counts[static_cast<std::size_t>(x * kCells)];
  }
  double chi_square = 0;
  const double expected = double(kCount) / kCells;
  for (const double count : counts)
    chi_square += (count - expected) * (count - expected) / expected;
  // 1023 degrees of freedom: outside these bounds with probability 1e-4 each way.
  EXPECT_GT(chi_square, 861);
  EXPECT_LT(chi_square, 1200);
}

}  // namespace
}  // namespace sim
