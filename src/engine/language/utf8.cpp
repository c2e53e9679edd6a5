/*
 * utf8.cpp -- the well-formed sequences of UTF-8, as the Unicode Standard's table 3-7 lists them.
 */
#include "language/utf8.hpp"

namespace sim {

namespace {

struct LeadByte {
  std::uint32_t length;  // 0: cannot lead a sequence
  char32_t payload;
  char32_t smallest;  // smaller values in this length are overlong forms
};

LeadByte read_lead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool is_scalar_value(char32_t value) {
  return value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
}

}  // namespace

CodePoint decode_utf8(std::string_view text, std::size_t offset) {
  const LeadByte lead = read_lead(static_cast<unsigned char>(text[offset]));
  if (lead.length == 0 || text.size() - offset < lead.length) return {};
  char32_t value = lead.payload;
  for (std::uint32_t i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[offset + i]);
    if ((byte & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte & 0x3Fu);
  }
  if (value < lead.smallest || !is_scalar_value(value)) return {};
  return {value, lead.length, true};
}

int count_code_points(std::string_view text) {
  int count = 0;
  for (std::size_t offset = 0; offset < text.size(); ++count) {
    offset += decode_utf8(text, offset).length;
  }
  return count;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace sim
