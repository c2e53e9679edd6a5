/*
 * numbers.cpp -- formatting with std::to_chars, which rounds correctly and knows no locale.
 */
#include "chart/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sim {
namespace {

constexpr double kLargestPlain = 1e15;
constexpr double kSmallestPlain = 1e-4;
constexpr int kMostDecimals = 17;

/* Enough for the 309 digits of the largest double and all decimals asked for. */
constexpr std::size_t kBufferSize = 400;

std::string to_text(double value, std::chars_format format, int precision) {
  char buffer[kBufferSize];
  const auto result = std::to_chars(buffer, buffer + kBufferSize, value, format, precision);
  return std::string(buffer, result.ptr);
}

std::string not_finite_text(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

/* Commas into the digits before the point. */
std::string group_thousands(std::string_view text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string grouped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > first && i < point && (point - i) % 3 == 0) grouped += ',';
    grouped += text[i];
  }
  return grouped;
}

void drop_minus_of_zero(std::string& text) {
  if (text.starts_with('-') && text.find_first_of("123456789") == std::string::npos) {
    text.erase(0, 1);
  }
}

void trim_zeros(std::string& text) {
  if (text.find('.') == std::string::npos) return;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
}

/* 3.21e-09, without trailing zeros. */
std::string scientific(double value, int digits) {
  std::string text = to_text(value, std::chars_format::scientific, digits - 1);
  const std::size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  trim_zeros(mantissa);
  return mantissa + text.substr(e);
}

bool has_error(double error) { return std::isfinite(error) && error > 0; }

}  // namespace

int decimal_exponent(double value) {
  /* The shortest form: in 17 digits, 1e-12 is 9.9999999999999998e-13. */
  char buffer[kBufferSize];
  const auto text =
      std::to_chars(buffer, buffer + kBufferSize, value, std::chars_format::scientific);
  const char* digits = std::find(buffer, text.ptr, 'e') + 1;
  if (*digits == '+') ++digits;
  int exponent = 0;
  std::from_chars(digits, text.ptr, exponent);
  return exponent;
}

double power_of_ten(int exponent) {
  if (exponent > 308) return HUGE_VAL;
  if (exponent < -323) return 0;
  const std::string text = "1e" + std::to_string(exponent);
  double power = 0;
  std::from_chars(text.data(), text.data() + text.size(), power);
  return power;
}

std::string format_count(std::int64_t count) { return group_thousands(std::to_string(count)); }

std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return not_finite_text(value);
  if (std::abs(value) >= kLargestPlain) return scientific(value, 6);
  if (decimals < 0) {
    const double unit = power_of_ten(-decimals);
    value = std::rint(value / unit) * unit;
  }
  std::string text =
      to_text(value, std::chars_format::fixed, std::clamp(decimals, 0, kMostDecimals));
  drop_minus_of_zero(text);
  return group_thousands(text);
}

std::string format_significant(double value, int digits) {
  if (!std::isfinite(value)) return not_finite_text(value);
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size < kSmallestPlain || size >= kLargestPlain) return scientific(value, digits);
  /* The exponent of the rounded number: 9.99 to two digits is 10. */
  const std::string rounded = to_text(value, std::chars_format::scientific, digits - 1);
  double nearest = value;
  std::from_chars(rounded.data(), rounded.data() + rounded.size(), nearest);
  std::string text = format_fixed(nearest, digits - 1 - decimal_exponent(nearest));
  trim_zeros(text);
  return text;
}

int decimals_for_error(double value, double error) {
  if (has_error(error)) {
    const std::string first_digit = to_text(error, std::chars_format::scientific, 0);
    double rounded = error;
    std::from_chars(first_digit.data(), first_digit.data() + first_digit.size(), rounded);
    return std::clamp(-decimal_exponent(rounded), -kMostDecimals, kMostDecimals);
  }
  const std::string text = format_significant(value, 6);
  const std::size_t point = text.find('.');
  if (point == std::string::npos || text.find('e') != std::string::npos) return 0;
  return static_cast<int>(text.size() - point) - 1;
}

std::string format_with_error(double value, double error) {
  if (!std::isfinite(value) || !has_error(error)) return format_significant(value, 6);
  const int decimals = decimals_for_error(value, error);
  const double size = std::max(std::abs(value), error);
  if (size >= kSmallestPlain && size < kLargestPlain) {
    return format_fixed(value, decimals) + " ± " + format_fixed(error, decimals);
  }
  const int digits = std::clamp(decimals + decimal_exponent(value), 0, kMostDecimals - 1);
  return to_text(value, std::chars_format::scientific, digits) + " ± " +
         to_text(error, std::chars_format::scientific, 0);
}

std::string format_percent(double share) {
  const double percent = 100 * share;
  if (percent > 0 && percent < 0.5) return "<1 %";
  if (percent < 100 && percent > 99.5) return ">99 %";
  return format_fixed(percent, 0) + " %";
}

std::size_t display_width(std::string_view text) {
  const auto starts_character = [](char byte) { return (byte & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string align_right(std::string_view text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return std::string(width > shown ? width - shown : 0, ' ').append(text);
}

std::string align_left(std::string_view text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return std::string(text).append(width > shown ? width - shown : 0, ' ');
}

}  // namespace sim
