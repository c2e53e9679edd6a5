/*
 * data_table.hpp -- rows of a data block, bound to a model.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim {

struct DataTable {
  std::string name;
  std::vector<std::string> columns;
  std::int64_t rows = 0;
  std::vector<double> values;  // column after column, rows * columns.size() values, all finite

  const double* column(std::size_t place) const {
    return values.data() + place * static_cast<std::size_t>(rows);
  }
};

}  // namespace sim
