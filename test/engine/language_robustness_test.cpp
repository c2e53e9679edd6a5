/*
 * language_robustness_test.cpp -- whatever the bytes, the parser ends, stays inside the text and
 * gives a sound tree.
 */
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "language_printing.hpp"

namespace sim::testing_language {
namespace {

constexpr std::string_view kModel = R"(
steps 480 month /* as /* nested */ here */
data market(stock, "Bond", inflation)
input start = 1000000 unit 'EUR' range 1e3 to 100000000 'what it''s worth'
input (s[t], b[t]) ~ bootstrap(market, block => 12); input c ~ discrete(1, .5, 2, .5)
function f(x, y) = x ^ -y + if(x > y and not x = 3, 1, 2)
w[0] = start
w[t] = max(0, w[t-1] - case t % 12 when 0 then c else f(s[t],
   b[t]) end) * (1 + s[t])
  + avg(w[1..12]) - sum(w[*]) / w[last-1]
q = w[last] not between 1 and 2 or w[last] in (1, 2, 3)
solve tolerance 1e-9 iterations 100 method auto
solve q = 5
output w[t], s[t] every 12
output ok = q <> 0 unit 'share'
)";

void expect_inside(SourceRange range, std::string_view source) {
  EXPECT_LE(static_cast<std::size_t>(range.offset) + range.length, source.size());
}

void expect_sound(const Expression& expression, std::string_view source) {
  ASSERT_FALSE(expression.nodes.empty());
  expect_inside(expression.range, source);
  for (std::size_t place = 0; place < expression.nodes.size(); ++place) {
    const Node& node = expression.nodes[place];
    expect_inside(node.range, source);
    for (const std::uint32_t argument : node.arguments) EXPECT_LT(argument, place);
    for (const NamedArgument& argument : node.named) EXPECT_LT(argument.node, place);
  }
}

struct SoundnessCheck {
  std::string_view source;

  void operator()(const StepsStatement& steps) const { expect_inside(steps.range, source); }
  void operator()(const DataStatement& data) const {
    expect_inside(data.range, source);
    EXPECT_EQ(data.columns.size(), data.column_ranges.size());
  }
  void operator()(const InputStatement& input) const {
    expect_inside(input.range, source);
    EXPECT_FALSE(input.targets.empty());
    EXPECT_EQ(input.range_low.has_value(), input.range_high.has_value());
    expect_sound(input.value, source);
    if (input.range_low.has_value()) expect_sound(*input.range_low, source);
    if (input.range_high.has_value()) expect_sound(*input.range_high, source);
  }
  void operator()(const FormulaStatement& formula) const {
    expect_inside(formula.range, source);
    expect_sound(formula.value, source);
    EXPECT_GE(formula.every, 1);
  }
  void operator()(const OutputStatement& output) const {
    expect_inside(output.range, source);
    EXPECT_GE(output.every, 1);
  }
  void operator()(const FunctionStatement& function) const {
    expect_inside(function.range, source);
    expect_sound(function.body, source);
  }
  void operator()(const SolveStatement& solve) const { expect_inside(solve.range, source); }
  void operator()(const StartValueStatement& start) const {
    expect_inside(start.range, source);
    expect_sound(start.value, source);
  }
};

void check(std::string_view source) {
  Diagnostics diagnostics;
  const SyntaxTree tree = parse_model(source, diagnostics);
  for (const Statement& statement : tree.statements) std::visit(SoundnessCheck{source}, statement);
  for (const Diagnostic& item : diagnostics.sorted()) {
    expect_inside(item.range, source);
    EXPECT_FALSE(item.message.empty());
  }
  render_errors(diagnostics, source);
  Diagnostics of_override;
  const InputStatement input = parse_override("x", source, of_override);
  if (!of_override.has_errors()) expect_sound(input.value, source);
}

/* xorshift64 by Marsaglia (2003): the same texts in every run. */
class Generator {
 public:
  std::size_t below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ % bound);
  }

 private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15u;
};

constexpr std::string_view kPieces[] = {
    "(",     ")",         "[",      "]",      "'",      "\"",      "/*",
    "*/",    "--",        "\n",     ";",      ",",      "=",       "~",
    "=>",    "..",        ".",      "-",      "^",      "case ",   " end ",
    " t ",   " not ",     " in ",   " and ",  " last ", "output ", "input ",
    "data ", " every ",   " unit ", "1e",     "9",      "\xC3",    "\xE2\x88\x92",
    "\x01",  " between ", " else ", " when ", "solve "};

std::string mutate(std::string text, Generator& generator) {
  for (std::size_t edits = 1 + generator.below(4); edits > 0; --edits) {
    const std::size_t place = generator.below(text.size());
    switch (generator.below(3)) {
      case 0:
        text.erase(place, 1 + generator.below(12));
        break;
      case 1:
        text.insert(place, kPieces[generator.below(std::size(kPieces))]);
        break;
      default:
        text[place] = static_cast<char>(generator.below(256));
    }
    if (text.empty()) text.assign(1, ' ');
  }
  return text;
}

TEST(Robustness, TheModelOfTheseTestsIsRight) { EXPECT_EQ(errors_of(kModel), ""); }

TEST(Robustness, EveryTruncatedModelGivesASoundTree) {
  for (std::size_t length = 0; length <= kModel.size(); ++length) check(kModel.substr(0, length));
  for (std::size_t start = 0; start < kModel.size(); ++start) check(kModel.substr(start));
}

TEST(Robustness, EveryMutatedModelGivesASoundTree) {
  Generator generator;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = mutate(std::string(kModel), generator);
    SCOPED_TRACE(text);
    check(text);
    if (HasFailure()) return;
  }
}

TEST(Robustness, RandomPiecesGiveASoundTree) {
  Generator generator;
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (std::size_t pieces = generator.below(60); pieces > 0; --pieces) {
      text += kPieces[generator.below(std::size(kPieces))];
      text += generator.below(2) == 0 ? "" : " x";
    }
    SCOPED_TRACE(text);
    check(text);
    if (HasFailure()) return;
  }
}

/* Quadratic work would take minutes here. */
TEST(Robustness, ThousandsOfStatementsTakeLinearTime) {
  std::string right, unclosed, cases;
  for (int i = 0; i < 50000; ++i) {
    const std::string name = std::string("x").append(std::to_string(i));
    right += name + " = a + b * (c - 1)\n";
    unclosed += name + " = (a + b\n";
    cases += name + " = case when (a\n";
  }
  EXPECT_EQ(errors_of(right), "");
  for (const std::string& text :
       {unclosed, cases, std::string(200000, '('), std::string(200000, ')')}) {
    Diagnostics diagnostics;
    EXPECT_TRUE(parse_model(text, diagnostics).statements.empty());
    EXPECT_GE(diagnostics.error_count(), 1);
  }
}

}  // namespace
}  // namespace sim::testing_language
