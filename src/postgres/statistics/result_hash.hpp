/*
 * result_hash.hpp -- one hash of all that sim.monte_carlo tells of a run: pure C++, to be called
 * inside guarded().
 */
#pragma once

#include "statistics/run_analysis.hpp"

namespace simpg {

/* Hexadecimal digits of a SHA-256. */
inline constexpr int kHashDigits = 64;

/*
 * Writes the digits and a final zero: room for kHashDigits + 1.
 * Requires: the analysis begins with the percentiles of sim.monte_carlo.
 */
void write_result_hash(const RunAnalysis& analysis, char* digits);

}  // namespace simpg
