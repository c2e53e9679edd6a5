/*
 * solve_parser.cpp -- solve statements.
 *
 *   solve tolerance 1e-9 iterations 100 method auto damping 0.5      how loops are solved
 *   solve x = 5                                                      where the iteration for x
 * starts
 */
#include <array>
#include <string>

#include "language/expression_parser.hpp"
#include "language/names.hpp"
#include "language/statement_parser.hpp"
#include "language/statement_parts.hpp"

namespace sim {

namespace {

constexpr std::int64_t kMostIterations = 1'000'000;

constexpr std::array<SolveMethod, 5> kMethods = {SolveMethod::automatic, SolveMethod::direct,
                                                 SolveMethod::newton, SolveMethod::gauss_seidel,
                                                 SolveMethod::jacobi};

class SolveParser {
 public:
  explicit SolveParser(TokenStream& stream) : stream_(stream) {}

  SolveStatement parse() {
    const Token& word = stream_.last();
    do {
      parse_option();
    } while (!stream_.at_end());
    solve_.range = stream_.since(word);
    return solve_;
  }

 private:
  void parse_option() {
    const Token& word = stream_.peek();
    if (stream_.accept_word("tolerance")) {
      refuse_repeated(solve_.tolerance.has_value(), word);
      solve_.tolerance = parse_tolerance();
    } else if (stream_.accept_word("iterations")) {
      refuse_repeated(solve_.iterations.has_value(), word);
      solve_.iterations = parse_iterations();
    } else if (stream_.accept_word("method")) {
      refuse_repeated(solve_.method.has_value(), word);
      solve_.method = parse_method();
    } else if (stream_.accept_word("damping")) {
      refuse_repeated(solve_.damping.has_value(), word);
      solve_.damping = parse_damping();
    } else {
      refuse_option(word);
    }
  }

  [[noreturn]] void refuse_option(const Token& word) {
    const std::string nearest =
        word.is_name() ? nearest_name(word.text, {"tolerance", "iterations", "method", "damping"})
                       : std::string();
    stream_.fail_expected("tolerance, iterations, method, damping or a start value such as x = 5",
                          nearest.empty() ? nearest : "Did you mean \"" + nearest + "\"?");
  }

  void refuse_repeated(bool is_repeated, const Token& word) {
    if (is_repeated) stream_.fail(word.range, in_quotes(word.text) + " is given twice");
  }

  struct SignedNumber {
    double value;
    SourceRange range;
    std::string shown;
  };

  /* The sign is read too, so that the error can say the value. */
  SignedNumber parse_number() {
    const Token& first = stream_.peek();
    const bool is_negative = stream_.accept(TokenKind::minus);
    const Token& number = stream_.expect(TokenKind::number, "a number");
    const std::string digits = stream_.describe(number);
    std::string shown(is_negative ? 1 : 0, '-');
    shown.append(digits, 1, digits.size() - 2);
    return {is_negative ? -number.number : number.number, stream_.since(first), shown};
  }

  double parse_tolerance() {
    const SignedNumber number = parse_number();
    if (!(number.value > 0)) {
      stream_.report(number.range, "tolerance must be greater than 0, is " + number.shown);
    }
    return number.value;
  }

  std::int64_t parse_iterations() {
    const SignedNumber number = parse_number();
    const bool is_good =
        number.value >= 1 && number.value <= kMostIterations &&
        number.value == static_cast<double>(static_cast<std::int64_t>(number.value));
    if (is_good) return static_cast<std::int64_t>(number.value);
    stream_.report(number.range, "iterations must be a whole number from 1 to " +
                                     std::to_string(kMostIterations) + ", is " + number.shown);
    return 1;
  }

  double parse_damping() {
    const SignedNumber number = parse_number();
    if (!(number.value > 0 && number.value <= 1)) {
      stream_.report(number.range,
                     "damping must be greater than 0 and at most 1, is " + number.shown);
    }
    return number.value;
  }

  SolveMethod parse_method() {
    const std::string hint = "Methods are auto, direct, newton, gauss_seidel and jacobi.";
    const Token& word = stream_.peek();
    if (!word.is_name()) stream_.fail_expected("the name of a method", hint);
    for (const SolveMethod method : kMethods) {
      if (word.text != method_name(method)) continue;
      stream_.take();
      return method;
    }
    stream_.fail(word.range, "unknown method " + stream_.describe(word), hint);
  }

  TokenStream& stream_;
  SolveStatement solve_;
};

StartValueStatement parse_start_value(TokenStream& stream) {
  const Token& word = stream.last();
  StartValueStatement start;
  const Token& name = parse_defined_name(stream, "a name");
  start.name = name.text;
  if (stream.at(TokenKind::left_bracket)) {
    stream.fail_expected("\"=\"", "A start value holds at every step: solve x = 5.");
  }
  stream.expect(TokenKind::equal, "\"=\"");
  start.value = parse_expression(stream);
  expect_statement_end(stream);
  start.range = stream.since(word);
  return start;
}

}  // namespace

Statement parse_solve(TokenStream& stream) {
  const TokenKind next = stream.peek(1).kind;
  const bool is_start_value =
      stream.peek().is_name() && (next == TokenKind::equal || next == TokenKind::left_bracket);
  if (is_start_value) return parse_start_value(stream);
  return SolveParser(stream).parse();
}

}  // namespace sim
