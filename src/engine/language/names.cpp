/*
 * names.cpp -- folding names, telling reserved words, finding the name that was probably meant.
 */
#include "language/names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "language/diagnostics.hpp"
#include "language/parser.hpp"

namespace sim {

namespace {

constexpr std::array<std::string_view, 6> kReservedNames = {"t",        "trial", "step",
                                                            "scenario", "last",  "base"};
constexpr std::array<std::string_view, 14> kOperatorWords = {
    "and",  "or",   "not", "between", "in",   "case",  "when",
    "then", "else", "end", "if",      "true", "false", "null"};
constexpr std::array<std::string_view, 7> kStatementWords = {
    "input", "output", "data", "steps", "function", "solve", "correlate"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/*
 * The edit distance that counts insertions, deletions, replacements and exchanges of neighbours as
 * one each (optimal string alignment, the restricted form of Damerau 1964).  Only three rows of the
 * table are kept.
 */
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1), last(to.size() + 1), row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool exchanged = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (exchanged) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[to.size()];
}

std::size_t length_difference(std::string_view a, std::string_view b) {
  return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

}  // namespace

std::string fold_letters(std::string_view text) {
  std::string folded(text);
  for (char& letter : folded) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return folded;
}

std::string in_quotes(std::string_view text) {
  std::string result(1, '"');
  result.append(text);
  result.push_back('"');
  return result;
}

bool is_reserved_name(std::string_view name) { return contains(kReservedNames, name); }
bool is_operator_word(std::string_view name) { return contains(kOperatorWords, name); }
bool is_statement_word(std::string_view name) { return contains(kStatementWords, name); }

std::string fold_name(std::string_view name) {
  const bool quoted = name.size() >= 2 && name.front() == '"' && name.back() == '"';
  if (!quoted) return fold_letters(name);
  std::string unquoted;
  const std::string_view inner = name.substr(1, name.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    unquoted += inner[i];
    if (inner[i] == '"' && i + 1 < inner.size() && inner[i + 1] == '"') ++i;
  }
  return unquoted;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  // Longer words are no names; comparing them would cost the square of their length.
  if (name.size() > 2 * kMaxNameLength) return {};
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  const std::string* best = nullptr;
  for (const std::string& candidate : candidates) {
    if (length_difference(name, candidate) >= best_distance) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = &candidate;
  }
  return best == nullptr ? std::string() : *best;
}

std::string likely_name(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLeastPart = 3;
  std::string likely = nearest_name(name, candidates);
  if (!likely.empty() || name.size() < kLeastPart) return likely;
  for (const std::string& candidate : candidates) {
    const bool alike =
        candidate.size() >= kLeastPart && (candidate.find(name) != std::string::npos ||
                                           name.find(candidate) != std::string_view::npos);
    if (!alike) continue;
    if (!likely.empty()) return {};
    likely = candidate;
  }
  return likely;
}

}  // namespace sim
