/*
 * definition_diff.hpp -- what one text of a model defines differently from another.
 *
 * Definitions are compared, not lines: comments, spacing, the spelling of numbers and the order of
 * definitions make no difference.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct DefinitionChange {
  std::string kind;      // "time", "data", "input", "formula", "output", "function", "solve"
  std::string name;      // what is defined; "a, b" for a joint draw, empty for steps and options
  std::string change;    // "added", "removed", "changed"
  std::string old_text;  // as written, one statement a line; empty when added
  std::string new_text;  // empty when removed
};

/* In the order of the new text, then what was removed in the order of the old one. Throws:
 * Error(invalid_model) for a text that cannot be read. */
std::vector<DefinitionChange> diff_definitions(std::string_view old_source,
                                               std::string_view new_source);

}  // namespace sim
