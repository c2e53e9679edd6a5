/*
 * lexer.cpp -- the lexis of SQL.
 *
 * Signs are read one at a time (`2^-1` is `^` and `-`), not in SQL's longest run of operator
 * letters: a model defines no operators of its own.
 */
#include "language/lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/control.hpp"
#include "language/names.hpp"
#include "language/utf8.hpp"

namespace sim {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }
bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

struct Sign {
  std::string_view text;
  TokenKind kind;
};

/* Longer signs before those they begin with. */
constexpr std::array<Sign, 23> kSigns = {{{"..", TokenKind::dot_dot},
                                          {"=>", TokenKind::arrow},
                                          {"<=", TokenKind::less_equal},
                                          {">=", TokenKind::greater_equal},
                                          {"<>", TokenKind::not_equal},
                                          {"!=", TokenKind::not_equal},
                                          {"+", TokenKind::plus},
                                          {"-", TokenKind::minus},
                                          {"*", TokenKind::star},
                                          {"/", TokenKind::slash},
                                          {"%", TokenKind::percent},
                                          {"^", TokenKind::caret},
                                          {"=", TokenKind::equal},
                                          {"<", TokenKind::less},
                                          {">", TokenKind::greater},
                                          {"~", TokenKind::tilde},
                                          {",", TokenKind::comma},
                                          {".", TokenKind::dot},
                                          {"(", TokenKind::left_parenthesis},
                                          {")", TokenKind::right_parenthesis},
                                          {"[", TokenKind::left_bracket},
                                          {"]", TokenKind::right_bracket},
                                          {";", TokenKind::semicolon}}};

struct ForeignSign {
  std::string_view text;
  std::string_view hint;
};

/* What other languages and word processors write where a model has something else. */
constexpr std::array<ForeignSign, 20> kForeignSigns = {{
    {"==", "Equality is written \"=\"."},
    {"**", "A power is written \"^\"."},
    {":=", "A definition is written \"=\"."},
    {"&&", "Both conditions are joined with \"and\"."},
    {"||", "Conditions are joined with \"or\"."},
    {"&", "Both conditions are joined with \"and\"."},
    {"|", "Conditions are joined with \"or\"."},
    {"!", "A condition is negated with \"not\"."},
    {"#", "A comment begins with \"--\"."},
    {"{", "Use round brackets."},
    {"}", "Use round brackets."},
    {"\xE2\x88\x92", "Use the hyphen \"-\" as minus."},
    {"\xE2\x80\x93", "Use the hyphen \"-\" as minus."},
    {"\xC3\x97", "Use \"*\" to multiply."},
    {"\xC3\xB7", "Use \"/\" to divide."},
    {"\xE2\x89\xA4", "Use \"<=\"."},
    {"\xE2\x89\xA5", "Use \">=\"."},
    {"\xE2\x89\xA0", "Use \"<>\"."},
    {"\xC2\xA0", "This is a no-break space; use an ordinary one."},
    {"\xE2\x80\x99", "Use the straight quote '."},
}};

/* Signs, spaces and punctuation beyond ASCII, which a name may not hold although its bytes are no
 * ASCII. */
bool is_foreign_sign(char32_t value) {
  const bool latin_letter = value == 0xAA || value == 0xB5 || value == 0xBA;
  if (value >= 0x80 && value < 0xC0) return !latin_letter;
  return value == 0xD7 || value == 0xF7 || (value >= 0x2000 && value < 0x2070) ||
         (value >= 0x2190 && value < 0x2C00) || (value >= 0x3000 && value < 0x3004) ||
         (value >= 0x3008 && value < 0x3021) || (value >= 0xFE00 && value < 0xFE10) ||
         value == 0xFEFF || (value >= 0xFFF0 && value < 0x10000);
}

class Lexer {
 public:
  Lexer(std::string_view source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  std::vector<Token> read() {
    if (starts_with("\xEF\xBB\xBF")) offset_ = 3;  // a byte order mark says nothing in UTF-8
    Asking asking;
    for (skip_blanks(); offset_ < source_.size(); skip_blanks()) {
      read_token();
      asking.spend();
    }
    push(TokenKind::end, offset_);
    return std::move(tokens_);
  }

 private:
  char at(std::size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }
  /* Requires: the text is not empty. Most of what is tried fails at the first character. */
  bool starts_with(std::string_view text) const {
    return at(offset_) == text.front() && source_.substr(offset_, text.size()) == text;
  }
  SourceRange from(std::size_t start) const {
    return {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(offset_ - start)};
  }

  Token& push(TokenKind kind, std::size_t start) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.range = from(start);
    token.starts_line = line_started_;
    token.line = line_of(start);
    line_started_ = false;
    return token;
  }

  /* Requires: no earlier call asked for a later place; so all calls together read the text once. */
  int line_of(std::size_t offset) {
    for (; counted_ < offset; ++counted_) {
      const bool is_pair = source_[counted_] == '\r' && at(counted_ + 1) == '\n';
      if (is_line_end(source_[counted_]) && !is_pair) ++line_;
    }
    return line_;
  }

  void refuse(std::size_t start, std::string message, std::string hint = {}) {
    diagnostics_.error(from(start), std::move(message), std::move(hint));
    push(TokenKind::bad, start);
  }

  /* How many bytes at `offset` belong to a name; 0 if none. */
  std::size_t name_bytes(std::size_t offset, bool first) const {
    if (offset >= source_.size()) return 0;
    const char c = source_[offset];
    if (is_ascii_letter(c)) return 1;
    if (!first && (is_digit(c) || c == '$')) return 1;
    if (static_cast<unsigned char>(c) < 0x80) return 0;
    const CodePoint point = decode_utf8(source_, offset);
    return is_foreign_sign(point.value) ? 0 : point.length;
  }

  void skip_name_letters() {
    while (const std::size_t bytes = name_bytes(offset_, false)) offset_ += bytes;
  }

  void skip_blanks() {
    while (offset_ < source_.size()) {
      if (is_line_end(source_[offset_])) {
        line_started_ = true;
        ++offset_;
      } else if (is_blank(source_[offset_])) {
        ++offset_;
      } else if (starts_with("--")) {
        skip_to_line_end();
      } else if (starts_with("/*")) {
        skip_block_comment();
      } else {
        return;
      }
    }
  }

  void skip_to_line_end() {
    while (offset_ < source_.size() && !is_line_end(source_[offset_])) ++offset_;
  }

  /* Block comments nest, as in SQL. */
  void skip_block_comment() {
    const std::size_t start = offset_;
    int depth = 0;
    do {
      if (offset_ >= source_.size()) {
        diagnostics_.error({static_cast<std::uint32_t>(start), 2}, "comment is not closed",
                           "A comment that begins with /* ends with */; comments may nest.");
        return;
      }
      if (starts_with("/*") || starts_with("*/")) {
        depth += source_[offset_] == '/' ? 1 : -1;
        offset_ += 2;
      } else {
        if (is_line_end(source_[offset_])) line_started_ = true;
        ++offset_;
      }
    } while (depth > 0);
  }

  void read_token() {
    const char c = source_[offset_];
    if (name_bytes(offset_, true) > 0) return read_name();
    if (is_digit(c) || (c == '.' && is_digit(at(offset_ + 1)))) return read_number();
    if (c == '\'') return read_quoted(TokenKind::text);
    if (c == '"') return read_quoted(TokenKind::quoted_name);
    read_sign();
  }

  void read_name() {
    const std::size_t start = offset_;
    skip_name_letters();
    push_name(TokenKind::name, start, fold_letters(source_.substr(start, offset_ - start)));
  }

  void push_name(TokenKind kind, std::size_t start, std::string text) {
    if (text.empty()) return refuse(start, "a name in double quotes is empty");
    if (text.size() > kMaxNameLength) {
      return refuse(start,
                    "name \"" + std::string(cut_utf8(text, 20)) + "...\" is longer than " +
                        std::to_string(kMaxNameLength) + " bytes, it has " +
                        std::to_string(text.size()),
                    "Choose a shorter name.");
    }
    push(kind, start).text = std::move(text);
  }

  /* 'text' or "name"; the quote inside is written twice. */
  void read_quoted(TokenKind kind) {
    const std::size_t start = offset_;
    const char quote = source_[start];
    std::string text;
    for (++offset_; offset_ < source_.size(); ++offset_) {
      if (source_[offset_] == quote && at(offset_ + 1) != quote) break;
      if (source_[offset_] == quote) ++offset_;
      text += source_[offset_];
    }
    if (offset_ >= source_.size()) return refuse_unclosed_quote(start);
    ++offset_;
    if (kind == TokenKind::quoted_name) return push_name(kind, start, std::move(text));
    push(kind, start).text = std::move(text);
  }

  /* Reading goes on in the next line, so that the errors behind it are found too. */
  void refuse_unclosed_quote(std::size_t start) {
    offset_ = start;
    skip_to_line_end();
    if (source_[start] == '\'') {
      refuse(start, "text in quotes is not closed", "A quote inside a text is written twice: ''.");
    } else {
      refuse(start, "name in double quotes is not closed");
    }
  }

  void skip_digits() {
    while (is_digit(at(offset_))) ++offset_;
  }

  /* As SQL: 1, 1.5, .5, 1., 1e-3.  In 1..12 the number is 1. */
  void skip_number() {
    skip_digits();
    if (at(offset_) == '.' && at(offset_ + 1) != '.') {
      ++offset_;
      skip_digits();
    }
    if (at(offset_) != 'e' && at(offset_) != 'E') return;
    const bool has_sign = at(offset_ + 1) == '+' || at(offset_ + 1) == '-';
    const std::size_t digits = offset_ + (has_sign ? 2 : 1);
    if (!is_digit(at(digits))) return;
    offset_ = digits;
    skip_digits();
  }

  void read_number() {
    const std::size_t start = offset_;
    skip_number();
    const std::string_view digits = source_.substr(start, offset_ - start);
    if (name_bytes(offset_, false) > 0) return refuse_number_with_letters(start);
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const std::size_t exponent = digits.find_first_of("eE");
    const bool is_zero = digits.substr(0, exponent).find_first_of("123456789") == digits.npos;
    const bool lost = !std::isfinite(value) || (value == 0 && !is_zero);
    if (lost || (result.ec != std::errc() && !is_zero)) {
      return refuse(start, "number is outside the range of double precision");
    }
    push(TokenKind::number, start).number = value;
  }

  void refuse_number_with_letters(std::size_t start) {
    const bool has_separator = source_[offset_] == '_';
    skip_name_letters();
    const std::string_view word = cut_utf8(source_.substr(start, offset_ - start), 40);
    refuse(start, in_quotes(word) + " is neither a number nor a name",
           has_separator ? "Digits are written without separators: 1000000, or 1e6."
                         : "A product is written with \"*\"; a name begins with a letter.");
  }

  void read_sign() {
    const std::size_t start = offset_;
    for (const ForeignSign& sign : kForeignSigns) {
      // != has its own meaning although ! alone has none.
      if (!starts_with(sign.text) || starts_with("!=")) continue;
      offset_ += sign.text.size();
      return refuse(start, "unexpected " + describe(start), std::string(sign.hint));
    }
    for (const Sign& sign : kSigns) {
      if (!starts_with(sign.text)) continue;
      offset_ += sign.text.size();
      push(sign.kind, start);
      return;
    }
    offset_ += decode_utf8(source_, offset_).length;
    refuse(start, "unexpected " + describe(start));
  }

  /* The characters read since `start`, or the number of one that cannot be seen. */
  std::string describe(std::size_t start) const {
    const CodePoint point = decode_utf8(source_, start);
    const bool invisible = point.value <= 0x20 || point.value == 0x7F || point.value == 0xA0 ||
                           (point.value >= 0x2000 && point.value <= 0x200F) ||
                           (point.value >= 0x2028 && point.value <= 0x202F) ||
                           (point.value >= 0xFE00 && point.value <= 0xFE0F) ||
                           point.value == 0x3000 || point.value == 0xFEFF;
    if (!invisible) {
      return in_quotes(source_.substr(start, offset_ - start));
    }
    constexpr char kHexDigits[] = "0123456789ABCDEF";
    std::string number = "character U+";
    for (int shift = 12; shift >= 0; shift -= 4) number += kHexDigits[(point.value >> shift) & 15];
    return number;
  }

  std::string_view source_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t offset_ = 0;
  bool line_started_ = true;
  std::size_t counted_ = 0;  // up to here the lines are counted
  int line_ = 1;
};

std::string hex_byte(unsigned char byte) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  return {'0', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
}

/* One error a line is enough: a text in another encoding has thousands. */
bool check_encoding(std::string_view source, Diagnostics& diagnostics) {
  bool good = true;
  Asking asking(1 << 18);
  for (std::size_t offset = 0; offset < source.size();) {
    asking.spend();
    const CodePoint point = decode_utf8(source, offset);
    if (point.well_formed && point.value != 0) {
      offset += point.length;
      continue;
    }
    good = false;
    const SourceRange range{static_cast<std::uint32_t>(offset), 1};
    if (point.well_formed) {
      diagnostics.error(range, "the text holds a NUL byte");
    } else {
      const auto byte = static_cast<unsigned char>(source[offset]);
      diagnostics.error(range, "the text is not UTF-8: byte " + hex_byte(byte),
                        "Save the text as UTF-8.");
    }
    offset = std::min(source.find('\n', offset), source.size());
  }
  return good;
}

}  // namespace

std::vector<Token> read_tokens(std::string_view source, Diagnostics& diagnostics) {
  if (source.size() >= std::numeric_limits<std::uint32_t>::max()) {
    diagnostics.error({0, 0}, "the text is longer than 4 GB");
    return std::vector<Token>(1);
  }
  if (!check_encoding(source, diagnostics)) return std::vector<Token>(1);
  return Lexer(source, diagnostics).read();
}

}  // namespace sim
