/*
 * diagnostics.hpp -- what is wrong with a model's text, said so that a person can mend it.
 *
 * Every stage that reads the text adds to one list and goes on where it can, so that all errors are
 * reported at once.
 */
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/* A piece of the text, in bytes from its start. */
struct SourceRange {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity;
  SourceRange range;
  std::string message;  // "unknown name \"enery\""
  std::string hint;     // "did you mean \"energy\"?"; may be empty
};

/* Line and column count from 1; columns count characters (UTF-8 code points), not bytes. */
struct Position {
  int line;
  int column;
};

Position position_of(std::string_view source, std::uint32_t offset);

class Diagnostics {
 public:
  void error(SourceRange range, std::string message, std::string hint = {});
  void warning(SourceRange range, std::string message, std::string hint = {});

  bool has_errors() const;
  int error_count() const;

  /* In the order of the text; of several at one place the first reported comes first. */
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> items_;
};

/*
 * The errors as one text for an error's detail: for each "line 6, column 22: message", the
 * offending line and carets under the range.  At most `limit` are shown, then "... and 12 more".
 */
std::string render_errors(const Diagnostics& diagnostics, std::string_view source, int limit = 20);

/* The candidate nearest to `name` by edit distance (transpositions count one), or empty when none
 * is near. Ties: first in order. */
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/* That, or where none is near the only candidate of which `name` is a part, or that is a part of
 * `name`; parts have three bytes at least. */
std::string likely_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace sim
