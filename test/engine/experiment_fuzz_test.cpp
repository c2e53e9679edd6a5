/*
 * experiment_fuzz_test.cpp -- damaged texts: whatever is typed, the answer is an error list or a
 * running model.
 */
#include <gtest/gtest.h>

#include "experiment/inspect.hpp"
#include "experiment_damage.hpp"
#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

constexpr std::string_view kModels[] = {
    "input material_cost = 100 unit 'EUR/t' range 0 to 10000\n"
    "input energy_cost ~ normal(80, 12) unit 'EUR/t'\n"
    "input transport_cost ~ triangular(20, 25, 40) unit 'EUR/t'\n"
    "disposal_cost = 0.8 * material_cost + co2_cost\n"
    "co2_cost = 0.1 * energy_cost + 0.05 * disposal_cost\n"
    "logistics_cost = transport_cost + eco_fees\n"
    "eco_fees = 0.1 * logistics_cost + 0.05 * co2_cost\n"
    "output total_cost = material_cost + energy_cost + disposal_cost + co2_cost\n",

    "steps 48 month\ndata m(stock, bond, inflation)\n"
    "input start_wealth = 1000000 range 1000 to 100000000\n"
    "input equity_share = 0.6 range 0 to 1\n"
    "input (s[t], b[t], i[t]) ~ bootstrap(m, block => 12)\n"
    "price[0] = 1\nprice[t] = price[t-1] * (1 + i[t])\n"
    "growth[t] = equity_share * s[t] + (1 - equity_share) * b[t]\n"
    "wealth[0] = start_wealth\n"
    "wealth[t] = max(0, wealth[t-1] - 4e4 / 12 * price[t]) * (1 + growth[t])\n"
    "output wealth[t] every 12\noutput success = wealth[last] > 0\n"
    "output lean = min(wealth[*] / price[*])\n",

    "steps 5 year -- interest on the average\ninput rate = 0.06; input cash_flow = 120\n"
    "debt[0] = 1000\ninterest[t] = rate * (debt[t-1] + debt[t]) / 2\n"
    "debt[t] = debt[t-1] + interest[t] - cash_flow\noutput debt[t], interest[t]\n",

    "data d(a)\nfunction f(x, y) = if(x > y, x ^ 0.5, case when y then 1 else x end)\n"
    "input u ~ discrete(1, 0.5, 2, 0.5)\ninput h ~ empirical(d.a)\n"
    "x = f(y, 2) + 0.1 * x + exp(-z)\ny = x / 3 + sin(h)\nz = mean(d.a) + count(d.a) + u\n"
    "solve tolerance 1e-6 iterations 50 method newton\nsolve x = 1\noutput y 'two'\n",

    "steps 12\ndata d(a)\ninput g[t] ~ historical(d)\ninput k[t] ~ series(d.a)\n"
    "x[0] = 1\nx[1] = 2\nx[t] = x[t-1] + x[t-2] * g[t] / (1 + k[t])\n"
    "y[t] = if(t > 3, x[t-3], 0)\nf = first_step(y[t] > 2) + sum(x[1..6]) + avg(y[*])\n"
    "output f\noutput big = any(x[t] > 2)\n",
};

/* Pieces that mean something, so that damage gets past the lexer. */
const std::vector<std::string> kPieces = {
    "[t]",   "[t-1]",  "[0]",   "[*]",     "[last]", "(",     ")",    "t",     "x",       "~",
    "=",     "output", "input", "steps 3", "data",   "1e308", "-1",   "0",     "'",       "\"",
    "--",    "/*",     "*/",    ";",       "\n",     " ",     "sum(", "min(",  "every",   "range",
    "solve", "\xff",   "é",     "case",    "if(",    "not",   "=>",   "1..4",  "between", "and",
    "[t+1]", "a",      "d.a",   "^",       "%",      "<>",    ",",    "1e-99", "unit",    "[5..2]"};

std::string mutated(std::string text, Dice& dice) {
  for (std::size_t edits = 1 + dice.below(3); edits > 0 && !text.empty(); --edits) {
    const std::size_t place = dice.below(text.size());
    switch (dice.below(7)) {
      case 0:
        text.erase(place, 1 + dice.below(6));
        break;
      case 1:
        text.insert(place, dice.pick(kPieces));
        break;
      case 2:
        text[place] = static_cast<char>(dice.below(128));
        break;
      case 3:
        text.insert(place, text.substr(dice.below(text.size()), 1 + dice.below(20)));
        break;
      case 4:
      case 5:
        if (text[place] >= '0' && text[place] <= '9')
          text[place] = static_cast<char>('0' + dice.below(10));
        break;
      default: {
        const std::size_t line = text.find('\n', place);
        if (line != std::string::npos) text.erase(line, text.find('\n', line + 1) - line);
      }
    }
  }
  return text;
}

Experiment with_rows(std::string text) {
  Experiment experiment = experiment_of(std::move(text), 3);
  experiment.max_steps = 200;
  const std::vector<double> rows = {0.5,  -0.25, 0.125, 0.75, 0.1, 0.2,  -0.3, 0.4,
                                    0.05, 0.06,  0.07,  0.08, 0.9, 0.11, 0.12, 0.13};
  experiment.data.push_back(table_of("d", {"a"}, {rows}));
  experiment.data.push_back(table_of("ra", {"a", "b"}, {rows, rows}));
  experiment.data.push_back(table_of("rb", {"c", "e", "f"}, {rows, rows, rows}));
  experiment.data.push_back(table_of("m", {"stock", "bond", "inflation"}, {rows, rows, rows}));
  return experiment;
}

/* True if the text was good. */
bool survives(const std::string& text) {
  const std::vector<CheckRow> rows = check_model(text);
  for (const CheckRow& row : rows) {
    EXPECT_GE(row.line, 1);
    EXPECT_GE(row.column, 1);
    EXPECT_NE(row.message, "");
  }
  const bool good = std::none_of(rows.begin(), rows.end(), [](const CheckRow& row) {
    return row.severity == Severity::error;
  });
  bool described = true;
  try {
    describe_model("m", text);
  } catch (const Error& error) {
    described = false;
    EXPECT_NE(std::string(error.what()), "");
  }
  EXPECT_EQ(good, described) << "check_model and describe_model disagree";
  if (!good) return false;
  try {
    Unstoppable control;
    samples_of(with_rows(text));
    converge(with_rows(text), Unsolved::report, control);
  } catch (const Error& error) {
    EXPECT_NE(error.kind(), ErrorKind::corrupt_state) << error.what();
  }
  return true;
}

TEST(DamagedTexts, AreAnErrorListOrAModelThatRuns) {
  Dice dice(20240607);
  int good = 0;
  constexpr int kTexts = 20000;
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = mutated(std::string(kModels[dice.below(std::size(kModels))]), dice);
    SCOPED_TRACE(text);
    good += survives(text) ? 1 : 0;
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(good, kTexts / 10) << "too few damaged texts are still models: little is tested";
  EXPECT_LT(good, kTexts * 9 / 10) << "too few damaged texts are wrong: little is tested";
}

TEST(DamagedTexts, OfRandomModelsAreAnErrorListOrAModelThatRuns) {
  Dice dice(7);
  for (int i = 0; i < 1500; ++i) {
    const std::string text = mutated(RandomModel(dice.below(1000)).text(), dice);
    SCOPED_TRACE(text);
    survives(text);
    ASSERT_FALSE(HasFailure());
  }
}

TEST(DamagedTexts, OfTheWholeLanguageAreAnErrorListOrAModelThatRuns) {
  int good = 0;
  constexpr int kTexts = 500;
  for (int seed = 0; seed < kTexts; ++seed) {
    const std::string text = DamagedText(static_cast<std::uint64_t>(seed)).write();
    SCOPED_TRACE(text);
    good += survives(text) ? 1 : 0;
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(good, kTexts / 10) << "too few damaged texts are still models: little is tested";
}

TEST(DamagedTexts, MayBeLongAndWithoutSense) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) survives(DamagedText(seed).strange(100000));
}

TEST(DamagedTexts, BeginAsGoodOnes) {
  for (const std::string_view text : kModels) EXPECT_TRUE(survives(std::string(text))) << text;
}

TEST(DamagedOverrides, AreRefusedOrRun) {
  Dice dice(3);
  const std::vector<std::string> texts = {
      "start_wealth * 1.1", "~ normal(start_wealth, 3)", "if(t > 3, 0.5, equity_share)",
      "wealth[t-1] / 1e7",  "~ uniform(0, 1)",           "price[0] + mean(m.stock)"};
  const std::vector<std::string> inputs = {"start_wealth", "equity_share", "s", "b", "i"};
  for (int i = 0; i < 3000; ++i) {
    Experiment experiment = with_rows(std::string(kModels[1]));
    const std::string text = mutated(dice.pick(texts), dice);
    experiment.scenarios[0].overrides = {{dice.pick(inputs), text}};
    SCOPED_TRACE(text);
    try {
      samples_of(experiment);
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::corrupt_state) << error.what();
    }
    ASSERT_FALSE(HasFailure());
  }
}

}  // namespace
}  // namespace sim::testing
