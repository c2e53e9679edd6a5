/*
 * token.hpp -- the words and signs a model's text is made of.
 */
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "language/diagnostics.hpp"

namespace sim {

enum class TokenKind : std::uint8_t {
  name,         // energy, also every word of the language; `text` is folded
  quoted_name,  // "Sheet1!B4"; `text` without its quotes
  text,         // 'EUR/t'; `text` without its quotes
  number,
  plus,
  minus,
  star,
  slash,
  percent,
  caret,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  tilde,
  comma,
  dot,
  dot_dot,
  arrow,  // =>
  left_parenthesis,
  right_parenthesis,
  left_bracket,
  right_bracket,
  semicolon,
  bad,  // already reported by the lexer
  end,  // behind the last token
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool starts_line = false;  // the first token on its line, comments aside
  int line = 1;              // where it begins
  SourceRange range;
  double number = 0;
  std::string text;

  /* An unquoted word: "T" and t are the word t, but "t" in double quotes is not. */
  bool is_word(std::string_view word) const { return kind == TokenKind::name && text == word; }
  bool is_name() const { return kind == TokenKind::name || kind == TokenKind::quoted_name; }
};

inline std::uint32_t end_of(SourceRange range) { return range.offset + range.length; }

/* From the start of the first to the end of the last. */
inline SourceRange join(SourceRange first, SourceRange last) {
  return {first.offset, end_of(last) - first.offset};
}

}  // namespace sim
