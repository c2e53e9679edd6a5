/*
 * statement_parts.cpp -- reading names, targets, units and descriptions.
 */
#include "language/statement_parts.hpp"

#include <algorithm>
#include <set>

#include "language/index_parser.hpp"
#include "language/names.hpp"

namespace sim {

namespace {

std::string reserved_hint(std::string_view name) {
  if (name == "t") return "t is the number of the step.";
  return "Reserved are t, trial, step, scenario, last and base.";
}

void refuse_repeated(TokenStream& stream, bool is_repeated, const Token& token,
                     std::string_view what) {
  if (is_repeated) stream.fail(token.range, std::string(what) + " is given twice");
}

std::string end_hint(const Token& found) {
  if (found.is_word("range")) return "Only an input has a range.";
  if (found.is_word("every")) return "Only an output with [t] is reported every so many steps.";
  if (found.is_word("is")) return "A model knows no NULL; compare with \"=\".";
  if (found.is_word("where")) return "A choice is written if(condition, a, b).";
  if (found.kind == TokenKind::tilde) {
    return "An uncertain value is an input of its own: input x ~ normal(0, 1).";
  }
  if (found.kind == TokenKind::left_parenthesis) return "A product is written with \"*\".";
  return {};
}

}  // namespace

const Token& parse_defined_name(TokenStream& stream, std::string_view what) {
  const Token& token = stream.peek();
  const bool is_operator = token.kind == TokenKind::name && is_operator_word(token.text);
  if (!token.is_name()) stream.fail_expected(what);
  if (is_operator) {
    stream.fail_expected(what, "As a name this word is written in double quotes.");
  }
  if (is_reserved_name(token.text)) {
    stream.fail(token.range, in_quotes(token.text) + " is a reserved word, not a name",
                reserved_hint(token.text));
  }
  return stream.take();
}

Target parse_target(TokenStream& stream, std::string_view what) {
  const Token& name = parse_defined_name(stream, what);
  Target target;
  target.name = name.text;
  target.name_range = name.range;
  target.range = name.range;
  if (!stream.at(TokenKind::left_bracket)) return target;
  const Token& bracket = stream.peek();
  const Index index = parse_index(stream);
  target.range = stream.since(name);
  if (index.kind == IndexKind::relative && index.offset == 0) {
    target.kind = TargetKind::rule;
  } else if (index.kind == IndexKind::absolute) {
    target.kind = TargetKind::start;
    target.start_step = index.offset;
  } else {
    stream.fail(stream.since(bracket), "this index cannot be defined",
                "A definition begins x = ..., x[0] = ... or x[t] = ...");
  }
  return target;
}

Target parse_timed_target(TokenStream& stream, std::string_view what, std::string hint) {
  const Token& name = parse_defined_name(stream, what);
  Target target;
  target.name = name.text;
  target.name_range = name.range;
  target.range = name.range;
  if (!stream.at(TokenKind::left_bracket)) return target;
  const Token& bracket = stream.peek();
  const Index index = parse_index(stream);
  target.kind = TargetKind::rule;
  target.range = stream.since(name);
  if (index.kind != IndexKind::relative || index.offset != 0) {
    stream.fail(stream.since(bracket), "only the index [t] can stand here", std::move(hint));
  }
  return target;
}

bool AnnotationParser::accept() { return accept_unit() || accept_description(); }

bool AnnotationParser::accept_unit() {
  if (!stream_.at_word("unit")) return false;
  const Token& word = stream_.take();
  refuse_repeated(stream_, has_unit_, word, "the unit");
  annotations_.unit =
      stream_.expect(TokenKind::text, "a text in quotes", "A unit is written unit 'EUR/t'.").text;
  has_unit_ = true;
  return true;
}

bool AnnotationParser::accept_description() {
  if (!stream_.at(TokenKind::text)) return false;
  const Token& text = stream_.take();
  refuse_repeated(stream_, has_description_, text, "the description");
  annotations_.description = text.text;
  has_description_ = true;
  return true;
}

Annotations parse_annotations(TokenStream& stream) {
  AnnotationParser parser(stream);
  while (parser.accept()) continue;
  return parser.take();
}

NameList parse_name_list(TokenStream& stream, std::string_view what, NameRule rule) {
  const Token& opening = stream.expect(TokenKind::left_parenthesis, "\"(\"");
  NameList list;
  std::set<std::string> known;
  do {
    if (rule == NameRule::any && !stream.peek().is_name()) stream.fail_expected(what);
    const Token& name = rule == NameRule::any ? stream.take() : parse_defined_name(stream, what);
    if (!known.insert(name.text).second) {
      stream.report(name.range, in_quotes(name.text) + " is given twice");
    }
    list.names.push_back(name.text);
    list.ranges.push_back(name.range);
  } while (stream.accept(TokenKind::comma));
  stream.expect_closing(TokenKind::right_parenthesis, "\",\" or \")\"", opening);
  return list;
}

void expect_statement_end(TokenStream& stream) {
  if (!stream.at_end()) stream.fail_expected("end of line", end_hint(stream.peek()));
}

}  // namespace sim
