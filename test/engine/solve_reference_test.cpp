/*
 * solve_reference_test.cpp -- systems with known solutions, written as models and converged.
 */
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "experiment_testing.hpp"
#include "random_reference.hpp"

namespace sim::testing {
namespace {

using Inputs = std::map<std::string, std::string>;

struct Case {
  Inputs inputs;
  std::map<std::string, double> values;
};

Inputs parse_inputs(const std::string& text) {
  Inputs inputs;
  for (const std::string& part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos) inputs[part.substr(0, equals)] = part.substr(equals + 1);
  }
  return inputs;
}

/* The cases of one name, by their inputs. */
std::map<std::string, Case> cases_of(const std::string& name) {
  std::map<std::string, Case> cases;
  for (const std::vector<std::string>& row : read_reference("solve.csv")) {
    if (row[0] != name) continue;
    Case& known = cases[row[1]];
    known.inputs = parse_inputs(row[1]);
    known.values[row[2]] = std::stod(row[3]);
  }
  EXPECT_FALSE(cases.empty()) << name;
  return cases;
}

std::string input_lines(const Inputs& inputs, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "input " + name + " = " + inputs.at(name) + "\n";
  return text;
}

void expect_close(double found, double wanted, double tolerance, const std::string& what) {
  EXPECT_NEAR(found, wanted, tolerance * std::max(std::fabs(wanted), 1e-300)) << what;
}

void expect_values(const std::string& model, const Case& known, double tolerance,
                   const std::map<std::string, std::string>& renamed = {}) {
  const ConvergeResult result = converge_all(experiment_of(model));
  for (const auto& [name, wanted] : known.values) {
    const auto other = renamed.find(name);
    expect_close(value_of(result, other == renamed.end() ? name : other->second), wanted,
                 wanted == 0 ? 1e288 : tolerance, name);
  }
  for (const LoopReport& loop : result.loops) EXPECT_TRUE(loop.converged);
}

TEST(SolveReference, CostModelWithNestedLoops) {
  for (const auto& [inputs, known] : cases_of("a_cost"))
    expect_values(input_lines(known.inputs, {"material", "energy", "transport"}) +
                      "disposal = 0.8 * material + co2\nco2 = 0.1 * energy + 0.05 * disposal\n"
                      "logistics = transport + eco\neco = 0.1 * logistics + 0.05 * co2\n"
                      "total = material + energy + disposal + co2 + logistics + eco\n",
                  known, 1e-14);
}

TEST(SolveReference, Sellar) {
  for (const auto& [inputs, known] : cases_of("b_sellar"))
    expect_values(input_lines(known.inputs, {"z1", "z2", "x1"}) +
                      "y1 = z1 ^ 2 + z2 + x1 - 0.2 * y2\ny2 = sqrt(y1) + z1 + z2\n",
                  known, 1e-14);
}

TEST(SolveReference, Kepler) {
  for (const auto& [inputs, known] : cases_of("c_kepler"))
    expect_values("input ecc = " + known.inputs.at("e") + "\ninput mean_anomaly = " +
                      known.inputs.at("M") + "\nx = mean_anomaly + ecc * sin(x)\n",
                  known, 1e-13, {{"E", "x"}});
}

TEST(SolveReference, Colebrook) {
  for (const auto& [inputs, known] : cases_of("e_colebrook"))
    expect_values("input re = " + known.inputs.at("Re") +
                      "\ninput eps = " + known.inputs.at("eps_over_D") +
                      "\nf = (-2 * log(eps / 3.7 + 2.51 / (re * sqrt(f)))) ^ -2\nsolve f = 0.02\n",
                  known, 1e-12);
}

/* The years of a case whose inputs name the year last, each compared where it stands in time. */
void expect_years(const std::string& name, const std::string& model,
                  const std::vector<std::string>& series,
                  const std::map<std::string, std::string>& renamed, double tolerance) {
  std::map<std::string, ConvergeResult> solved;
  for (const auto& [inputs, known] : cases_of(name)) {
    const std::string without_year = inputs.substr(0, inputs.find(";year="));
    if (!solved.contains(without_year)) {
      Experiment experiment = experiment_of(model);
      for (const auto& [input, text] : known.inputs) {
        if (input == "year") continue;
        std::vector<double> values;
        for (const std::string& part : split(text, ' ')) values.push_back(std::stod(part));
        const bool many = std::find(series.begin(), series.end(), input) != series.end();
        if (many)
          experiment.source = "steps " + std::to_string(values.size()) + "\n" +
                              (experiment.source.starts_with("steps")
                                   ? experiment.source.substr(experiment.source.find('\n') + 1)
                                   : experiment.source);
        Override item{input, values[0]};
        if (many) item.value = values;
        experiment.scenarios[0].overrides.push_back(item);
      }
      solved[without_year] = converge_all(experiment);
    }
    const auto year = static_cast<std::int64_t>(std::stoi(known.inputs.at("year")));
    for (const auto& [variable, wanted] : known.values) {
      const auto other = renamed.find(variable);
      const double found =
          value_of(solved[without_year], other == renamed.end() ? variable : other->second, year);
      EXPECT_NEAR(found, wanted, tolerance * std::max(1.0, std::fabs(wanted)))
          << variable << " of year " << year;
    }
  }
}

TEST(SolveReference, InterestOnTheAverageBalance) {
  expect_years("d_interest",
               "input d0 = 1\ninput rate = 0\ninput cash[t] = 0\ndebt[0] = d0\n"
               "opening[t] = debt[t-1]\ninterest[t] = rate * (debt[t-1] + debt[t]) / 2\n"
               "debt[t] = debt[t-1] + interest[t] - cash[t]\n",
               {"cash"}, {{"closing", "debt"}}, 1e-14);
}

TEST(SolveReference, LeveragedBuyoutWithKinks) {
  expect_years("f_lbo",
               "input rate = 0\ninput cash_rate = 0\ninput tax_rate = 0\ninput min_cash = 0\n"
               "input debt0 = 1\ninput cash0 = 1\n"
               "input ebitda[t] = 0\ninput dep[t] = 0\ninput capex[t] = 0\ninput dnwc[t] = 0\n"
               "debt_close[0] = debt0\ncash_close[0] = cash0\n"
               "interest[t] = rate * (debt_close[t-1] + debt_close[t]) / 2"
               " - cash_rate * (cash_close[t-1] + cash_close[t]) / 2\n"
               "tax[t] = max(0, tax_rate * (ebitda[t] - dep[t] - interest[t]))\n"
               "cfads[t] = ebitda[t] - capex[t] - dnwc[t] - tax[t] - interest[t]\n"
               "sweep[t] = max(0, min(debt_close[t-1], cash_close[t-1] + cfads[t] - min_cash))\n"
               "debt_close[t] = debt_close[t-1] - sweep[t]\n"
               "cash_close[t] = cash_close[t-1] + cfads[t] - sweep[t]\n",
               {"ebitda", "dep", "capex", "dnwc"}, {}, 1e-12);
}

std::string leontief_model() {
  std::string model;
  std::string total = "total = 0";
  for (const std::vector<std::string>& row : read_reference("leontief.csv")) {
    model += "x" + row[0] + " = " + row[11];
    for (int j = 1; j <= 10; ++j)
      model += " + " + row[static_cast<std::size_t>(j)] + " * x" + std::to_string(j);
    model += "\n";
    total += " + x" + row[0];
  }
  return model + total + "\n";
}

TEST(SolveReference, Leontief) {
  Case known = cases_of("g_leontief").begin()->second;
  known.values.erase("spectral_radius_of_A_15_digits");
  expect_values(leontief_model(), known, 1e-13);
  const ConvergeResult result = converge_all(experiment_of(leontief_model()));
  ASSERT_EQ(result.loops.size(), 1u);
  EXPECT_EQ(result.loops[0].method, "direct");
}

TEST(SolveReference, LeontiefByEveryMethod) {
  Case known = cases_of("g_leontief").begin()->second;
  known.values.erase("spectral_radius_of_A_15_digits");
  for (const char* method : {"direct", "newton", "gauss_seidel", "jacobi"})
    expect_values(
        leontief_model() + "solve method " + method + " tolerance 1e-10 iterations 1000\n", known,
        1e-11);
}

TEST(SolveReference, PowellBadlyScaled) {
  const Case known = cases_of("h_powell_badly_scaled").begin()->second;
  // Written as fixed points: x1 = x1 - f1 / slope has the roots of f1.
  const ConvergeResult result = converge_all(
      experiment_of("x1 = x1 + (1 - 10000 * x1 * x2)\nx2 = x2 + (exp(-x1) + exp(-x2) - 1.0001)\n"
                    "solve x1 = 0\nsolve x2 = 1\nsolve iterations 500\n"));
  const double x1 = value_of(result, "x1");
  const double x2 = value_of(result, "x2");
  EXPECT_NEAR(10000 * x1 * x2 - 1, 0, 1e-11);
  EXPECT_NEAR(std::exp(-x1) + std::exp(-x2) - 1.0001, 0, 1e-13);
  expect_close(x1, known.values.at("x1"), 1e-6, "x1");
  expect_close(x2, known.values.at("x2"), 1e-6, "x2");
}

std::string brown_model(int n) {
  std::string sum = "0", product = "1", model;
  for (int i = 1; i <= n; ++i) {
    sum += " + x" + std::to_string(i);
    product += " * x" + std::to_string(i);
  }
  for (int i = 1; i <= n; ++i) {
    const std::string x = "x" + std::to_string(i);
    model += x + " = " + x + " - (" +
             (i < n ? x + " + " + sum + " - " + std::to_string(n + 1) : product + " - 1") + ")\n";
    model += "solve " + x + " = 0.5\n";
  }
  return model;
}

TEST(SolveReference, BrownAlmostLinear) {
  const ConvergeResult result = converge_all(experiment_of(brown_model(10)));
  const double x1 = value_of(result, "x1");
  bool known = false;
  for (const auto& [inputs, root] : cases_of("h_brown_almost_linear"))
    if (std::fabs(root.values.at("x1") - x1) < 1e-6) {
      known = true;
      for (const auto& [name, wanted] : root.values)
        expect_close(value_of(result, name), wanted, 1e-9, name);
    }
  EXPECT_TRUE(known) << x1;
}

TEST(SolveReference, BroydenTridiagonal) {
  std::string model;
  for (int i = 1; i <= 50; ++i) {
    const std::string x = "x" + std::to_string(i);
    const std::string left = i == 1 ? "0" : "x" + std::to_string(i - 1);
    const std::string right = i == 50 ? "0" : "x" + std::to_string(i + 1);
    model += x + " = " + x + " - ((3 - 2 * " + x + ") * " + x + " - " + left + " - 2 * " + right +
             " + 1)\nsolve " + x + " = -1\n";
  }
  expect_values(model, cases_of("h_broyden_tridiagonal").begin()->second, 1e-12);
}

TEST(SolveReference, Trigonometric) {
  std::string model, cosines;
  for (int i = 1; i <= 5; ++i) cosines += " - cos(x" + std::to_string(i) + ")";
  for (int i = 1; i <= 5; ++i) {
    const std::string x = "x" + std::to_string(i);
    model += x + " = " + x + " + (5" + cosines + " + " + std::to_string(i) + " * (1 - cos(" + x +
             ")) - sin(" + x + "))\nsolve " + x + " = 0.2\n";
  }
  const ConvergeResult result = converge_all(experiment_of(model + "solve iterations 500\n"));
  double sum = 0;
  for (int i = 1; i <= 5; ++i) sum += std::cos(value_of(result, "x" + std::to_string(i)));
  for (int i = 1; i <= 5; ++i) {
    const double x = value_of(result, "x" + std::to_string(i));
    EXPECT_NEAR(5 - sum + i * (1 - std::cos(x)) - std::sin(x), 0, 1e-9);
  }
}

}  // namespace
}  // namespace sim::testing
