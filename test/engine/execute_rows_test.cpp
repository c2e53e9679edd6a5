/*
 * execute_rows_test.cpp -- rows are picked and read alike on every instruction set.
 */
#include "execute/rows.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "execute_testing.hpp"

namespace sim {
namespace {

using testing::on_each_instruction_set;

std::vector<double> row_registers(const std::vector<std::int64_t>& rows) {
  std::vector<double> bits;
  for (const std::int64_t row : rows) bits.push_back(row_bits(row));
  return bits;
}

std::vector<std::int64_t> row_numbers(const std::vector<double>& bits) {
  std::vector<std::int64_t> rows;
  for (const double bit : bits) rows.push_back(row_number(bit));
  return rows;
}

TEST(Rows, ArePickedAndGatheredAlikeEverywhere) {
  using Rows = std::vector<std::int64_t>;
  on_each_instruction_set([] {
    const std::vector<double> u = {0x1p-53, 0.1, 0.5, 0.999, 1 - 0x1p-53};
    std::vector<double> row(u.size());
    pick_rows(u.data(), 10, row.data(), u.size());
    EXPECT_EQ(row_numbers(row), (Rows{0, 1, 5, 9, 9}));
    pick_rows(u.data(), 1, row.data(), u.size());
    EXPECT_EQ(row_numbers(row), (Rows{0, 0, 0, 0, 0}));
    pick_rows(u.data(), 2'000'000'000, row.data(), u.size());
    EXPECT_EQ(row_numbers(row),
              (Rows{0, 200'000'000, 1'000'000'000, 1'998'000'000, 1'999'999'999}));
    row = row_registers({3, 4, 8, 1, 2});
    const std::vector<double> column = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    std::vector<double> values(row.size());
    gather(column.data(), row.data(), values.data(), row.size());
    EXPECT_EQ(values, (std::vector<double>{13, 14, 18, 11, 12}));
  });
}

TEST(Rows, GiveSeveralColumnsAtOnce) {
  on_each_instruction_set([] {
    std::vector<double> rows;
    for (int i = 0; i < 30; ++i) rows.push_back(i);
    for (const std::size_t n : {1u, 2u, 7u, 10u}) {
      const std::vector<double> row = row_registers({9, 0, 3, 3, 8, 1, 2, 7, 6, 4});
      std::vector<double> out[3] = {std::vector<double>(11, -77), std::vector<double>(11, -77),
                                    std::vector<double>(11, -77)};
      gather_three(rows.data(), row.data(), out[0].data(), out[1].data(), out[2].data(), n);
      for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t i = 0; i < n; ++i)
          EXPECT_EQ(out[k][i], rows[3 * static_cast<std::size_t>(row_number(row[i])) + k]);
        EXPECT_EQ(out[k][n], -77);
      }
      gather_two(rows.data(), row.data(), out[0].data(), out[1].data(), n);
      for (std::size_t k = 0; k < 2; ++k) {
        for (std::size_t i = 0; i < n; ++i)
          EXPECT_EQ(out[k][i], rows[2 * static_cast<std::size_t>(row_number(row[i])) + k]);
        EXPECT_EQ(out[k][n], -77);
      }
    }
  });
}

}  // namespace
}  // namespace sim
