/*
 * language_diagnostics_test.cpp -- positions, carets and suggestions.
 */
#include "language/diagnostics.hpp"

#include <gtest/gtest.h>

namespace sim {
namespace {

std::string render_one(std::string_view source, SourceRange range) {
  Diagnostics diagnostics;
  diagnostics.error(range, "wrong");
  return render_errors(diagnostics, source);
}

TEST(Positions, CountLinesAndCharactersFromOne) {
  const std::string text = "ab\n\xC3\xA4\xC3\xB6x\r\ny\rz";
  EXPECT_EQ(position_of(text, 0).line, 1);
  EXPECT_EQ(position_of(text, 0).column, 1);
  EXPECT_EQ(position_of(text, 2).column, 3);
  EXPECT_EQ(position_of(text, 3).line, 2);
  EXPECT_EQ(position_of(text, 7).column, 3);
  EXPECT_EQ(position_of(text, 10).line, 3);
  EXPECT_EQ(position_of(text, 12).line, 4);
  EXPECT_EQ(position_of(text, 12).column, 1);
  EXPECT_EQ(position_of(text, 1000).column, 2);
}

TEST(RenderedErrors, ShowTheLineWithCarets) {
  const std::string text = "input energy = 1\n   co2 = 0.1 * enery + 2\n";
  Diagnostics diagnostics;
  diagnostics.error({32, 5}, "unknown name \"enery\"", "Did you mean \"energy\"?");
  EXPECT_EQ(render_errors(diagnostics, text),
            "line 2, column 16: unknown name \"enery\"\n"
            "  co2 = 0.1 * enery + 2\n"
            "              ^^^^^");
}

TEST(RenderedErrors, StandInTheOrderOfTheText) {
  const std::string text = "a\nb\nc";
  Diagnostics diagnostics;
  diagnostics.error({4, 1}, "third");
  diagnostics.warning({2, 1}, "only a warning");
  diagnostics.error({0, 1}, "first");
  diagnostics.error({0, 1}, "second");
  EXPECT_EQ(render_errors(diagnostics, text),
            "line 1, column 1: first\n  a\n  ^\n"
            "line 1, column 1: second\n  a\n  ^\n"
            "line 3, column 1: third\n  c\n  ^");
  EXPECT_EQ(diagnostics.error_count(), 3);
  EXPECT_EQ(diagnostics.sorted().size(), 4u);
}

TEST(RenderedErrors, AreCountedBeyondTheLimit) {
  Diagnostics diagnostics;
  for (int i = 0; i < 15; ++i) diagnostics.error({0, 1}, "wrong");
  EXPECT_EQ(render_errors(diagnostics, "x", 2),
            "line 1, column 1: wrong\n  x\n  ^\n"
            "line 1, column 1: wrong\n  x\n  ^\n"
            "... and 13 more");
  EXPECT_EQ(render_errors(Diagnostics(), "x"), "");
}

TEST(RenderedErrors, AlignCaretsBehindTabsAndUmlauts) {
  EXPECT_EQ(render_one("\t\xC3\xA4\tx", {4, 1}), "line 1, column 4: wrong\n  \xC3\xA4 x\n    ^");
}

TEST(RenderedErrors, ShowOneCaretAtTheEndOfALine) {
  EXPECT_EQ(render_one("x = \ny", {4, 0}), "line 1, column 5: wrong\n  x =\n      ^");
  EXPECT_EQ(render_one("", {0, 0}), "line 1, column 1: wrong\n\n  ^");
  EXPECT_EQ(render_one("ab", {900, 5}), "line 1, column 3: wrong\n  ab\n    ^");
}

TEST(RenderedErrors, ShowOnlyTheFirstLineOfALongRange) {
  EXPECT_EQ(render_one("x = (1\n+ 2)", {4, 7}), "line 1, column 5: wrong\n  x = (1\n      ^^");
}

TEST(RenderedErrors, CutLongLinesAroundThePlace) {
  const std::string before(300, 'a');
  const std::string after(300, 'b');
  EXPECT_EQ(render_one(before + "xyz" + after, {300, 3}),
            "line 1, column 301: wrong\n  ..." + std::string(40, 'a') + "xyz" +
                std::string(57, 'b') + "...\n  " + std::string(43, ' ') + "^^^");
  EXPECT_EQ(
      render_one("x" + after, {0, 300}),
      "line 1, column 1: wrong\n  x" + std::string(99, 'b') + "...\n  " + std::string(100, '^'));
}

TEST(RenderedErrors, HoldNoBytesThatAreNotUtf8) {
  EXPECT_EQ(render_one("a\xFF\x01z", {1, 1}), "line 1, column 2: wrong\n  a? z\n   ^");
}

TEST(NearestName, CountsEditsAndExchanges) {
  EXPECT_EQ(nearest_name("enery", {"entropy", "energy"}), "energy");
  EXPECT_EQ(nearest_name("enegry", {"energy"}), "energy");
  EXPECT_EQ(nearest_name("energies", {"energy"}), "");
  EXPECT_EQ(nearest_name("ab", {"ba"}), "ba");
  EXPECT_EQ(nearest_name("ab", {"cd"}), "");
  EXPECT_EQ(nearest_name("x", {"yy", "y", "z"}), "y");
  EXPECT_EQ(nearest_name("total_cost", {"totl_csot"}), "totl_csot");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(LikelyName, IsTheOnlyOneThatSharesAPartWhereNoneIsNear) {
  EXPECT_EQ(likely_name("gas_prize", {"gas", "gas_price"}), "gas_price");
  EXPECT_EQ(likely_name("gas", {"power_price", "gas_price"}), "gas_price");
  EXPECT_EQ(likely_name("price", {"power_price", "gas_price"}), "");
  EXPECT_EQ(likely_name("gas_price_in_euro", {"power_price", "gas_price"}), "gas_price");
  EXPECT_EQ(likely_name("ga", {"power_price", "gas_price"}), "");
  EXPECT_EQ(likely_name("demand_growth", {"de", "growth"}), "growth");
  EXPECT_EQ(likely_name("wind", {"power_price", "gas_price"}), "");
}

}  // namespace
}  // namespace sim
