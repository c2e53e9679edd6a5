/*
 * catalogue_functions_test.cpp -- the table of functions is complete, ordered and consistent.
 */
#include "catalogue/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sim {
namespace {

TEST(Functions, StandInOrderOfGroupAndName) {
  const std::vector<std::string_view> groups = {
      "arithmetic", "exponential", "trigonometric", "probability", "logic", "time", "data"};
  const auto rank = [&](const Function& f) {
    return std::ranges::find(groups, f.group) - groups.begin();
  };
  const auto table = functions();
  for (std::size_t i = 0; i < table.size(); ++i) {
    ASSERT_LT(rank(table[i]), static_cast<std::ptrdiff_t>(groups.size())) << table[i].name;
    if (i == 0) continue;
    const Function& a = table[i - 1];
    const Function& b = table[i];
    const bool ordered =
        rank(a) < rank(b) ||
        (rank(a) == rank(b) &&
         (a.name < b.name || (a.name == b.name && a.max_arguments < b.min_arguments)));
    EXPECT_TRUE(ordered) << a.name << ", " << b.name;
  }
}

TEST(Functions, SayWhatTheyDoInOneSentence) {
  for (const Function& f : functions()) {
    SCOPED_TRACE(f.name);
    ASSERT_FALSE(f.doc.empty());
    EXPECT_EQ(f.doc.back(), '.');
    EXPECT_TRUE(f.example.starts_with(std::string(f.name) + "("));
    EXPECT_EQ(f.example.back(), ')');
    const bool needs_model =
        f.form == FunctionForm::time_aggregate || f.form == FunctionForm::data_aggregate;
    EXPECT_EQ(f.result.empty(), needs_model);
    EXPECT_EQ(f.parameters.empty(), f.max_arguments == 0);
  }
}

TEST(Functions, HaveTheOperandsOfTheirOperation) {
  for (const Function& f : functions()) {
    SCOPED_TRACE(f.name);
    EXPECT_EQ(f.body.empty(), f.form != FunctionForm::expression);
    if (f.form == FunctionForm::operation) {
      EXPECT_EQ(f.min_arguments, operand_count(f.operation));
      EXPECT_EQ(f.max_arguments, operand_count(f.operation));
    }
    if (f.form == FunctionForm::fold) {
      EXPECT_EQ(operand_count(f.operation), 2);
      EXPECT_EQ(f.max_arguments, -1);
    }
  }
}

TEST(Functions, AreNeverAmbiguous) {
  const auto table = functions();
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].name != table[j].name) continue;
      for (int arguments = 0; arguments < 5; ++arguments) {
        const auto takes = [arguments](const Function& f) {
          return f.min_arguments <= arguments &&
                 (f.max_arguments < 0 || arguments <= f.max_arguments);
        };
        EXPECT_FALSE(takes(table[i]) && takes(table[j])) << table[i].name << " " << arguments;
      }
    }
  }
}

TEST(Functions, GiveTheResultsOfTheirSimpleExamples) {
  // Examples whose arguments are plain numbers; the others are checked where the language is.
  int checked = 0;
  for (const Function& f : functions()) {
    if (f.form != FunctionForm::operation) continue;
    const std::size_t open = f.example.find('(');
    std::string arguments(f.example.substr(open + 1, f.example.size() - open - 2));
    std::replace(arguments.begin(), arguments.end(), ',', ' ');
    if (arguments.find_first_not_of("0123456789.- ") != std::string::npos) continue;
    std::vector<double> values;
    for (const char* at = arguments.c_str(); *at != 0;) {
      char* end = nullptr;
      values.push_back(std::strtod(at, &end));
      at = end + (*end != 0);
    }
    values.resize(3);
    EXPECT_EQ(evaluate(f.operation, values[0], values[1], values[2]),
              std::strtod(std::string(f.result).c_str(), nullptr))
        << f.example;
    ++checked;
  }
  EXPECT_GT(checked, 40);
}

TEST(Functions, AreFoundByFoldedNameAndNumberOfArguments) {
  ASSERT_NE(find_function("Log", 1), nullptr);
  EXPECT_EQ(find_function("log", 1)->operation, Operation::log10);
  EXPECT_EQ(find_function("LOG", 2)->operation, Operation::log_base);
  EXPECT_EQ(find_function("log", 3), nullptr);
  EXPECT_EQ(find_function("log", 0), nullptr);
  EXPECT_EQ(find_function("min", 1)->form, FunctionForm::time_aggregate);
  EXPECT_EQ(find_function("min", 5)->operation, Operation::minimum);
  EXPECT_EQ(find_function("round", 2)->operation, Operation::round_to);
  EXPECT_EQ(find_function("pi", 0)->form, FunctionForm::constant);
  EXPECT_EQ(find_function("pi", 1), nullptr);
  EXPECT_EQ(find_function("nonsense", 1), nullptr);
  EXPECT_TRUE(is_function_name("First_Step"));
  EXPECT_FALSE(is_function_name("first"));
  EXPECT_FALSE(is_function_name(""));
}

TEST(Functions, CoverWhatAPlannerExpects) {
  for (const char* name : {"abs",
                           "sign",
                           "round",
                           "floor",
                           "ceil",
                           "ceiling",
                           "trunc",
                           "mod",
                           "min",
                           "least",
                           "max",
                           "greatest",
                           "exp",
                           "expm1",
                           "ln",
                           "log",
                           "log10",
                           "log2",
                           "log1p",
                           "sqrt",
                           "cbrt",
                           "power",
                           "pow",
                           "sin",
                           "cos",
                           "tan",
                           "asin",
                           "acos",
                           "atan",
                           "atan2",
                           "sinh",
                           "cosh",
                           "tanh",
                           "asinh",
                           "acosh",
                           "atanh",
                           "degrees",
                           "radians",
                           "pi",
                           "normal_cdf",
                           "normal_quantile",
                           "normal_density",
                           "gamma",
                           "lgamma",
                           "beta",
                           "erf",
                           "erfc",
                           "factorial",
                           "if",
                           "sum",
                           "avg",
                           "first_step",
                           "any",
                           "all",
                           "mean",
                           "sd",
                           "count"}) {
    EXPECT_TRUE(is_function_name(name)) << name;
  }
}

}  // namespace
}  // namespace sim
