/*
 * experiment_damage.hpp -- texts as nobody would write them: models with bytes and tokens deleted,
 * doubled and swapped, and texts that are large, deep or no text at all.
 */
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiment_dice.hpp"
#include "experiment_whole_models.hpp"

namespace sim::testing {

class DamagedText {
 public:
  explicit DamagedText(std::uint64_t seed) : dice_(seed) {}

  std::string write() {
    if (dice_.one_in(8)) return strange(1 + dice_.below(20000));
    std::string text = WholeModel(dice_.below(100000)).text(1);
    for (std::size_t edits = dice_.one_in(3) ? 1 + dice_.below(4) : 1; edits > 0; --edits)
      text = dice_.one_in(6) ? with_other_bytes(std::move(text)) : with_other_tokens(text);
    return text;
  }

  /* About `size` bytes without any sense. */
  std::string strange(std::size_t size) {
    static const Names pieces = {
        "(",        "[",         "-",       "not ",    "case when ", "if(1,",     "f(",
        "x = ",     "1e999 ",    "9",       "\"",      "'",          "/*",        "--",
        "\xff",     "\xe2\x88",  "x[t-1]",  "sum(",    "x[*]",       "a",         "+",
        "1 + ",     "\n",        ";",       "a = a\n", "steps ",     "input x ~", "solve ",
        "output ",  "function ", "data d(", ", ",      "\x01",       "\xc3\xa9",  "x in (",
        "between ", "2 ^ ",      ")",       "]",       " end "};
    const std::string first = dice_.pick(Names{"", "x = ", "steps 3\nx[t] = ", "input x ~ "});
    std::string text = first;
    const bool binary = dice_.one_in(4);
    const std::string again = dice_.pick(pieces), other = dice_.pick(pieces);
    const bool alone = dice_.one_in(2);
    while (text.size() < size)
      if (binary)
        text += static_cast<char>(1 + dice_.below(255));
      else
        text += alone             ? again
                : dice_.one_in(2) ? again
                : dice_.one_in(3) ? dice_.pick(pieces)
                                  : other;
    return text;
  }

 private:
  static Names tokens_of(const std::string& text) {
    Names tokens;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at + 1;
      const auto in_word = [&](std::size_t place) {
        const auto c = static_cast<unsigned char>(text[place]);
        return std::isalnum(c) != 0 || c == '_' || c == '.';
      };
      if (in_word(at))
        while (end < text.size() && in_word(end)) ++end;
      tokens.push_back(text.substr(at, end - at));
      at = end;
    }
    return tokens;
  }

  /* Number, name, or the sign itself. */
  static char kind_of(const std::string& token) {
    const auto first = static_cast<unsigned char>(token[0]);
    if (std::isdigit(first) != 0) return '0';
    return std::isalpha(first) != 0 ? 'a' : token[0];
  }

  std::string with_other_tokens(const std::string& text) {
    Names tokens = tokens_of(text);
    if (tokens.empty()) return "x";
    const auto place = tokens.begin() + static_cast<std::ptrdiff_t>(dice_.below(tokens.size()));
    auto other = tokens.begin() + static_cast<std::ptrdiff_t>(dice_.below(tokens.size()));
    // Mostly of the same kind: what comes of it is more often a model.
    if (!dice_.one_in(4))
      for (std::size_t i = 0; i < tokens.size() && kind_of(*place) != kind_of(*other); ++i)
        if (++other == tokens.end()) other = tokens.begin();
    switch (dice_.below(7)) {
      case 0:
        tokens.erase(place);
        break;
      case 1:
        tokens.insert(place, std::string(*place));
        break;
      case 2:
        std::swap(*place, *other);
        break;
      case 3:
        *place = *other;
        break;
      case 4:
        tokens.insert(
            place, dice_.pick(Names{"[t]", "[0]", "[t-1]", "[last]", "[*]", "[1..2]", "-", "not ",
                                    "1e308", "1e-320", "99999999999999999999", std::string(64, 'n'),
                                    std::string(5000, 'n'), "0", "1"}));
        break;
      case 5:  // the same numbers and names in other places
        for (std::string& token : tokens)
          if (token == *other && dice_.one_in(2)) token = *place;
        break;
      default:
        tokens.erase(std::min(place, other),
                     std::min(std::max(place, other), std::min(place, other) + 12));
    }
    std::string made;
    for (const std::string& token : tokens) made += token;
    return made;
  }

  std::string with_other_bytes(std::string text) {
    if (text.empty()) return "\n";
    const std::size_t place = dice_.below(text.size());
    switch (dice_.below(4)) {
      case 0:
        text.erase(place, 1 + dice_.below(6));
        break;
      case 1:
        text[place] = static_cast<char>(1 + dice_.below(255));
        break;
      case 2:
        text.insert(place, text.substr(dice_.below(text.size()), 1 + dice_.below(40)));
        break;
      default:
        text.insert(place, 1, static_cast<char>(1 + dice_.below(255)));
    }
    return text;
  }

  Dice dice_;
};

}  // namespace sim::testing
