/*
 * index_parser.hpp -- what stands in the square brackets behind a name.
 *
 *   x[t]  x[t - 3]  x[5]  x[last]  x[last - 2]  x[*]  x[1..12]  x[1..last]
 *
 * A comma in the brackets is kept free for indices other than time.
 */
#pragma once

#include <cstdint>

#include "language/syntax.hpp"
#include "language/token_stream.hpp"

namespace sim {

/* The highest step number a text may write. */
inline constexpr std::int64_t kHighestStep = 1'000'000'000;

/*
 * Reads from "[" to "]".
 * Requires: the next token is "[".  Throws: StatementRefused.
 */
Index parse_index(TokenStream& stream);

/*
 * A number without sign and fraction from `low` to kHighestStep, for `what` ("the number of
 * steps"). Throws: StatementRefused.
 */
std::int64_t parse_whole_number(TokenStream& stream, std::string_view what, std::int64_t low);

}  // namespace sim
