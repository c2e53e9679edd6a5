/*
 * output_parser.cpp -- output statements.
 *
 *   output a, b[t] every 12        names defined elsewhere
 *   output x = expression          a formula that is also reported
 *   output x[t] = expression every 12
 */
#include <optional>
#include <string>
#include <utility>

#include "language/expression_parser.hpp"
#include "language/index_parser.hpp"
#include "language/statement_parser.hpp"
#include "language/statement_parts.hpp"

namespace sim {

namespace {

constexpr std::string_view kTargetHint =
    "An output is x or x[t]; other values get a name: output end_value = x[last].";

/* The clauses behind an item: every n, unit, description, in any order. */
struct Clauses {
  std::optional<std::int64_t> every;
  SourceRange every_range;
  Annotations annotations;
};

class OutputParser {
 public:
  OutputParser(TokenStream& stream, std::vector<Statement>& statements)
      : stream_(stream), statements_(statements) {}

  void parse() {
    const Token& word = stream_.last();
    const Target target = parse_output_target();
    if (stream_.at(TokenKind::equal)) {
      statements_.emplace_back(parse_formula(word, target));
      return;
    }
    add_item(target);
    while (stream_.accept(TokenKind::comma)) {
      if (!items_.back().output.timed) refuse_every(items_.back().clauses);
      add_item(parse_output_target());
    }
    refuse_rest();
    finish_items();
  }

 private:
  struct Item {
    OutputStatement output;
    Clauses clauses;
  };

  Target parse_output_target() {
    refuse_call();
    return parse_timed_target(stream_, "the name of an output", std::string(kTargetHint));
  }

  void refuse_call() {
    const bool is_call =
        stream_.peek().is_name() && stream_.peek(1).kind == TokenKind::left_parenthesis;
    if (!is_call) return;
    stream_.fail(stream_.peek().range, "an output needs a name",
                 "Write output total = " + stream_.peek().text + "(...).");
  }

  FormulaStatement parse_formula(const Token& word, const Target& target) {
    stream_.take();
    FormulaStatement formula;
    formula.name = target.name;
    formula.kind = target.kind;
    formula.name_range = target.name_range;
    formula.is_output = true;
    formula.value = parse_expression(stream_);
    Clauses clauses = parse_clauses();
    if (target.kind != TargetKind::rule) refuse_every(clauses);
    formula.every = clauses.every.value_or(1);
    formula.annotations = std::move(clauses.annotations);
    if (stream_.at(TokenKind::comma)) {
      stream_.fail_expected("end of line", "Each formula has an output line of its own.");
    }
    expect_statement_end(stream_);
    formula.range = stream_.since(word);
    return formula;
  }

  void add_item(const Target& target) {
    Item item;
    item.output.name = target.name;
    item.output.timed = target.kind == TargetKind::rule;
    item.output.range = target.range;
    item.clauses = parse_clauses();
    item.output.annotations = std::move(item.clauses.annotations);
    items_.push_back(std::move(item));
  }

  Clauses parse_clauses() {
    Clauses clauses;
    AnnotationParser annotations(stream_);
    while (accept_every(clauses) || annotations.accept()) continue;
    clauses.annotations = annotations.take();
    return clauses;
  }

  bool accept_every(Clauses& clauses) {
    if (!stream_.at_word("every")) return false;
    const Token& word = stream_.take();
    if (clauses.every.has_value()) stream_.fail(word.range, "\"every\" is given twice");
    clauses.every = parse_whole_number(stream_, "the number of steps", 1);
    clauses.every_range = stream_.since(word);
    return true;
  }

  void refuse_every(const Clauses& clauses) {
    if (!clauses.every.has_value()) return;
    stream_.fail(clauses.every_range, "\"every\" needs an output with [t]",
                 "Write output x[t] every 12.");
  }

  bool has_timed_item() const {
    for (const Item& item : items_) {
      if (item.output.timed) return true;
    }
    return false;
  }

  void refuse_rest() {
    if (stream_.at_end()) return;
    const Token& found = stream_.peek();
    std::string hint;
    if (found.kind == TokenKind::tilde) {
      hint = "An uncertain value is an input; report it with output x.";
    } else if (!found.is_name()) {
      hint = "An expression gets a name: output total = a + b.";
    }
    stream_.fail_expected("\",\" or end of line", std::move(hint));
  }

  /* `every` of the last item holds for all timed items of the line that have none of their own. */
  void finish_items() {
    const Clauses last = items_.back().clauses;
    if (!has_timed_item()) refuse_every(last);
    for (Item& item : items_) {
      const std::int64_t shared = last.every.value_or(1);
      if (item.output.timed) item.output.every = item.clauses.every.value_or(shared);
      statements_.emplace_back(std::move(item.output));
    }
  }

  TokenStream& stream_;
  std::vector<Statement>& statements_;
  std::vector<Item> items_;
};

}  // namespace

void parse_output(TokenStream& stream, std::vector<Statement>& statements) {
  OutputParser(stream, statements).parse();
}

}  // namespace sim
