/*
 * token_stream.cpp -- reading tokens and saying what was expected.
 */
#include "language/token_stream.hpp"

#include <algorithm>

#include "language/names.hpp"
#include "language/utf8.hpp"

namespace sim {

namespace {

constexpr std::size_t kLongestQuotation = 40;

bool continues_over_line_end(TokenKind kind) {
  return kind != TokenKind::name && kind != TokenKind::quoted_name && kind != TokenKind::number &&
         kind != TokenKind::text && kind != TokenKind::right_parenthesis &&
         kind != TokenKind::right_bracket;
}

}  // namespace

TokenStream::TokenStream(std::string_view source, const std::vector<Token>& tokens,
                         StatementSlice slice, Diagnostics& diagnostics)
    : source_(source),
      tokens_(tokens),
      slice_(slice),
      diagnostics_(diagnostics),
      position_(slice.begin) {
  end_.kind = TokenKind::end;
  const bool is_empty = slice.begin == slice.end;
  end_.range.offset =
      is_empty ? tokens[slice.begin].range.offset : end_of(tokens[slice.end - 1].range);
}

const Token& TokenStream::peek(std::size_t ahead) const {
  return position_ + ahead < slice_.end ? tokens_[position_ + ahead] : end_;
}

const Token& TokenStream::take() {
  const Token& token = peek();
  if (!at_end()) ++position_;
  return token;
}

const Token& TokenStream::last() const {
  if (slice_.begin == slice_.end) return end_;
  return tokens_[std::max(position_, slice_.begin + 1) - 1];
}

bool TokenStream::accept(TokenKind kind) {
  if (!at(kind) || at_end()) return false;
  take();
  return true;
}

bool TokenStream::accept_word(std::string_view word) {
  if (!at_word(word)) return false;
  take();
  return true;
}

const Token& TokenStream::expect(TokenKind kind, std::string_view what, std::string hint) {
  if (!at(kind)) fail_expected(what, std::move(hint));
  return take();
}

void TokenStream::expect_word(std::string_view word, std::string hint) {
  if (!accept_word(word)) fail_expected(in_quotes(word), std::move(hint));
}

const Token& TokenStream::expect_closing(TokenKind kind, std::string_view what,
                                         const Token& opening) {
  if (at(kind)) return take();
  fail_expected(what, "The " + describe(opening) + " in line " + std::to_string(opening.line) +
                          " is still open.");
}

void TokenStream::report(SourceRange range, std::string message, std::string hint) {
  diagnostics_.error(range, std::move(message), std::move(hint));
}

void TokenStream::fail(SourceRange range, std::string message, std::string hint) {
  report(range, std::move(message), std::move(hint));
  throw StatementRefused{};
}

void TokenStream::fail_expected(std::string_view what, std::string hint) {
  const Token& found = peek();
  if (found.kind == TokenKind::bad) throw StatementRefused{};
  const Token& follower = tokens_[slice_.end];
  const bool cut_by_word = at_end() && position_ > slice_.begin && begins_statement(follower) &&
                           continues_over_line_end(last().kind);
  if (cut_by_word && hint.empty()) {
    hint = in_quotes(follower.text) +
           " begins a statement at the start of a line; write it at the end of the line before.";
  }
  fail(found.range, "expected " + std::string(what) + ", found " + describe(found),
       std::move(hint));
}

std::string TokenStream::describe(const Token& token) const {
  if (token.kind == TokenKind::end) {
    const TokenKind follower = tokens_[slice_.end].kind;
    return follower == TokenKind::end ? "end of text" : "end of line";
  }
  const std::string_view text = source_.substr(token.range.offset, token.range.length);
  std::string shown(cut_utf8(text, kLongestQuotation));
  if (shown.size() < text.size()) shown += "...";
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  const bool has_quotes = token.kind == TokenKind::text || token.kind == TokenKind::quoted_name;
  return has_quotes ? shown : in_quotes(shown);
}

}  // namespace sim
