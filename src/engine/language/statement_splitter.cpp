/*
 * statement_splitter.cpp -- matching brackets first, then cutting at the ends of lines.
 */
#include "language/statement_splitter.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/control.hpp"
#include "language/names.hpp"

namespace sim {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

enum class Bracket : std::uint8_t { round, square, case_word };

struct BracketToken {
  Bracket bracket;
  bool opens;
};

std::optional<BracketToken> read_bracket(const std::vector<Token>& tokens, std::size_t i) {
  const Token& token = tokens[i];
  if (token.kind == TokenKind::left_parenthesis) return BracketToken{Bracket::round, true};
  if (token.kind == TokenKind::right_parenthesis) return BracketToken{Bracket::round, false};
  if (token.kind == TokenKind::left_bracket) return BracketToken{Bracket::square, true};
  if (token.kind == TokenKind::right_bracket) return BracketToken{Bracket::square, false};
  const bool is_column = i > 0 && tokens[i - 1].kind == TokenKind::dot;
  if (is_column) return {};
  if (token.is_word("case")) return BracketToken{Bracket::case_word, true};
  if (token.is_word("end")) return BracketToken{Bracket::case_word, false};
  return {};
}

bool ends_statement(const Token& token) {
  return token.kind == TokenKind::end || token.kind == TokenKind::semicolon ||
         begins_statement(token);
}

/* For every opening bracket the place of the one that closes it, or kNone. */
class BracketMatcher {
 public:
  explicit BracketMatcher(const std::vector<Token>& tokens)
      : tokens_(tokens), closing_(tokens.size(), kNone) {}

  std::vector<std::size_t> match() {
    Asking asking;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      asking.spend();
      if (ends_statement(tokens_[i])) forget();
      const std::optional<BracketToken> token = read_bracket(tokens_, i);
      if (!token.has_value()) continue;
      token->opens ? open(i, token->bracket) : close(i, token->bracket);
    }
    return std::move(closing_);
  }

 private:
  struct Open {
    std::size_t place;
    Bracket bracket;
  };

  int& open_count(Bracket bracket) { return open_counts_[static_cast<std::size_t>(bracket)]; }

  void forget() {
    open_.clear();
    open_counts_ = {};
  }

  void open(std::size_t place, Bracket bracket) {
    open_.push_back({place, bracket});
    ++open_count(bracket);
  }

  /* A bracket of another kind inside was never closed; one that closes nothing is left to the
   * parser. */
  void close(std::size_t place, Bracket bracket) {
    if (open_count(bracket) == 0) return;
    while (open_.back().bracket != bracket) {
      --open_count(open_.back().bracket);
      open_.pop_back();
    }
    closing_[open_.back().place] = place;
    --open_count(bracket);
    open_.pop_back();
  }

  const std::vector<Token>& tokens_;
  std::vector<std::size_t> closing_;
  std::vector<Open> open_;
  std::array<int, 3> open_counts_ = {};
};

bool continues_after(const Token& token) {
  switch (token.kind) {
    case TokenKind::plus:
    case TokenKind::minus:
    case TokenKind::star:
    case TokenKind::slash:
    case TokenKind::percent:
    case TokenKind::caret:
    case TokenKind::equal:
    case TokenKind::not_equal:
    case TokenKind::less:
    case TokenKind::less_equal:
    case TokenKind::greater:
    case TokenKind::greater_equal:
    case TokenKind::tilde:
    case TokenKind::comma:
    case TokenKind::arrow:
      return true;
    default:
      return token.is_word("and") || token.is_word("or") || token.is_word("not") ||
             token.is_word("between") || token.is_word("in");
  }
}

/* Every operator but those that may begin an operand (- and not), and the comma. */
bool continues_before(const Token& token) {
  if (token.kind == TokenKind::minus || token.kind == TokenKind::comma || token.is_word("not")) {
    return false;
  }
  return continues_after(token);
}

class Splitter {
 public:
  explicit Splitter(const std::vector<Token>& tokens)
      : tokens_(tokens), closing_(BracketMatcher(tokens).match()) {}

  std::vector<StatementSlice> split() {
    std::vector<StatementSlice> slices;
    Asking asking;
    for (std::size_t i = 0; tokens_[i].kind != TokenKind::end;) {
      if (tokens_[i].kind == TokenKind::semicolon) {
        ++i;
        continue;
      }
      const std::size_t end = find_end(i);
      slices.push_back({i, end});
      asking.spend(end - i);
      i = end;
    }
    return slices;
  }

 private:
  std::size_t find_end(std::size_t begin) const {
    std::size_t closed_until = begin;
    bool unclosed = false;
    std::size_t i = begin;
    do {
      const std::optional<BracketToken> token = read_bracket(tokens_, i);
      if (token.has_value() && token->opens) {
        if (closing_[i] != kNone) closed_until = std::max(closed_until, closing_[i]);
        if (closing_[i] == kNone && i >= closed_until) unclosed = true;
      }
      ++i;
    } while (!ends_before(i, closed_until, unclosed));
    return i;
  }

  bool ends_before(std::size_t i, std::size_t closed_until, bool unclosed) const {
    if (ends_statement(tokens_[i])) return true;
    if (!tokens_[i].starts_line || i <= closed_until) return false;
    // A definition is the only safe sign that the bracket was forgotten.
    if (unclosed) return looks_like_definition(tokens_, i);
    return !continues_after(tokens_[i - 1]) && !continues_before(tokens_[i]);
  }

  const std::vector<Token>& tokens_;
  std::vector<std::size_t> closing_;
};

}  // namespace

bool begins_statement(const Token& token) {
  return token.starts_line && token.kind == TokenKind::name && is_statement_word(token.text);
}

bool looks_like_definition(const std::vector<Token>& tokens, std::size_t i) {
  constexpr std::size_t kLongestIndex = 6;
  if (!tokens[i].is_name()) return false;
  std::size_t next = i + 1;
  if (tokens[next].kind == TokenKind::left_bracket) {
    const std::size_t limit = std::min(next + kLongestIndex, tokens.size() - 1);
    while (next < limit && tokens[next].kind != TokenKind::right_bracket) ++next;
    if (next == limit) return false;
    ++next;
  }
  return tokens[next].kind == TokenKind::equal || tokens[next].kind == TokenKind::tilde;
}

std::vector<StatementSlice> split_statements(const std::vector<Token>& tokens) {
  return Splitter(tokens).split();
}

}  // namespace sim
