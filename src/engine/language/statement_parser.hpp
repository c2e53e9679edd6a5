/*
 * statement_parser.hpp -- one statement from its tokens.
 *
 * A statement word (input, output, data, ...) at its start decides what it is; everything else is a
 * formula.
 */
#pragma once

#include <vector>

#include "language/syntax.hpp"
#include "language/token_stream.hpp"

namespace sim {

/*
 * Reads the whole statement and appends what it says: an output line is a statement for each of its
 * items. Throws: StatementRefused; then nothing was appended.
 */
void parse_statement(TokenStream& stream, std::vector<Statement>& statements);

/* The kinds of statements; each is called behind its statement word and reads to the end. */
StepsStatement parse_steps(TokenStream& stream);
DataStatement parse_data(TokenStream& stream);
FunctionStatement parse_function(TokenStream& stream);
InputStatement parse_input(TokenStream& stream);
Statement parse_solve(TokenStream& stream);
void parse_output(TokenStream& stream, std::vector<Statement>& statements);

/* The expression behind "~": a call of a distribution. Throws: StatementRefused. */
Expression parse_distribution(TokenStream& stream);

}  // namespace sim
