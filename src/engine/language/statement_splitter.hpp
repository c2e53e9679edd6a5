/*
 * statement_splitter.hpp -- where a statement ends.
 *
 * A statement ends at the end of its line.  It goes on in the next line while a bracket or a `case`
 * is open, when its line ends in an operator or a comma, or when the next line begins with an
 * operator that cannot begin a statement.  `;` always ends it, and so does a line that begins with
 * a statement word (input, output, ...): an unclosed bracket swallows no statement that can be
 * recognised.
 */
#pragma once

#include <cstddef>
#include <vector>

#include "language/token.hpp"

namespace sim {

/* The tokens [begin, end) of one statement. Never empty. */
struct StatementSlice {
  std::size_t begin;
  std::size_t end;
};

/* Requires: the last token is of kind `end`. Time is linear in the number of tokens, whatever the
 * text. */
std::vector<StatementSlice> split_statements(const std::vector<Token>& tokens);

/* True where `name =`, `name ~` or `name[...] =` stands. Requires: i is not the last token. */
bool looks_like_definition(const std::vector<Token>& tokens, std::size_t i);

/* True for a token that begins a line and is an unquoted statement word. */
bool begins_statement(const Token& token);

}  // namespace sim
