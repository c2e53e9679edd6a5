/*
 * definition_diff.cpp -- statements of two texts, paired by what they define.
 */
#include "language/definition_diff.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <utility>
#include <variant>

#include "core/error.hpp"
#include "language/lexer.hpp"
#include "language/names.hpp"
#include "language/parser.hpp"

namespace sim {

namespace {

/* All statements that define one thing: start rules belong to the rule. */
struct Definition {
  std::string kind;
  std::string name;
  std::string text;
  std::vector<std::string> meanings;  // one a statement, sorted when complete
};

std::string number_word(double number) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  return std::string(digits, end);
}

/* Two tokens have the same word where they mean the same. */
std::string token_word(const Token& token) {
  switch (token.kind) {
    case TokenKind::name:
      return token.text;
    case TokenKind::quoted_name:
      return in_quotes(token.text);
    case TokenKind::text:
      return "'" + token.text + "'";
    case TokenKind::number:
      return number_word(token.number);
    default:
      return "#" + std::to_string(static_cast<int>(token.kind));
  }
}

/* What a text defines, in its order. */
class Definitions {
 public:
  explicit Definitions(std::string_view source)
      : source_(source), tokens_(read_tokens(source, lexing_)) {
    Diagnostics parsing;
    const SyntaxTree tree = parse_model(source, parsing);
    if (parsing.has_errors())
      throw Error(ErrorKind::invalid_model, "a text to compare has errors",
                  render_errors(parsing, source));
    for (const Statement& statement : tree.statements)
      std::visit([&](const auto& read) { add(read); }, statement);
    for (Definition& definition : all_)
      std::sort(definition.meanings.begin(), definition.meanings.end());
  }

  const std::vector<Definition>& all() const { return all_; }

  /* Null where there is none. */
  const Definition* find(const Definition& other) const {
    const auto found = places_.find({other.kind, other.name});
    return found == places_.end() ? nullptr : &all_[found->second];
  }

 private:
  void add(const StepsStatement& steps) { add("time", "", steps.range); }
  void add(const DataStatement& data) { add("data", data.name, data.range); }
  void add(const FormulaStatement& formula) { add("formula", formula.name, formula.range); }
  void add(const FunctionStatement& function) { add("function", function.name, function.range); }
  void add(const SolveStatement& solve) { add("solve", "", solve.range); }
  void add(const StartValueStatement& start) { add("solve", start.name, start.range); }

  void add(const InputStatement& input) {
    std::string names;
    for (const InputTarget& target : input.targets)
      names += (names.empty() ? "" : ", ") + target.name;
    add("input", names, input.range);
  }

  /* Several share a line, and the clause at its end: each is written anew. */
  void add(const OutputStatement& output) {
    std::string text = "output " + output.name + (output.timed ? "[t]" : "");
    if (output.every != 1) text += " every " + std::to_string(output.every);
    if (!output.annotations.unit.empty()) text += " unit '" + output.annotations.unit + "'";
    if (!output.annotations.description.empty())
      text += " '" + output.annotations.description + "'";
    add("output", output.name, text, text);
  }

  void add(std::string kind, std::string name, SourceRange range) {
    add(std::move(kind), std::move(name), std::string(source_.substr(range.offset, range.length)),
        meaning_of(range));
  }

  void add(std::string kind, std::string name, const std::string& text, std::string meaning) {
    const auto [place, is_new] = places_.try_emplace({kind, name}, all_.size());
    if (is_new) {
      all_.push_back({std::move(kind), std::move(name), text, {std::move(meaning)}});
      return;
    }
    Definition& same = all_[place->second];
    same.text += "\n" + text;
    same.meanings.push_back(std::move(meaning));
  }

  std::string meaning_of(SourceRange range) const {
    auto token = std::lower_bound(tokens_.begin(), tokens_.end(), range.offset,
                                  [](const Token& candidate, std::uint32_t offset) {
                                    return candidate.range.offset < offset;
                                  });
    std::string meaning;
    for (; token->kind != TokenKind::end && token->range.offset < end_of(range); ++token)
      meaning += token_word(*token) + " ";
    return meaning;
  }

  std::string_view source_;
  Diagnostics lexing_;
  std::vector<Token> tokens_;
  std::vector<Definition> all_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;
};

}  // namespace

std::vector<DefinitionChange> diff_definitions(std::string_view old_source,
                                               std::string_view new_source) {
  const Definitions before(old_source);
  const Definitions after(new_source);
  std::vector<DefinitionChange> changes;
  for (const Definition& definition : after.all()) {
    const Definition* old = before.find(definition);
    if (old == nullptr) {
      changes.push_back({definition.kind, definition.name, "added", "", definition.text});
    } else if (old->meanings != definition.meanings) {
      changes.push_back({definition.kind, definition.name, "changed", old->text, definition.text});
    }
  }
  for (const Definition& definition : before.all())
    if (after.find(definition) == nullptr)
      changes.push_back({definition.kind, definition.name, "removed", definition.text, ""});
  return changes;
}

}  // namespace sim
