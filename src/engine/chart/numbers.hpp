/*
 * numbers.hpp -- numbers as people read them: as many digits as mean something, thousands grouped.
 *
 * Independent of the locale: the point is ".", thousands are grouped by ",".
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sim {

/* 1,000,000 */
std::string format_count(std::int64_t count);

/*
 * With so many decimals, thousands grouped; a negative number of decimals rounds to tens, hundreds.
 * "-0.00" is written "0.00".  "NaN", "Infinity", "-Infinity" as PostgreSQL writes them; numbers
 * from 1e15 on in scientific form.
 */
std::string format_fixed(double value, int decimals);

/* With so many significant digits and no trailing zeros; scientific form below 1e-4 and from 1e15.
 */
std::string format_significant(double value, int digits);

/*
 * Decimals to which a number with this standard error is known: up to the error's first digit.
 * Without an error (0 or NaN), as many as six significant digits of the value need.
 */
int decimals_for_error(double value, double error);

/* 321.31 ± 0.02: both up to the first digit of the error. Only the value without an error. */
std::string format_with_error(double value, double error);

/* "4 %", "<1 %" for a little, "0 %" for nothing. Requires: 0 <= share <= 1. */
std::string format_percent(double share);

/* The exponent of the first digit in decimal, as in 3.2e-05. Requires: finite. 0 for 0. */
int decimal_exponent(double value);
/* 10^exponent, correctly rounded; infinite or 0 beyond the doubles. */
double power_of_ten(int exponent);

/* Characters shown, not bytes: UTF-8 code points. */
std::size_t display_width(std::string_view text);
/* Spaces on the left, or on the right, up to the width. */
std::string align_right(std::string_view text, std::size_t width);
std::string align_left(std::string_view text, std::size_t width);

}  // namespace sim
