/*
 * input_parser.cpp -- input statements.
 *
 *   input name        = expression
 *   input name        ~ distribution
 *   input name[t]     ~ distribution
 *   input (a[t], b[t]) ~ distribution        a joint draw
 *
 * behind each, in any order: unit 'EUR'   range 0 to 10   'description'
 */
#include <algorithm>

#include "language/expression_parser.hpp"
#include "language/statement_parser.hpp"
#include "language/statement_parts.hpp"

namespace sim {

namespace {

constexpr std::string_view kValueHint =
    "An input has a default (input x = 100) or a distribution (input x ~ normal(100, 10)).";

class InputParser {
 public:
  explicit InputParser(TokenStream& stream) : stream_(stream) {}

  InputStatement parse() {
    const Token& word = stream_.last();
    refuse_outer();
    parse_targets();
    parse_value();
    parse_clauses();
    expect_statement_end(stream_);
    input_.range = stream_.since(word);
    return std::move(input_);
  }

 private:
  /* `input outer mu ~ ...`; an input may itself be called outer. */
  void refuse_outer() {
    const Token& word = stream_.peek();
    const TokenKind next = stream_.peek(1).kind;
    const bool marks_target = next == TokenKind::name || next == TokenKind::quoted_name ||
                              next == TokenKind::left_parenthesis;
    if (!word.is_word("outer") || !marks_target) return;
    stream_.fail(word.range, "outer uncertainty is not part of this version",
                 "Leave out \"outer\": every input is then drawn in every trial.");
  }

  void parse_targets() {
    if (!stream_.at(TokenKind::left_parenthesis)) {
      add_target();
      return;
    }
    const Token& opening = stream_.take();
    is_joint_ = true;
    do {
      add_target();
    } while (stream_.accept(TokenKind::comma));
    stream_.expect_closing(TokenKind::right_parenthesis, "\",\" or \")\"", opening);
    refuse_mixed_targets(stream_.since(opening));
  }

  void add_target() {
    const Target target =
        parse_timed_target(stream_, "the name of the input",
                           "An input is x, or x[t] when it has a value at each step 1..N.");
    input_.targets.push_back({target.name, target.kind == TargetKind::rule, target.range});
  }

  void refuse_mixed_targets(SourceRange range) {
    const auto timed = std::count_if(input_.targets.begin(), input_.targets.end(),
                                     [](const InputTarget& target) { return target.timed; });
    if (timed == 0 || timed == static_cast<std::ptrdiff_t>(input_.targets.size())) return;
    stream_.fail(range, "a joint draw has [t] behind all of its names or behind none");
  }

  void parse_value() {
    if (stream_.accept(TokenKind::tilde)) {
      input_.uncertain = true;
      input_.value = parse_distribution(stream_);
      return;
    }
    if (is_joint_)
      stream_.expect(TokenKind::tilde, "\"~\"",
                     "Several inputs are drawn together: input (a, b) ~ bootstrap(data).");
    stream_.expect(TokenKind::equal, "\"=\" or \"~\"", std::string(kValueHint));
    input_.value = parse_expression(stream_);
  }

  void parse_clauses() {
    AnnotationParser annotations(stream_);
    while (accept_range() || annotations.accept()) continue;
    input_.annotations = annotations.take();
  }

  bool accept_range() {
    if (!stream_.at_word("range")) return false;
    const Token& word = stream_.take();
    if (input_.range_low.has_value()) stream_.fail(word.range, "the range is given twice");
    input_.range_low = parse_expression(stream_);
    stream_.expect_word("to", "A range is written range 0 to 100.");
    input_.range_high = parse_expression(stream_);
    return true;
  }

  TokenStream& stream_;
  InputStatement input_;
  bool is_joint_ = false;
};

}  // namespace

InputStatement parse_input(TokenStream& stream) { return InputParser(stream).parse(); }

Expression parse_distribution(TokenStream& stream) {
  Expression value = parse_expression(stream);
  if (value.root().kind != NodeKind::call) {
    stream.fail(value.range, "expected a distribution such as normal(80, 12)",
                "Arithmetic with a draw is a formula of its own: input x ~ normal(0, 1), then y = "
                "2 * x.");
  }
  return value;
}

}  // namespace sim
