/*
 * model_names_test.cpp -- places by name, against a map.
 */
#include <gtest/gtest.h>

#include <map>

#include "model/name_index.hpp"

namespace sim {
namespace {

TEST(NameIndex, FindsWhatWasAddedAndNothingElse) {
  NameIndex index;
  EXPECT_EQ(index.find("a"), index.end());
  std::map<std::string, std::uint32_t> wanted;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const std::string name = (i % 3 == 0 ? "cost_" : "c") + std::to_string(i * 7919 % 10007);
    index.emplace(name, i);
    wanted.emplace(name, i);
    EXPECT_EQ(index.find(name)->second, wanted.at(name));
  }
  for (const auto& [name, place] : wanted) {
    ASSERT_NE(index.find(name), index.end());
    EXPECT_EQ(index.find(name)->first, name);
    EXPECT_EQ(index.find(name)->second, place);
    EXPECT_EQ(index.find(name + "_"), index.end());
  }
}

TEST(NameIndex, KeepsTheFirstPlaceOfAName) {
  NameIndex index;
  index.emplace("a", 1);
  index.emplace("a", 2);
  EXPECT_EQ(index.find("a")->second, 1u);
}

TEST(NameIndex, IsCopiedWithItsNames) {
  NameIndex index;
  index.emplace("a", 1);
  const NameIndex copy = index;
  index.emplace("b", 2);
  EXPECT_EQ(copy.find("a")->second, 1u);
  EXPECT_EQ(copy.find("b"), copy.end());
}

}  // namespace
}  // namespace sim
