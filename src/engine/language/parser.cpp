/*
 * parser.cpp -- a text cut into statements, each read on its own.
 */
#include "language/parser.hpp"

#include <string>
#include <vector>

#include "core/control.hpp"
#include "language/expression_parser.hpp"
#include "language/lexer.hpp"
#include "language/names.hpp"
#include "language/statement_parser.hpp"
#include "language/statement_parts.hpp"
#include "language/statement_splitter.hpp"
#include "language/token_stream.hpp"

namespace sim {

namespace {

/* What a refused statement would have defined, as far as its tokens tell. */
void add_refused_names(const std::vector<Token>& tokens, StatementSlice slice,
                       std::vector<std::string>& names) {
  const bool has_word =
      tokens[slice.begin].kind == TokenKind::name && is_statement_word(tokens[slice.begin].text);
  const std::size_t first = slice.begin + (has_word ? 1 : 0);
  bool in_list = tokens[first].kind == TokenKind::left_parenthesis;
  for (std::size_t i = first; i < slice.end; ++i) {
    if (tokens[i].kind == TokenKind::right_parenthesis) in_list = false;
    if (!tokens[i].is_name()) continue;
    const bool is_listed = in_list && tokens[i - 1].kind != TokenKind::left_bracket;
    const bool is_defined = i == first || is_listed || looks_like_definition(tokens, i);
    if (is_defined) names.push_back(tokens[i].text);
  }
}

}  // namespace

SyntaxTree parse_model(std::string_view source, Diagnostics& diagnostics) {
  const std::vector<Token> tokens = read_tokens(source, diagnostics);
  SyntaxTree tree;
  Asking asking;
  for (const StatementSlice slice : split_statements(tokens)) {
    asking.spend(slice.end - slice.begin);
    TokenStream stream(source, tokens, slice, diagnostics);
    try {
      parse_statement(stream, tree.statements);
    } catch (const StatementRefused&) {
      // Reported where it happened; the next statement is read all the same.
      add_refused_names(tokens, slice, tree.refused_names);
    }
  }
  return tree;
}

InputStatement parse_override(std::string_view name, std::string_view text,
                              Diagnostics& diagnostics) {
  InputStatement input;
  input.targets.push_back({std::string(name), false, {}});
  const int errors_before = diagnostics.error_count();
  const std::vector<Token> tokens = read_tokens(text, diagnostics);
  const bool is_unreadable = tokens.size() == 1 && diagnostics.error_count() > errors_before;
  if (is_unreadable) return input;
  // Lines mean nothing here: the whole text is one right-hand side.
  TokenStream stream(text, tokens, {0, tokens.size() - 1}, diagnostics);
  try {
    input.uncertain = stream.accept(TokenKind::tilde);
    input.value = input.uncertain ? parse_distribution(stream) : parse_expression(stream);
    stream.accept(TokenKind::semicolon);
    expect_statement_end(stream);
    input.range = join(tokens.front().range, stream.last().range);
  } catch (const StatementRefused&) {
    // The caller sees the errors; the statement is only to be used without any.
  }
  return input;
}

}  // namespace sim
