/*
 * rounding.cpp -- rounds the shortest decimal form of a number.
 */
#include "catalogue/rounding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

namespace sim {
namespace {

// "d.dddddddddddddddde-xxx" and a sign fit; the rounded form needs one more digit.
constexpr std::size_t kTextSize = 40;

/* A positive decimal number 0.d1d2d3... * 10^point. */
struct Decimal {
  std::array<char, kTextSize> digits{};
  int count = 0;
  int point = 0;
};

Decimal shortest_decimal(double magnitude) {
  std::array<char, kTextSize> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), magnitude,
                                     std::chars_format::scientific);
  const std::string_view number(text.data(), static_cast<std::size_t>(written.ptr - text.data()));
  const std::size_t mark = number.find('e');
  Decimal decimal;
  for (const char c : number.substr(0, mark)) {
    if (c != '.') decimal.digits[decimal.count++] = c;
  }
  const char* exponent = number.data() + mark + 1;
  if (*exponent == '+') ++exponent;
  std::from_chars(exponent, written.ptr, decimal.point);
  ++decimal.point;
  return decimal;
}

/* Keeps the first `kept` digits, 0 <= kept < count, rounding by the first one dropped. */
void round_digits(Decimal& decimal, int kept) {
  const bool up = decimal.digits[kept] >= '5';
  decimal.count = kept;
  if (!up) return;
  int i = kept - 1;
  while (i >= 0 && decimal.digits[i] == '9') decimal.digits[i--] = '0';
  if (i >= 0) {
    ++decimal.digits[i];
    return;
  }
  // All nines, or no digit kept: the number grows by a place.
  decimal.digits[0] = '1';
  for (int j = 1; j <= kept; ++j) decimal.digits[j] = '0';
  decimal.count = kept + 1;
  ++decimal.point;
}

double to_double(const Decimal& decimal) {
  if (decimal.count == 0) return 0;
  std::array<char, kTextSize> text;
  char* end = std::copy_n(decimal.digits.begin(), decimal.count, text.begin());
  *end++ = 'e';
  end = std::to_chars(end, text.data() + text.size(), decimal.point - decimal.count).ptr;
  double value = 0;
  const auto read = std::from_chars(text.data(), end, value);
  // Rounding up past the largest double, or down to nothing, cannot be read as a number.
  if (read.ec != std::errc())
    return decimal.point > 0 ? std::numeric_limits<double>::infinity() : 0;
  return value;
}

}  // namespace

double round_to_digits(double x, double digits) {
  // Beyond these no double has a digit left, or one to lose.
  constexpr double kMostDigits = 400;
  if (std::isnan(x) || std::isnan(digits)) return x + digits;
  if (std::isinf(x) || x == 0) return x;
  const int places = static_cast<int>(std::clamp(digits, -kMostDigits, kMostDigits));
  Decimal decimal = shortest_decimal(std::fabs(x));
  const int kept = decimal.point + places;
  if (kept >= decimal.count) return x;
  if (kept < 0) return std::copysign(0.0, x);
  round_digits(decimal, kept);
  return std::copysign(to_double(decimal), x);
}

}  // namespace sim
