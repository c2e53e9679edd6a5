/*
 * statement_parts.hpp -- what several kinds of statement have in common: names, targets, units and
 * descriptions.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/syntax.hpp"
#include "language/token_stream.hpp"

namespace sim {

/* What stands left of "=" or "~": x, x[0] or x[t]. */
struct Target {
  std::string name;
  TargetKind kind = TargetKind::scalar;
  std::int64_t start_step = 0;
  SourceRange name_range;
  SourceRange range;  // with the index
};

/*
 * Reads a name that a statement may define or mention; `what` says of what: "the name of the
 * input". Reserved names are refused, in double quotes too: they would clash with columns of
 * results. Throws: StatementRefused.
 */
const Token& parse_defined_name(TokenStream& stream, std::string_view what);

/* A name with an optional index. Throws: StatementRefused, with a hint for x[t-1], x[last] and
 * their like. */
Target parse_target(TokenStream& stream, std::string_view what);

/* The same where only x and x[t] make sense; `hint` says what to write for others. */
Target parse_timed_target(TokenStream& stream, std::string_view what, std::string hint);

/* Reads `unit 'EUR'` and 'description', each at most once, where one of them stands next; else
 * reads nothing. */
class AnnotationParser {
 public:
  explicit AnnotationParser(TokenStream& stream) : stream_(stream) {}

  /* True if something was read. Throws: StatementRefused. */
  bool accept();
  Annotations take() { return std::move(annotations_); }

 private:
  bool accept_unit();
  bool accept_description();

  TokenStream& stream_;
  Annotations annotations_;
  bool has_unit_ = false;
  bool has_description_ = false;
};

/* All annotations that stand here. */
Annotations parse_annotations(TokenStream& stream);

struct NameList {
  std::vector<std::string> names;
  std::vector<SourceRange> ranges;
};

/* `defined`: as parse_defined_name; `any`: reserved words and operator words too. */
enum class NameRule { defined, any };

/*
 * "(" name, name, ... ")"; a name given twice is reported, and reading goes on.
 * `what` is what is expected: "the name of a column".  Throws: StatementRefused.
 */
NameList parse_name_list(TokenStream& stream, std::string_view what, NameRule rule);

/* Refuses what is left of the statement, with a hint for what is probably meant. */
void expect_statement_end(TokenStream& stream);

}  // namespace sim
