/*
 * row_layouts.hpp -- columns of data that are read together, laid out row by row.
 *
 * A row is then one place in memory.  For draws in blocks the first rows stand once more behind the
 * last, so that a block never wraps.  Programs of one experiment share their layouts.
 */
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "model/data_table.hpp"

namespace sim {

using RowLayout = std::shared_ptr<const std::vector<double>>;

class RowLayouts {
 public:
  /* The columns of a table, which has this number, for blocks of so many rows. */
  RowLayout find(std::uint32_t number, const DataTable& table,
                 const std::vector<std::uint32_t>& columns, std::int64_t block);

 private:
  std::map<std::tuple<std::uint32_t, std::vector<std::uint32_t>, std::int64_t>, RowLayout> known_;
};

}  // namespace sim
