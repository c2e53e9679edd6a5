/*
 * rows.hpp -- rows of data in batches of lanes: which row a lane draws, and the values that stand
 * there.
 */
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace sim {

/* Row numbers stand in registers as the bits of integers. */
inline double row_bits(std::int64_t row) { return std::bit_cast<double>(row); }
inline std::int64_t row_number(double bits) { return std::bit_cast<std::int64_t>(bits); }

/* out[i] = column[row[i]]; rows are within the column. */
void gather(const double* column, const double* row, double* out, std::size_t n);

/* The same for two or three columns at once: `rows` holds the first row's values, then the next
 * row's. */
void gather_two(const double* rows, const double* row, double* first, double* second,
                std::size_t n);
void gather_three(const double* rows, const double* row, double* first, double* second,
                  double* third, std::size_t n);

/* row[i] = floor(u[i] * rows), for 0 < u < 1 and 1 <= rows < 2^31. */
void pick_rows(const double* u, std::int64_t rows, double* row, std::size_t n);

}  // namespace sim
