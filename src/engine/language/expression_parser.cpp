/*
 * expression_parser.cpp -- operator precedence by climbing.
 *
 * Nodes are appended when they are complete, so operands stand before the node that uses them and
 * the root is the last. `between`, `in` and `case x when` use an operand several times: its node is
 * then shared.
 */
#include "language/expression_parser.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "language/expression_builder.hpp"
#include "language/index_parser.hpp"
#include "language/names.hpp"
#include "language/operators.hpp"
#include "language/parser.hpp"

namespace sim {

namespace {

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& stream) : stream_(stream) {}

  Expression parse() {
    const Operand root = parse_whole();
    return builder_.finish(root);
  }

 private:
  /* Counts a level of nesting for as long as it lives. */
  class Level {
   public:
    explicit Level(ExpressionParser& parser) : parser_(parser) {
      if (++parser_.nesting_ <= kMaxNesting) return;
      parser_.stream_.fail(parser_.stream_.peek().range,
                           "formula nests deeper than " + std::to_string(kMaxNesting) + " levels",
                           "Give a part of it a name of its own.");
    }
    ~Level() { --parser_.nesting_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ExpressionParser& parser_;
  };

  /* What stands in brackets, between commas, or as a whole formula. */
  Operand parse_whole() {
    const bool outer = std::exchange(in_lower_bound_, false);
    const Operand operand = parse_operators(Binding::logical_or);
    in_lower_bound_ = outer;
    return operand;
  }

  /* Operands joined by operators that hold at least as strongly as `weakest`. */
  Operand parse_operators(Binding weakest) {
    Operand left = parse_operand();
    while (true) {
      if (at_membership()) {
        if (in_lower_bound_ || weakest > Binding::membership) return left;
        left = parse_membership(left);
        continue;
      }
      const BinaryOperator next = binary_operator(stream_.peek());
      if (next.binding == Binding::none || next.binding < weakest) return left;
      stream_.take();
      const Operand right = parse_operators(tighter(next.binding));
      left = builder_.add_operation(next.operation, {left.node, right.node},
                                    join(left.range, right.range));
      if (next.binding == Binding::comparison) refuse_chained_comparison();
    }
  }

  void refuse_chained_comparison() {
    if (binary_operator(stream_.peek()).binding != Binding::comparison) return;
    stream_.fail(stream_.peek().range, "comparisons do not chain",
                 "Write a < b and b < c, or x between a and c.");
  }

  bool at_membership() const {
    const Token& word = stream_.at_word("not") ? stream_.peek(1) : stream_.peek();
    return word.is_word("between") || word.is_word("in");
  }

  /* left [not] between a and b, left [not] in (a, b, ...). */
  Operand parse_membership(Operand left) {
    const bool negated = stream_.accept_word("not");
    const bool is_between = stream_.take().is_word("between");
    Operand result = is_between ? parse_between(left) : parse_in(left);
    if (negated)
      result = builder_.add_operation(Operation::logical_not, {result.node}, result.range);
    if (at_membership()) {
      stream_.fail(stream_.peek().range, "\"between\" and \"in\" do not chain",
                   "Use brackets to say what is meant.");
    }
    return result;
  }

  /* The lower bound takes no and/or/not/between/in without brackets, as in PostgreSQL. */
  Operand parse_between(Operand left) {
    const bool outer = std::exchange(in_lower_bound_, true);
    const Operand low = parse_operators(Binding::comparison);
    in_lower_bound_ = outer;
    stream_.expect_word("and", "An interval is written x between low and high.");
    const Operand high = parse_operators(Binding::sum);
    const SourceRange range = join(left.range, high.range);
    const Operand above = builder_.add_operation(Operation::greater_equal, {left.node, low.node},
                                                 join(left.range, low.range));
    const Operand below =
        builder_.add_operation(Operation::less_equal, {left.node, high.node}, range);
    return builder_.add_operation(Operation::logical_and, {above.node, below.node}, range);
  }

  Operand parse_in(Operand left) {
    const Token& opening =
        stream_.expect(TokenKind::left_parenthesis, "\"(\"", "A list is written x in (1, 2, 3).");
    const Level level(*this);
    Operand result{0, left.range};
    bool is_first = true;
    do {
      const Operand element = parse_whole();
      const SourceRange range = join(left.range, element.range);
      const Operand equal =
          builder_.add_operation(Operation::equal, {left.node, element.node}, range);
      result = is_first ? equal
                        : builder_.add_operation(Operation::logical_or, {result.node, equal.node},
                                                 range);
      is_first = false;
    } while (stream_.accept(TokenKind::comma));
    stream_.expect_closing(TokenKind::right_parenthesis, "\",\" or \")\"", opening);
    result.range = stream_.since(left.range);
    builder_.set_range(result);
    return result;
  }

  Operand parse_operand() {
    const Token& token = stream_.peek();
    const bool is_not = token.is_word("not");
    const bool is_sign = token.kind == TokenKind::minus || token.kind == TokenKind::plus;
    if (!is_sign && !(is_not && !in_lower_bound_)) return parse_primary();
    const Level level(*this);
    stream_.take();
    const Operand operand = is_not ? parse_operators(Binding::logical_not) : parse_operand();
    const SourceRange range = join(token.range, operand.range);
    if (token.kind == TokenKind::plus) return {operand.node, range};
    const Operation operation = is_not ? Operation::logical_not : Operation::negate;
    return builder_.add_operation(operation, {operand.node}, range);
  }

  Operand parse_primary() {
    const Token& token = stream_.peek();
    switch (token.kind) {
      case TokenKind::number:
        stream_.take();
        return builder_.add_number(token.number, token.range);
      case TokenKind::left_parenthesis:
        return parse_bracket();
      case TokenKind::name:
        return parse_word();
      case TokenKind::quoted_name:
        return parse_name();
      case TokenKind::text:
        stream_.fail(token.range, "a formula holds no text",
                     "Every value of a model is a number; a name is written in double quotes.");
      default:
        stream_.fail_expected("an expression");
    }
  }

  Operand parse_bracket() {
    const Level level(*this);
    const Token& opening = stream_.take();
    const Operand operand = parse_whole();
    stream_.expect_closing(TokenKind::right_parenthesis, "\")\"", opening);
    return {operand.node, stream_.since(opening)};
  }

  Operand parse_word() {
    const Token& token = stream_.peek();
    if (token.text == "true" || token.text == "false") {
      stream_.take();
      return builder_.add_number(token.text == "true" ? 1 : 0, token.range);
    }
    if (token.text == "case") return parse_case();
    if (token.text == "if") return parse_if();
    if (token.text == "null") {
      stream_.fail(token.range, "a model knows no NULL", "Every value of a model is a number.");
    }
    if (is_operator_word(token.text)) refuse_operator_word(token);
    if (token.text == "t") return parse_time();
    if (is_reserved_name(token.text)) refuse_reserved_name(token);
    return parse_name();
  }

  [[noreturn]] void refuse_operator_word(const Token& token) {
    const bool is_not = token.text == "not";  // only where a lower bound is read
    stream_.fail_expected("an expression",
                          is_not ? "Put \"not\" and its operand in brackets here." : "");
  }

  [[noreturn]] void refuse_reserved_name(const Token& token) {
    std::string hint;
    if (token.text == "step") hint = "The number of the step is t.";
    if (token.text == "last") hint = "The value at the last step is x[last].";
    stream_.fail(token.range, in_quotes(token.text) + " is a reserved word", std::move(hint));
  }

  Operand parse_time() {
    const Token& token = stream_.take();
    if (stream_.at(TokenKind::left_bracket) || stream_.at(TokenKind::left_parenthesis) ||
        stream_.at(TokenKind::dot)) {
      stream_.fail(token.range, "\"t\" is a reserved word", "t is the number of the step.");
    }
    Node node;
    node.kind = NodeKind::time;
    node.range = token.range;
    return builder_.add(std::move(node));
  }

  /* A variable, a column of a data block, or a call. */
  Operand parse_name() {
    const Token& token = stream_.take();
    if (stream_.at(TokenKind::left_parenthesis)) return parse_call(token);
    Node node;
    node.kind = NodeKind::variable;
    node.name = token.text;
    if (stream_.at(TokenKind::left_bracket)) node.index = parse_index(stream_);
    if (node.index.kind == IndexKind::none && stream_.accept(TokenKind::dot)) {
      node.kind = NodeKind::column;
      node.qualifier = std::exchange(node.name, parse_column_name());
    }
    node.range = stream_.since(token);
    refuse_after_name(node.kind);
    return builder_.add(std::move(node));
  }

  /* Any word may name a column: behind a dot it can be nothing else. */
  std::string parse_column_name() {
    if (!stream_.peek().is_name()) {
      stream_.fail_expected("the name of a column", "A column is written data.column.");
    }
    return stream_.take().text;
  }

  void refuse_after_name(NodeKind kind) {
    const Token& next = stream_.peek();
    if (next.kind == TokenKind::left_bracket) {
      stream_.fail(next.range, kind == NodeKind::column ? "a column takes no index"
                                                        : "a name has only one index");
    }
    if (next.kind == TokenKind::dot) {
      stream_.fail(next.range, "unexpected \".\"", "A column is written data.column.");
    }
  }

  Operand parse_call(const Token& name) {
    const Level level(*this);
    Node node;
    node.kind = NodeKind::call;
    node.name = name.text;
    const Token& opening = stream_.take();
    if (!stream_.at(TokenKind::right_parenthesis)) {
      do {
        parse_argument(node);
      } while (stream_.accept(TokenKind::comma));
    }
    stream_.expect_closing(TokenKind::right_parenthesis, "\",\" or \")\"", opening);
    node.range = stream_.since(name);
    return builder_.add(std::move(node));
  }

  void parse_argument(Node& call) {
    const Token& token = stream_.peek();
    if (!token.is_name() || stream_.peek(1).kind != TokenKind::arrow) {
      if (!call.named.empty()) {
        stream_.fail(token.range, "an argument without name follows one with a name",
                     "Named arguments stand last.");
      }
      call.arguments.push_back(parse_whole().node);
      return;
    }
    stream_.take();
    stream_.take();
    const bool is_repeated =
        std::any_of(call.named.begin(), call.named.end(),
                    [&](const NamedArgument& other) { return other.name == token.text; });
    if (is_repeated) {
      stream_.fail(token.range, "argument \"" + token.text + "\" is given twice");
    }
    call.named.push_back({token.text, parse_whole().node});
  }

  /* if(condition, a, b) is an operation, not a call: it is part of the language like case. */
  Operand parse_if() {
    const Level level(*this);
    const Token& word = stream_.take();
    const Token& opening = stream_.expect(TokenKind::left_parenthesis, "\"(\"",
                                          "A choice is written if(condition, a, b).");
    std::vector<std::uint32_t> operands;
    do {
      operands.push_back(parse_whole().node);
    } while (stream_.accept(TokenKind::comma));
    stream_.expect_closing(TokenKind::right_parenthesis, "\",\" or \")\"", opening);
    if (operands.size() != 3) {
      stream_.fail(stream_.since(word),
                   "if(condition, a, b) takes 3 values, found " + std::to_string(operands.size()));
    }
    return builder_.add_operation(Operation::select, std::move(operands), stream_.since(word));
  }

  struct Branch {
    std::uint32_t condition;
    std::uint32_t value;
  };

  /* Nested selections, built from the last branch to the first. */
  Operand parse_case() {
    const Level level(*this);
    const Token& word = stream_.take();
    const bool has_subject = !stream_.at_word("when");
    const Operand subject = has_subject ? parse_whole() : Operand{0, word.range};
    if (!stream_.at_word("when")) stream_.fail_expected("\"when\"");
    std::vector<Branch> branches;
    while (stream_.accept_word("when")) {
      branches.push_back(parse_branch(has_subject, subject));
    }
    expect_else();
    Operand result = parse_whole();
    stream_.expect_word("end", "A case ends with \"end\".");
    const SourceRange range = stream_.since(word);
    for (std::size_t i = branches.size(); i-- > 0;) {
      result = builder_.add_operation(
          Operation::select, {branches[i].condition, branches[i].value, result.node}, range);
    }
    return result;
  }

  Branch parse_branch(bool has_subject, Operand subject) {
    Operand condition = parse_whole();
    if (has_subject) {
      condition =
          builder_.add_operation(Operation::equal, {subject.node, condition.node}, condition.range);
    }
    stream_.expect_word("then");
    return {condition.node, parse_whole().node};
  }

  void expect_else() {
    if (stream_.accept_word("else")) return;
    if (stream_.at_word("end")) {
      stream_.fail_expected("\"when\" or \"else\"",
                            "A case needs an \"else\": without it there would be no value where no "
                            "condition holds, and a model knows no NULL.");
    }
    stream_.fail_expected("\"when\" or \"else\"");
  }

  TokenStream& stream_;
  ExpressionBuilder builder_;
  int nesting_ = 0;
  bool in_lower_bound_ = false;
};

}  // namespace

Expression parse_expression(TokenStream& stream) { return ExpressionParser(stream).parse(); }

}  // namespace sim
