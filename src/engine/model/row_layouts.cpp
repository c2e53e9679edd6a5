/*
 * row_layouts.cpp -- makes each layout once.
 */
#include "model/row_layouts.hpp"

#include <algorithm>

#include "core/control.hpp"

namespace sim {
namespace {

RowLayout lay_out(const DataTable& table, const std::vector<std::uint32_t>& columns,
                  std::int64_t rows) {
  auto values = std::make_shared<std::vector<double>>();
  values->reserve(static_cast<std::size_t>(rows) * columns.size());
  Asking asking(1 << 20);
  for (std::int64_t row = 0; row < rows; ++row) {
    asking.spend();
    for (const std::uint32_t column : columns)
      values->push_back(table.column(column)[row < table.rows ? row : row - table.rows]);
  }
  return values;
}

}  // namespace

RowLayout RowLayouts::find(std::uint32_t number, const DataTable& table,
                           const std::vector<std::uint32_t>& columns, std::int64_t block) {
  const std::int64_t rows = table.rows + std::min(block, table.rows) - 1;
  RowLayout& layout = known_[{number, columns, rows}];
  if (layout == nullptr) layout = lay_out(table, columns, rows);
  return layout;
}

}  // namespace sim
