/*
 * names.hpp -- the words a name may not be, and the letters it may have.
 *
 * `fold_name` (parser.hpp) and `nearest_name` (diagnostics.hpp) are defined beside these.
 */
#pragma once

#include <string>
#include <string_view>

namespace sim {

/* As in PostgreSQL; but a longer name is an error, since a name cut short would silently be another
 * name. */
inline constexpr std::size_t kMaxNameLength = 63;

/* Lower case for the ASCII letters, all other bytes as they are. */
std::string fold_letters(std::string_view text);

/* The text in double quotes, as errors show it. */
std::string in_quotes(std::string_view text);

/* t, trial, step, scenario, last, base: never the name of anything a model defines, quoted or not.
 */
bool is_reserved_name(std::string_view name);

/* and, or, not, between, in, case, when, then, else, end, if, true, false, null: names only in
 * double quotes. */
bool is_operator_word(std::string_view name);

/* input, output, data, steps, function, solve, correlate: they begin a statement at the start of a
 * line. */
bool is_statement_word(std::string_view name);

}  // namespace sim
