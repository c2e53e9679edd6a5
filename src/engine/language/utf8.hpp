/*
 * utf8.hpp -- reading UTF-8 one code point at a time.
 */
#pragma once

#include <cstdint>
#include <string_view>

namespace sim {

/* What stands at one place of a text. An ill-formed sequence is one byte long, so that a reader can
 * go on behind it. */
struct CodePoint {
  char32_t value = 0;
  std::uint32_t length = 1;
  bool well_formed = false;
};

/* The code point that begins at `offset`. Requires: offset < text.size(). Surrogates and overlong
 * forms are ill-formed. */
CodePoint decode_utf8(std::string_view text, std::size_t offset);

/* The number of code points; ill-formed bytes count one each. */
int count_code_points(std::string_view text);

/* The longest beginning of the text that is at most `bytes` long and cuts no code point. */
std::string_view cut_utf8(std::string_view text, std::size_t bytes);

}  // namespace sim
