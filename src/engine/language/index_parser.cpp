/*
 * index_parser.cpp -- indices of time.
 */
#include "language/index_parser.hpp"

#include <cmath>
#include <string>

namespace sim {

namespace {

constexpr std::string_view kIndexForms =
    "An index is t, t - 1, a step number, last, last - 1, *, or a range such as 1..12.";

class IndexParser {
 public:
  explicit IndexParser(TokenStream& stream) : stream_(stream) {}

  Index parse() {
    const Token& opening = stream_.take();
    const Index index = parse_content();
    if (stream_.at(TokenKind::comma)) {
      stream_.fail(stream_.peek().range, "a name has only one index, that of time",
                   "Indices such as x[product, t] are not part of this version.");
    }
    const bool continues = !stream_.at_end() && !stream_.at(TokenKind::right_bracket);
    if (continues) stream_.fail_expected("\"]\"", std::string(kIndexForms));
    stream_.expect_closing(TokenKind::right_bracket, "\"]\"", opening);
    return index;
  }

 private:
  Index parse_content() {
    Index index;
    if (stream_.accept(TokenKind::star)) {
      index.kind = IndexKind::all;
    } else if (stream_.at_word("t")) {
      index = parse_relative();
    } else if (stream_.accept_word("last")) {
      index.kind = IndexKind::from_last;
      if (stream_.accept(TokenKind::minus)) index.offset = parse_distance("last");
      refuse_range_from_last();
    } else if (stream_.at(TokenKind::number)) {
      index = parse_absolute();
    } else if (stream_.at(TokenKind::minus)) {
      stream_.fail(stream_.peek().range, "a step number is not negative",
                   "Steps count from 0; x[last - 1] counts from the end.");
    } else {
      stream_.fail_expected("an index of time", std::string(kIndexForms));
    }
    return index;
  }

  Index parse_relative() {
    const Token& first = stream_.take();
    Index index;
    index.kind = IndexKind::relative;
    if (stream_.at(TokenKind::plus)) refuse_future(first);
    if (stream_.accept(TokenKind::minus)) index.offset = parse_distance("t");
    if (stream_.at(TokenKind::dot_dot)) {
      stream_.fail(stream_.peek().range, "a range of steps cannot begin at t",
                   "A range has fixed ends: x[1..12] or x[1..last].");
    }
    return index;
  }

  [[noreturn]] void refuse_future(const Token& first) {
    stream_.take();
    if (stream_.at(TokenKind::number)) stream_.take();
    stream_.fail(stream_.since(first), "an index looks into the future",
                 "A formula can only look back: define x[t] from x[t-1], not x[t+1] from x[t].");
  }

  std::int64_t parse_distance(std::string_view origin) {
    if (!stream_.at(TokenKind::number)) {
      const std::string from(origin);
      stream_.fail_expected("a constant number of steps",
                            "In x[" + from + " - k], k is a number: x[" + from + " - 3].");
    }
    return parse_whole_number(stream_, "the number of steps", 0);
  }

  Index parse_absolute() {
    const SourceRange first = stream_.peek().range;
    Index index;
    index.kind = IndexKind::absolute;
    index.offset = parse_whole_number(stream_, "a step number", 0);
    if (!stream_.accept(TokenKind::dot_dot)) return index;
    index.kind = IndexKind::range;
    if (stream_.accept_word("last")) {
      index.to_last = true;
    } else if (stream_.at(TokenKind::number)) {
      index.end = parse_whole_number(stream_, "a step number", 0);
    } else {
      stream_.fail_expected("a step number or \"last\"", std::string(kIndexForms));
    }
    if (!index.to_last && index.end < index.offset) {
      stream_.fail(stream_.since(first), "the range of steps ends before it begins");
    }
    return index;
  }

  void refuse_range_from_last() {
    if (!stream_.at(TokenKind::dot_dot)) return;
    stream_.fail(stream_.peek().range, "a range of steps cannot begin at last",
                 "A range begins at a step number: x[1..last].");
  }

  TokenStream& stream_;
};

}  // namespace

Index parse_index(TokenStream& stream) { return IndexParser(stream).parse(); }

std::int64_t parse_whole_number(TokenStream& stream, std::string_view what, std::int64_t low) {
  if (!stream.at(TokenKind::number)) stream.fail_expected(what);
  const Token& token = stream.take();
  const double value = token.number;
  const bool good = value == std::floor(value) && value >= static_cast<double>(low) &&
                    value <= static_cast<double>(kHighestStep);
  if (!good) {
    stream.fail(token.range, std::string(what) + " is a whole number from " + std::to_string(low) +
                                 " to " + std::to_string(kHighestStep) + ", found " +
                                 stream.describe(token));
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace sim
