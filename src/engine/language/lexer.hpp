/*
 * lexer.hpp -- from text to tokens, as SQL does it: identifiers, strings, comments and numbers.
 */
#pragma once

#include <string_view>
#include <vector>

#include "language/diagnostics.hpp"
#include "language/token.hpp"

namespace sim {

/*
 * The tokens of the text, the last one of kind `end`.  What cannot be read is reported and leaves a
 * token of kind `bad`.
 *
 * A text that is not UTF-8, holds a NUL byte or is too long for 32-bit offsets is reported and
 * gives no token but `end`: nothing read from it could be quoted in a message.
 */
std::vector<Token> read_tokens(std::string_view source, Diagnostics& diagnostics);

}  // namespace sim
