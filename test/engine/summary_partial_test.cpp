/*
 * summary_partial_test.cpp -- the merge tree: same bits whatever the chunks, their order and their
 * grouping.
 */
#include "summary/partial.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "summary_testing.hpp"

namespace sim {
namespace {

using testing::bits_of;
using testing::Columns;
using testing::Course;
using testing::error_of;
using testing::merge_in_order;
using testing::summarize_all;
using testing::summarize_chunk;
using testing::summarize_chunks;

Columns make_columns(std::size_t trials, std::size_t slots = 2) {
  Course course(trials);
  Columns columns(slots);
  for (auto& column : columns) {
    for (std::size_t i = 0; i < trials; ++i) {
      const bool fails = course.below(50) == 0;
      column.push_back(fails ? std::numeric_limits<double>::quiet_NaN() : 300 + course.bell());
    }
  }
  return columns;
}

std::vector<std::uint64_t> bits_of_totals(const Partial& partial) {
  std::vector<std::uint64_t> bits;
  for (std::uint32_t slot = 0; slot < partial.slots(); ++slot) {
    const auto more = bits_of(partial.total(0, slot));
    bits.insert(bits.end(), more.begin(), more.end());
  }
  return bits;
}

Partial travel(Partial&& partial) { return Partial::deserialize(partial.serialize()); }

/* Merges chunks in a random order into random groups, which merge in turn, with journeys as bytes.
 */
Partial merge_at_random(std::vector<Partial>&& parts, Course& course) {
  while (parts.size() > 1) {
    course.shuffle(parts);
    Partial last = std::move(parts.back());
    parts.pop_back();
    Partial& target = parts[course.below(parts.size())];
    if (course.below(3) == 0) last = travel(std::move(last));
    target.merge(std::move(last));
    if (course.below(3) == 0) target = travel(std::move(target));
  }
  return std::move(parts[0]);
}

TEST(Partial, HasTheSameBitsForAnyOrderAndGroupingOfChunks) {
  for (const std::size_t trials : {1u, 127u, 128u, 129u, 1024u, 5000u, 16384u, 40007u}) {
    const Columns columns = make_columns(trials);
    const auto expected = bits_of_totals(summarize_all(columns));
    for (std::uint64_t round = 0; round < 6; ++round) {
      Course course(round + 1);
      const std::size_t leaves = std::size_t{1} << (round % 4);
      const std::size_t piece = 128 * (1 + round);
      auto parts = summarize_chunks(columns, leaves, {}, piece);
      EXPECT_EQ(bits_of_totals(merge_at_random(std::move(parts), course)), expected)
          << trials << " trials, round " << round;
    }
  }
}

TEST(Partial, HasTheBitsThatItHasOnEveryMachine) {
  Course course(42);
  Columns columns(1);
  for (int i = 0; i < 5000; ++i) {
    const bool fails = course.below(97) == 0;
    columns[0].push_back(fails ? std::numeric_limits<double>::quiet_NaN() : 100 + course.bell());
  }
  /* Found alike without optimisation, with SSE2, AVX2 and AVX-512. */
  const std::vector<std::uint64_t> expected = {0x135e,
                                               0x2a,
                                               0x405900b5cf58b31d,
                                               0x40b319466367f4fd,
                                               0xc05fcda18f397aca,
                                               0x40cbc9c62973b1bb,
                                               0x4057fe87bcf514bf,
                                               0x4059f88734b1bf0d};
  EXPECT_EQ(bits_of(summarize_all(columns, 2).total(0, 0)), expected);
}

TEST(Partial, HoldsOnlyTheMaximalFinishedSubtrees) {
  /* 13 leaves are subtrees of 8, 4 and 1: the bytes are those of three subtrees, whatever came. */
  const Columns columns = make_columns(13 * 1024, 1);
  Course course(5);
  const auto ordered = summarize_all(columns).serialize();
  auto shuffled = merge_at_random(summarize_chunks(columns, 1), course).serialize();
  EXPECT_EQ(ordered, shuffled);
  const std::size_t subtree = 4 + 8 + 64;
  EXPECT_LT(ordered.size(), 3 * subtree + 64);
}

TEST(Partial, AgreesWithSumsOverAllTrials) {
  const Columns columns = make_columns(20000, 1);
  const Moments total = summarize_all(columns).total(0, 0);
  long double sum = 0;
  std::int64_t count = 0;
  for (const double value : columns[0]) {
    if (value == value) sum += value;
    count += value == value;
  }
  EXPECT_EQ(total.count, count);
  EXPECT_EQ(total.failed, 20000 - count);
  EXPECT_NEAR(total.mean, static_cast<double>(sum / static_cast<long double>(count)), 1e-12);
  EXPECT_NEAR(total.stddev(), 1, 0.02);
}

TEST(Partial, OfFailedTrialsOnlyCountsThem) {
  const Columns columns = {std::vector<double>(3000, std::numeric_limits<double>::infinity())};
  const Partial partial = summarize_all(columns, 1, {KeepMode::samples, {}});
  EXPECT_EQ(partial.total(0, 0).count, 0);
  EXPECT_EQ(partial.total(0, 0).failed, 3000);
  EXPECT_TRUE(partial.samples(0, 0).empty());
}

TEST(Partial, WithoutTrialsHasNothing) {
  Partial partial(2, 3);
  EXPECT_EQ(partial.total(1, 2).count, 0);
  EXPECT_TRUE(partial.samples(1, 2).empty());
  EXPECT_TRUE(partial.regions(1, 2).empty());
  EXPECT_EQ(partial.chunks(), 0u);
  const Partial back = travel(std::move(partial));
  EXPECT_EQ(back.scenarios(), 2u);
  EXPECT_EQ(back.slots(), 3u);
}

TEST(Partial, KeepsScenariosApart) {
  Partial all;
  for (std::uint32_t scenario = 0; scenario < 3; ++scenario) {
    const KeepPlan plan;
    const std::vector<double> values(10, scenario * 1.5);
    ChunkSummary chunk(3, 1, scenario, 0, plan);
    chunk.add(0, values.data(), values.size());
    all.merge(chunk.finish());
  }
  EXPECT_EQ(all.chunks(), 3u);
  for (std::uint32_t scenario = 0; scenario < 3; ++scenario) {
    EXPECT_EQ(all.total(scenario, 0).mean, scenario * 1.5);
    EXPECT_EQ(all.total(scenario, 0).count, 10);
  }
}

TEST(Partial, RefusesToCountATrialTwice) {
  const Columns columns = make_columns(8192);
  for (const auto& [first, second] : {std::pair<std::size_t, std::size_t>{0, 1024},
                                      {1024, 1024},
                                      {7168, 1024},
                                      {0, 8192},
                                      {4096, 4096}}) {
    Partial all = summarize_all(columns);
    EXPECT_EQ(error_of([&] { all.merge(summarize_chunk(columns, first, second)); }),
              "corrupt_state");
  }
  Partial part = summarize_chunk(columns, 1024, 1024);
  EXPECT_EQ(error_of([&] { part.merge(summarize_chunk(columns, 0, 4096)); }), "corrupt_state");
}

TEST(Partial, RefusesAnotherShapeOrPlan) {
  const Columns two = make_columns(2048, 2);
  const Columns three = make_columns(2048, 3);
  Partial all = summarize_chunk(two, 0, 1024);
  EXPECT_EQ(error_of([&] { all.merge(summarize_chunk(three, 1024, 1024)); }), "corrupt_state");
  const KeepPlan samples{KeepMode::samples, {}};
  EXPECT_EQ(error_of([&] { all.merge(summarize_chunk(two, 1024, 1024, samples)); }),
            "corrupt_state");
  const KeepPlan low{KeepMode::brackets, {{{1, 2}}, {{1, 2}}}};
  const KeepPlan high{KeepMode::brackets, {{{1, 2}}, {{1, 3}}}};
  Partial kept = summarize_chunk(two, 0, 1024, low);
  EXPECT_EQ(error_of([&] { kept.merge(summarize_chunk(two, 1024, 1024, high)); }), "corrupt_state");
}

TEST(ChunkSummary, RefusesPiecesThatDoNotFit) {
  const std::vector<double> values(256, 1.0);
  const KeepPlan plan;
  ChunkSummary broken(1, 1, 0, 0, plan);
  broken.add(0, values.data(), 100);
  EXPECT_EQ(error_of([&] { broken.add(0, values.data(), 128); }), "corrupt_state");
  ChunkSummary uneven(1, 2, 0, 0, plan);
  uneven.add(0, values.data(), 256);
  uneven.add(1, values.data(), 128);
  EXPECT_EQ(error_of([&] { uneven.finish(); }), "corrupt_state");
}

TEST(Partial, KeepsEveryFiniteSampleOnce) {
  const Columns columns = make_columns(10007);
  Course course(9);
  const KeepPlan plan{KeepMode::samples, {}};
  Partial partial = merge_at_random(summarize_chunks(columns, 2, plan), course);
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    std::vector<double> expected;
    for (const double value : columns[slot]) {
      if (value == value) expected.push_back(value);
    }
    const auto span = partial.samples(0, slot);
    std::vector<double> kept(span.begin(), span.end());
    std::sort(expected.begin(), expected.end());
    std::sort(kept.begin(), kept.end());
    EXPECT_EQ(kept, expected);
    EXPECT_EQ(partial.take_samples(0, slot).size(), expected.size());
    EXPECT_TRUE(partial.samples(0, slot).empty());
  }
  EXPECT_GE(summarize_all(columns, 1, plan).memory(), 2 * 9000 * sizeof(double));
}

TEST(Partial, CountsAndCollectsByBrackets) {
  const Columns columns = make_columns(30000, 1);
  const KeepPlan plan{KeepMode::brackets, {{{298.5, 299.0, 64}, {300.0, 300.01}, {301, 302, 7}}}};
  Course course(2);
  const Partial partial = merge_at_random(summarize_chunks(columns, 4, plan), course);
  std::vector<double> inside;
  for (const double value : columns[0]) {
    if (value >= 300.0 && value <= 300.01) inside.push_back(value);
  }
  std::sort(inside.begin(), inside.end());
  const auto span = partial.samples(0, 0, 1);
  std::vector<double> kept(span.begin(), span.end());
  std::sort(kept.begin(), kept.end());
  EXPECT_FALSE(kept.empty());
  EXPECT_EQ(kept, inside);
  EXPECT_TRUE(partial.samples(0, 0, 0).empty());
  EXPECT_TRUE(partial.samples(0, 0, 9).empty());

  const auto regions = partial.regions(0, 0);
  ASSERT_EQ(regions.size(), 4u + 64 + 1 + 7);
  double before = -std::numeric_limits<double>::infinity();
  std::uint64_t total = 0;
  for (const Region& region : regions) {
    const auto in_region = std::count_if(columns[0].begin(), columns[0].end(), [&](double value) {
      return value >= region.bin.min && value <= region.bin.max;
    });
    EXPECT_EQ(region.bin.count, static_cast<std::uint64_t>(in_region));
    total += region.bin.count;
    if (region.bin.count == 0) continue;
    EXPECT_LT(before, region.bin.min);
    before = region.bin.max;
  }
  EXPECT_EQ(total, static_cast<std::uint64_t>(partial.total(0, 0).count));
}

TEST(Partial, HasTheSameCountsInWhicheverFormTheyWereHeld) {
  const Columns columns = make_columns(20000, 1);
  for (const bool logarithmic : {false, true}) {
    const KeepPlan plan{KeepMode::histogram, {{{297, 303, 2000, logarithmic}}}};
    const auto expected = summarize_all(columns, 1, plan).regions(0, 0);
    Course course(4);
    const auto regions = merge_at_random(summarize_chunks(columns, 4, plan), course).regions(0, 0);
    ASSERT_EQ(regions.size(), expected.size());
    for (std::size_t i = 0; i < regions.size(); ++i) {
      EXPECT_EQ(regions[i].bin.count, expected[i].bin.count);
      EXPECT_EQ(regions[i].bin.min, expected[i].bin.min);
      EXPECT_EQ(regions[i].bin.max, expected[i].bin.max);
    }
  }
}

TEST(Partial, OfAChunkIsSmallHoweverManyBinsThereAre) {
  const Columns columns = make_columns(1024, 1);
  const KeepPlan plan{KeepMode::histogram, {{{290, 310, 1 << 20}}}};
  EXPECT_LT(summarize_all(columns, 1, plan).serialize().size(), 10000u);
}

TEST(Partial, RefusesDamagedBytesWithoutReadingOutsideThem) {
  const Columns columns = make_columns(3000);
  const KeepPlan plan{KeepMode::brackets, {{{299, 300, 16}}, {{299, 299.1}, {301, 301.1}}}};
  for (const KeepPlan& keep : {KeepPlan{}, KeepPlan{KeepMode::samples, {}}, plan}) {
    const auto bytes = summarize_all(columns, 1, keep).serialize();
    for (std::size_t n = 0; n < bytes.size(); n += 1 + n / 16) {
      EXPECT_EQ(error_of([&] { Partial::deserialize(std::span(bytes).first(n)); }),
                "corrupt_state");
    }
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(error_of([&] { Partial::deserialize(longer); }), "corrupt_state");
    Course course(8);
    for (int round = 0; round < 3000; ++round) {
      auto damaged = bytes;
      for (int i = 0; i < 3; ++i) {
        damaged[course.below(course.below(2) == 0 ? 200 : damaged.size())] =
            static_cast<std::uint8_t>(course.below(256));
      }
      const std::string error = error_of([&] {
        const Partial partial = Partial::deserialize(damaged);
        partial.total(0, 0);
        Partial all = summarize_chunk(columns, 0, 1024, keep);
        all.merge(Partial::deserialize(damaged));
      });
      EXPECT_TRUE(error == "none" || error == "corrupt_state");
    }
  }
}

TEST(KeepPlan, TravelsAsBytesAndIsChecked) {
  const KeepPlan plan{KeepMode::brackets, {{{1, 2}, {3, 4, 100, true}}, {}}};
  const auto bytes = serialize(plan);
  const KeepPlan back = deserialize_plan(bytes);
  EXPECT_EQ(back.mode, plan.mode);
  EXPECT_EQ(back.brackets, plan.brackets);
  EXPECT_EQ(error_of([&] { check_plan(back, 1, 2); }), "none");
  EXPECT_EQ(error_of([&] { check_plan(back, 1, 3); }), "corrupt_state");
  EXPECT_EQ(error_of([&] { deserialize_plan(std::span(bytes).first(20)); }), "corrupt_state");
  const auto check = [](KeepMode mode, std::vector<Bracket> brackets) {
    return error_of([&] { check_plan({mode, {brackets}}, 1, 1); });
  };
  EXPECT_EQ(check(KeepMode::brackets, {{1, 2}, {2, 3}}), "corrupt_state");
  EXPECT_EQ(check(KeepMode::brackets, {{3, 2}}), "corrupt_state");
  EXPECT_EQ(check(KeepMode::brackets, {{0, 2, kMaxHistogramBins + 1}}), "corrupt_state");
  EXPECT_EQ(check(KeepMode::brackets, {{0, std::numeric_limits<double>::infinity()}}),
            "corrupt_state");
  EXPECT_EQ(check(KeepMode::histogram, {{0, 2}}), "corrupt_state");
  EXPECT_EQ(check(KeepMode::histogram, {{0, 2, 5}}), "none");
  EXPECT_EQ(check(KeepMode::samples, {{0, 2, 5}}), "corrupt_state");
}

TEST(BinScale, NeverDecreasesAndStaysInside) {
  const double big = std::numeric_limits<double>::max();
  for (const Bracket bracket :
       {Bracket{1, 2, 100}, Bracket{-big, big, 100}, Bracket{3, 3, 7}, Bracket{0, 5e-324, 10},
        Bracket{-1e-310, 1e-310, 4096}, Bracket{-5, 1e9, 64, true}, Bracket{1, 1 + 0x1p-52, 9}}) {
    const BinScale scale(bracket);
    Course course(1);
    std::vector<double> values = {bracket.low, bracket.high};
    for (int i = 0; i < 1000; ++i) {
      const double u = course.uniform();
      values.push_back(
          std::clamp(bracket.low * (1 - u) + bracket.high * u, bracket.low, bracket.high));
    }
    std::sort(values.begin(), values.end());
    std::uint32_t before = 0;
    for (const double value : values) {
      const std::uint32_t bin = scale.bin(value);
      EXPECT_GE(bin, before);
      EXPECT_LT(bin, bracket.bins);
      before = bin;
    }
  }
}

TEST(PilotBracket, CoversThePilotAndHalfItsRangeOnBothSides) {
  const std::vector<double> pilot = {1, 5, std::numeric_limits<double>::quiet_NaN(), 3};
  EXPECT_EQ(pilot_bracket(pilot), (Bracket{-1, 7, kHistogramBins}));
  for (const std::vector<double>& values :
       {std::vector<double>{}, {0}, {7, 7}, {-1e308, 1.7e308}, {-5e-324, 0}}) {
    const Bracket bracket = pilot_bracket(values);
    EXPECT_EQ(error_of([&] { check_plan({KeepMode::histogram, {{bracket}}}, 1, 1); }), "none");
    for (const double value : values) {
      EXPECT_LE(bracket.low, value);
      EXPECT_GE(bracket.high, value);
    }
  }
}

}  // namespace
}  // namespace sim
