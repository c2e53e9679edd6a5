/*
 * result_hash.hpp -- one hash of all that sim.monte_carlo tells of a run: pure C++, to be called
 * inside guarded().
 */
#pragma once

#include "postgres.hpp"

#include "statistics/statistics_rows.hpp"

namespace simpg {

/* Hexadecimal digits of a SHA-256. */
inline constexpr int kHashDigits = 64;

/* Writes the digits and a final zero: room for kHashDigits + 1. */
void write_result_hash(std::span<const Results::Row> rows, const StatisticsPlaces& places,
                       char* digits);

}  // namespace simpg
