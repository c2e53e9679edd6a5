/*
 * token_stream.hpp -- the tokens of one statement, and the errors made while reading them.
 *
 * The parsers read from here and never look behind the statement's end: there `peek` gives a token
 * of kind `end`.  The first thing that cannot be understood is reported and refuses the statement;
 * what follows it would only be guesswork.
 */
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/diagnostics.hpp"
#include "language/statement_splitter.hpp"
#include "language/token.hpp"

namespace sim {

/* Thrown once the error is in the diagnostics; never leaves the room. */
struct StatementRefused {};

class TokenStream {
 public:
  /* Requires: source, tokens and diagnostics live longer; the slice is one of `tokens`. */
  TokenStream(std::string_view source, const std::vector<Token>& tokens, StatementSlice slice,
              Diagnostics& diagnostics);

  /* The token so many places ahead. */
  const Token& peek(std::size_t ahead = 0) const;
  const Token& take();
  /* The token taken last; before the first, the first. */
  const Token& last() const;

  bool at_end() const { return position_ >= slice_.end; }
  bool at(TokenKind kind) const { return peek().kind == kind; }
  bool at_word(std::string_view word) const { return peek().is_word(word); }

  /* Takes the token if it is this one. */
  bool accept(TokenKind kind);
  bool accept_word(std::string_view word);

  /* Takes the token, or refuses the statement: expected `what`. */
  const Token& expect(TokenKind kind, std::string_view what, std::string hint = {});
  void expect_word(std::string_view word, std::string hint = {});

  /* The bracket that closes `opening`; when it is missing the hint says which one is open. */
  const Token& expect_closing(TokenKind kind, std::string_view what, const Token& opening);

  /* From the start of a token to the end of the last one taken. */
  SourceRange since(const Token& first) const { return join(first.range, last().range); }
  SourceRange since(SourceRange first) const { return join(first, last().range); }

  /* Adds an error and goes on. */
  void report(SourceRange range, std::string message, std::string hint = {});

  /* Adds an error and refuses the statement. Throws: StatementRefused. */
  [[noreturn]] void fail(SourceRange range, std::string message, std::string hint = {});
  /* "expected ..., found ..." at the next token. Says nothing where the lexer already spoke.
   * Throws: StatementRefused. */
  [[noreturn]] void fail_expected(std::string_view what, std::string hint = {});

  /* The token in quotes as it stands in the text, cut when long; "end of line" or "end of text"
   * without quotes. */
  std::string describe(const Token& token) const;

 private:
  std::string_view source_;
  const std::vector<Token>& tokens_;
  StatementSlice slice_;
  Diagnostics& diagnostics_;
  std::size_t position_;
  Token end_;
};

}  // namespace sim
