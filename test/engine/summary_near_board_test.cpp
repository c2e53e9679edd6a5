/*
 * summary_near_board_test.cpp -- a board finds the rows that sorting finds, or says that it does
 * not hold them.
 */
#include "summary/near_board.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

namespace sim::testing {
namespace {

constexpr std::size_t kChunk = 4096;
/* Of which no board needs so much. */
constexpr std::size_t kMuch = std::size_t{1} << 30;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/* Rows of five percentiles and of both ends. */
std::vector<std::int64_t> rows_of(std::int64_t n) {
  return {0, n / 20, n / 4, n / 2, n / 2 + 1, 3 * n / 4, 19 * n / 20, n - 1};
}

NearShape shape_of(std::int64_t trials, std::uint32_t scenarios = 1, std::uint32_t slots = 1) {
  return {scenarios, slots, trials, rows_of(trials), kMuch};
}

struct Memory {
  explicit Memory(const NearShape& shape)
      : doubles(NearBoard::size(shape) / sizeof(double)),
        board(NearBoard::make(shape, doubles.data())) {}

  std::vector<double> doubles;
  NearBoard board;
};

std::vector<double> normal_values(std::size_t n, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(n);
  for (double& value : values) value = normal(generator);
  return values;
}

/* Hands the values of one slot to the sifter, from `first` on every `step`-th chunk. */
void take_chunks(NearSifter& sifter, std::span<const double> values, std::size_t first,
                 std::size_t step) {
  for (std::size_t i = first * kChunk; i < values.size(); i += step * kChunk) {
    const std::size_t n = std::min(kChunk, values.size() - i);
    const auto chunk = values.subspan(i, n);
    sifter.take(0, chunk, n, std::ranges::all_of(chunk, [](double x) { return x - x == 0; }));
  }
}

std::vector<double> sorted_rows(std::vector<double> values, std::span<const std::int64_t> rows) {
  std::erase_if(values, [](double value) { return !(value - value == 0); });
  std::sort(values.begin(), values.end());
  std::vector<double> found;
  for (const std::int64_t row : rows) found.push_back(values[static_cast<std::size_t>(row)]);
  return found;
}

/* Rows of so many values, of which the board is to know that there are. */
std::optional<std::vector<double>> found_by_one(const std::vector<double>& values,
                                                std::int64_t count) {
  Memory memory(shape_of(static_cast<std::int64_t>(values.size())));
  NearSifter sifter(memory.board);
  take_chunks(sifter, values, 0, 1);
  EXPECT_TRUE(sifter.finish());
  return memory.board.find(0, 0, count == 0 ? std::vector<std::int64_t>() : rows_of(count), count);
}

TEST(NearBoard, FindsTheRowsThatSortingFinds) {
  const std::vector<double> values = normal_values(300001, 1);
  EXPECT_EQ(found_by_one(values, 300001), sorted_rows(values, rows_of(300001)));
}

TEST(NearBoard, FindsThemAmongThoseOfSeveralAtOnce) {
  const std::vector<double> values = normal_values(1000000, 2);
  Memory memory(shape_of(1000000));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      NearSifter sifter(NearBoard(memory.doubles.data()));
      take_chunks(sifter, values, i, 4);
      while (!sifter.finish()) std::this_thread::yield();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto rows = rows_of(1000000);
  EXPECT_EQ(memory.board.find(0, 0, rows, 1000000), sorted_rows(values, rows));
}

TEST(NearBoard, HasRoomForWhatIsNearAnyOnePercentile) {
  for (const double probability : {0.0, 0.001, 0.01, 0.5, 0.999, 1.0}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      const std::vector<double> values = normal_values(131072, 100 + seed);
      const std::vector<std::int64_t> rows{static_cast<std::int64_t>(probability * 131071)};
      Memory memory(NearShape{1, 1, 131072, rows, kMuch});
      NearSifter sifter(memory.board);
      take_chunks(sifter, values, 0, 1);
      ASSERT_TRUE(sifter.finish());
      EXPECT_EQ(memory.board.find(0, 0, rows, 131072), sorted_rows(values, rows)) << probability;
    }
  }
}

TEST(NearBoard, TakesMuchLessThanTheSamples) {
  EXPECT_LT(NearBoard::size(shape_of(1000000)), 1000000 * sizeof(double) / 4);
}

TEST(NearBoard, FindsThemForThreadsThatShareASifter) {
  const std::vector<double> values = normal_values(1000000, 8);
  Memory memory(shape_of(1000000));
  NearSifter sifter(memory.board);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { take_chunks(sifter, values, i, 4); });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(sifter.finish());
  const auto rows = rows_of(1000000);
  EXPECT_EQ(memory.board.find(0, 0, rows, 1000000), sorted_rows(values, rows));
}

TEST(NearBoard, TakesALargerPilotWhereMemoryIsScarce) {
  NearShape shape = shape_of(67108864);
  shape.memory = NearBoard::size(shape) / 4 * 3;
  EXPECT_GT(NearBoard::size(shape), 0U);
  EXPECT_LT(NearBoard::size(shape), shape.memory);
}

TEST(NearBoard, IsNoHelpWhereWhatIsNearDoesNotFitTheMemory) {
  NearShape shape = shape_of(4194304);
  shape.memory = NearBoard::size(shape) / 4;
  EXPECT_EQ(NearBoard::size(shape), 0U);
}

TEST(NearBoard, NeverTakesMoreThanTheMemory) {
  for (std::int64_t trials = 131072; trials < 1000000000; trials *= 2) {
    for (std::size_t memory = 65536; memory < kMuch; memory *= 2) {
      NearShape shape = shape_of(trials, 2, 3);
      shape.memory = memory;
      EXPECT_LE(NearBoard::size(shape), memory + 65536) << trials;
    }
  }
}

TEST(NearBoard, IsNoHelpForFewTrialsOrManyRows) {
  EXPECT_EQ(NearBoard::size(shape_of(10000)), 0U);
  NearShape many = shape_of(1000000);
  many.rows.clear();
  for (std::int64_t row = 0; row < 1000000; row += 5000) many.rows.push_back(row);
  EXPECT_EQ(NearBoard::size(many), 0U);
}

TEST(NearBoard, LeavesFailedTrialsOut) {
  std::vector<double> values = normal_values(400000, 3);
  std::int64_t count = 400000;
  for (std::size_t i = 5; i < values.size(); i += 11, --count) {
    values[i] = i % 2 == 0 ? kNaN : -std::numeric_limits<double>::infinity();
  }
  EXPECT_EQ(found_by_one(values, count), sorted_rows(values, rows_of(count)));
}

TEST(NearBoard, HoldsNoRowWhereAllTrialsFailed) {
  EXPECT_EQ(found_by_one(std::vector<double>(200000, kNaN), 0), std::vector<double>());
}

TEST(NearBoard, FindsRowsAmongEqualValues) {
  std::vector<double> values = normal_values(400000, 4);
  for (double& value : values) value = value > 0.3 ? 1 : -0.0;
  const auto found = found_by_one(values, 400000);
  EXPECT_EQ(found, sorted_rows(values, rows_of(400000)));
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(std::signbit(found->front()));
  EXPECT_EQ(found_by_one(std::vector<double>(400000, 7.0), 400000),
            std::vector<double>(rows_of(400000).size(), 7.0));
}

TEST(NearBoard, FindsRowsBesideValuesThatManyAreEqualTo) {
  /* The first wanted rows from below end where the equal values begin. */
  std::vector<double> values = normal_values(400000, 8);
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (const std::size_t begin : {20000U, 100000U, 190000U}) {
    std::vector<double> own = values;
    for (double& value : own) {
      if (value >= sorted[begin] && value < sorted[begin + 90000]) value = sorted[begin];
    }
    EXPECT_EQ(found_by_one(own, 400000), sorted_rows(own, rows_of(400000))) << begin;
  }
}

TEST(NearBoard, FindsRowsOfCounts) {
  std::vector<double> values = normal_values(400000, 9);
  for (const double scale : {1.0, 5.0, 1000.0}) {
    std::vector<double> own = values;
    for (double& value : own) value = std::floor(scale * value) + 0.0;
    EXPECT_EQ(found_by_one(own, 400000), sorted_rows(own, rows_of(400000))) << scale;
  }
}

TEST(NearBoard, SaysWhenThePilotMisled) {
  std::vector<double> values = normal_values(400000, 5);
  std::sort(values.begin(), values.end());
  EXPECT_FALSE(found_by_one(values, 400000).has_value());
}

TEST(NearBoard, SaysWhenMoreIsNearThanThereIsRoomFor) {
  std::vector<double> values = normal_values(400000, 6);
  /* As many on either side of the median as the pilot tells, but nearer. */
  for (std::size_t i = 100000; i < values.size(); ++i) values[i] *= 0.01;
  EXPECT_FALSE(found_by_one(values, 400000).has_value());
}

TEST(NearBoard, SaysWhenValuesAreMissing) {
  const std::vector<double> values = normal_values(400000, 7);
  EXPECT_FALSE(found_by_one(values, 400001).has_value());
}

TEST(NearBoard, KeepsScenariosAndSlotsApart) {
  const NearShape shape = shape_of(200000, 2, 3);
  Memory memory(shape);
  NearSifter sifter(memory.board);
  std::vector<std::vector<double>> cells;
  for (unsigned cell = 0; cell < 6; ++cell) {
    cells.push_back(normal_values(200000, 10 + cell));
    for (double& value : cells.back()) value += 100 * cell;
  }
  std::vector<double> chunk;
  for (std::uint32_t scenario = 0; scenario < 2; ++scenario) {
    for (std::size_t i = 0; i < 200000; i += kChunk) {
      const std::size_t n = std::min<std::size_t>(kChunk, 200000 - i);
      chunk.clear();
      for (std::size_t slot = 0; slot < 3; ++slot) {
        const auto from = cells[scenario * 3 + slot].begin() + static_cast<std::ptrdiff_t>(i);
        chunk.insert(chunk.end(), from, from + static_cast<std::ptrdiff_t>(n));
      }
      sifter.take(scenario, chunk, n, true);
    }
  }
  ASSERT_TRUE(sifter.finish());
  for (std::uint32_t cell = 0; cell < 6; ++cell) {
    EXPECT_EQ(memory.board.find(cell / 3, cell % 3, shape.rows, 200000),
              sorted_rows(cells[cell], shape.rows))
        << cell;
  }
}

}  // namespace
}  // namespace sim::testing
