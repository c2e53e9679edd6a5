/*
 * language_definition_diff_test.cpp -- which differences of two texts are changes, and which are
 * none.
 */
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.hpp"
#include "language/definition_diff.hpp"

namespace sim {
namespace {

/* "changed input energy" and so on. */
std::vector<std::string> changes(std::string_view before, std::string_view after) {
  std::vector<std::string> lines;
  for (const DefinitionChange& change : diff_definitions(before, after))
    lines.push_back(change.change + " " + change.kind + " " + change.name);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(DefinitionDiff, EqualTextsHaveNone) {
  EXPECT_TRUE(changes("input a = 1\noutput b = a + 1", "input a = 1\noutput b = a + 1").empty());
}

TEST(DefinitionDiff, FormattingIsNoChange) {
  EXPECT_TRUE(changes("input a = 1000.0 -- a price\noutput b = a+1;",
                      "\n  INPUT  A  = 1e3\n/* long */ output b =\n a + 1.0\n")
                  .empty());
}

TEST(DefinitionDiff, TheOrderOfDefinitionsIsNoChange) {
  EXPECT_TRUE(
      changes("input a = 1\nb = a\noutput c = b", "output c = b\nb = a\ninput a = 1").empty());
}

TEST(DefinitionDiff, NamesWhatWasAddedRemovedAndChanged) {
  EXPECT_EQ(
      changes("input a = 1\ninput gone = 2\noutput c = a", "input a = 2\nadded = 3\noutput c = a"),
      (Lines{"changed input a", "added formula added", "removed input gone"}));
}

TEST(DefinitionDiff, EveryKindIsTold) {
  EXPECT_EQ(
      changes("steps 3 month\ndata d(x)\nfunction f(x) = x\nsolve iterations 10\nsolve s = 1\n"
              "input a = 1\nb = 1\noutput b",
              "steps 4 month\ndata d(x, y)\nfunction f(x) = 2 * x\nsolve iterations 20\n"
              "solve s = 2\ninput a = 2\nb = 2\noutput b unit 'EUR'"),
      (Lines{"changed time ", "changed data d", "changed function f", "changed solve ",
             "changed solve s", "changed input a", "changed formula b", "changed output b"}));
}

TEST(DefinitionDiff, StartRulesBelongToTheirFormula) {
  EXPECT_EQ(changes("steps 3\nx[0] = 1\nx[t] = x[t-1]\noutput x[t]",
                    "steps 3\nx[t] = x[t-1]\nx[0] = 2\noutput x[t]"),
            (Lines{"changed formula x"}));
}

TEST(DefinitionDiff, UnitsRangesAndDescriptionsAreChanges) {
  const std::string plain = "input a = 1\noutput b = a";
  EXPECT_EQ(changes(plain, "input a = 1 unit 'EUR'\noutput b = a"), (Lines{"changed input a"}));
  EXPECT_EQ(changes(plain, "input a = 1 range 0 to 2\noutput b = a"), (Lines{"changed input a"}));
  EXPECT_EQ(changes(plain, "input a = 1\noutput b = a 'cost'"), (Lines{"changed formula b"}));
}

TEST(DefinitionDiff, AnInputThatBecomesAFormulaIsAnother) {
  EXPECT_EQ(changes("input a = 1\noutput b = a", "a = 1\noutput b = a"),
            (Lines{"added formula a", "removed input a"}));
}

TEST(DefinitionDiff, JointDrawsAndOutputsOnOneLineAreTakenApart) {
  EXPECT_EQ(changes("data d(x, y)\ninput (x, y) ~ bootstrap(d)\noutput x, y",
                    "data d(x, y)\ninput (x, y) ~ historical(d)\noutput y"),
            (Lines{"changed input x, y", "removed output x"}));
}

TEST(DefinitionDiff, ShowsBothTextsAsWritten) {
  const std::vector<DefinitionChange> found =
      diff_definitions("input a = 1  -- old\noutput b = a", "input a =  2\noutput b = a");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].old_text, "input a = 1");
  EXPECT_EQ(found[0].new_text, "input a =  2");
}

TEST(DefinitionDiff, QuotedWordsAndTextsAreNotTakenForNames) {
  EXPECT_EQ(changes("input a = 1 'x'\noutput b = a", "input a = 1 unit 'x'\noutput b = a").size(),
            1u);
}

TEST(DefinitionDiff, RefusesATextWithErrors) {
  EXPECT_THROW(diff_definitions("input a = ", "input a = 1"), Error);
}

TEST(DefinitionDiff, IsQuickForManyDefinitions) {
  std::string before, after;
  for (int i = 0; i < 20000; ++i) {
    before += "a" + std::to_string(i) + " = " + std::to_string(i) + "\n";
    after += "a" + std::to_string(i) + " = " + std::to_string(i + i % 2) + "\n";
  }
  EXPECT_EQ(diff_definitions(before, after).size(), 10000u);
}

}  // namespace
}  // namespace sim
