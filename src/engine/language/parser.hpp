/*
 * parser.hpp -- from a model's text to its syntax tree.
 */
#pragma once

#include <string_view>

#include "language/diagnostics.hpp"
#include "language/syntax.hpp"

namespace sim {

/* How deep brackets, calls and prefix operators may nest. Chains such as a + b + c + ... have no
 * limit. */
inline constexpr int kMaxNesting = 200;

/*
 * Parses a whole model. Never throws for a bad text: what is wrong goes into `diagnostics`, parsing
 * goes on with the next statement, and statements that could not be read are left out of the tree.
 */
SyntaxTree parse_model(std::string_view source, Diagnostics& diagnostics);

/*
 * The right-hand side of an override: an expression (`x * 1.1`) or, beginning with ~, a
 * distribution. Gives an input statement with one untimed target of that name.  Wrong text goes
 * into `diagnostics`.
 */
InputStatement parse_override(std::string_view name, std::string_view text,
                              Diagnostics& diagnostics);

/*
 * Folds a name as SQL does: unquoted to lower case (ASCII letters), "quoted" as it is without its
 * quotes. Used for the keys of overrides and the names in SQL calls.
 */
std::string fold_name(std::string_view name);

}  // namespace sim
