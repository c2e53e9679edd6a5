/*
 * expression_parser.hpp -- formulas.
 *
 * Operators and precedence are PostgreSQL's, highest first:
 *
 *   + -                 before one operand
 *   ^                   from left to right
 *   * / %               from left to right
 *   + -                 from left to right
 *   between  in         do not chain
 *   < > = <= >= <> !=   do not chain
 *   not
 *   and
 *   or
 *
 * The parser recurses into brackets and prefix operators, at most kMaxNesting deep; chains of
 * operators are loops.
 */
#pragma once

#include "language/syntax.hpp"
#include "language/token_stream.hpp"

namespace sim {

/*
 * Reads the longest expression that begins here and leaves the stream behind it.
 * Throws: StatementRefused, once the error is reported.
 */
Expression parse_expression(TokenStream& stream);

}  // namespace sim
