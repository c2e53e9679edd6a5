/*
 * solve_methods_test.cpp -- what users may rely on of the methods of solution: iterations, order,
 * failures, kinks.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"

namespace sim::testing {
namespace {

constexpr const char* kCostModel =
    "input material_cost = 100\ninput energy_cost = 80\ninput transport_cost = 25\n"
    "disposal_cost = 0.8 * material_cost + co2_cost\n"
    "co2_cost = 0.1 * energy_cost + 0.05 * disposal_cost\n"
    "logistics_cost = transport_cost + eco_fees\n"
    "eco_fees = 0.1 * logistics_cost + 0.05 * co2_cost\n";

const LoopReport& loop_with(const ConvergeResult& result, std::string_view variable) {
  for (const LoopReport& loop : result.loops)
    if (std::find(loop.variables.begin(), loop.variables.end(), variable) != loop.variables.end())
      return loop;
  throw std::runtime_error("no loop of " + std::string(variable));
}

TEST(GaussSeidel, RepeatsAPlannersProgramToTheBit) {
  double disposal = 0, co2 = 0;
  int rounds = 0;
  for (double change = 1; change > 0.001; ++rounds) {
    const double old_disposal = disposal, old_co2 = co2;
    disposal = 0.8 * 100 + co2;
    co2 = 0.1 * 80 + 0.05 * disposal;
    change = std::max(std::fabs(disposal - old_disposal), std::fabs(co2 - old_co2));
  }
  const ConvergeResult result = converge_all(experiment_of(
      std::string(kCostModel) + "solve method gauss_seidel tolerance 0.001 iterations 100\n"));
  EXPECT_EQ(value_of(result, "disposal_cost"), disposal);
  EXPECT_EQ(value_of(result, "co2_cost"), co2);
  const LoopReport& loop = loop_with(result, "co2_cost");
  EXPECT_EQ(loop.iterations, rounds);
  EXPECT_EQ(loop.method, "gauss_seidel");
  EXPECT_LE(loop.residual, 0.001);
}

TEST(GaussSeidel, TakesFormulasInTheOrderOfTheText) {
  const auto rounds = [](const std::string& formulas) {
    const ConvergeResult result = converge_all(
        experiment_of(formulas + "solve method gauss_seidel tolerance 1e-3 iterations 100\n"));
    return loop_with(result, "a").iterations;
  };
  // Downstream first, each round carries a change one formula further only.
  EXPECT_LT(rounds("a = 0.5 * c + 1\nb = a\nc = b\n"), rounds("c = b\nb = a\na = 0.5 * c + 1\n"));
}

TEST(Jacobi, ReadsTheValuesOfTheLastRound) {
  double a = 0, b = 0;
  int rounds = 0;
  for (double change = 1; change > 1e-6; ++rounds) {
    const double next_a = 0.5 * b + 1, next_b = 0.25 * a + 2;
    change = std::max(std::fabs(next_a - a), std::fabs(next_b - b));
    a = next_a;
    b = next_b;
  }
  const ConvergeResult result = converge_all(experiment_of(
      "a = 0.5 * b + 1\nb = 0.25 * a + 2\nsolve method jacobi tolerance 1e-6 iterations 100\n"));
  EXPECT_EQ(value_of(result, "a"), a);
  EXPECT_EQ(value_of(result, "b"), b);
  EXPECT_EQ(result.loops[0].iterations, rounds);
}

TEST(Damping, MovesAPartOfTheWayAndSolvesWhatAmplifiesItself) {
  double x = 0;
  int rounds = 0;
  for (double change = 1; change > 1e-9; ++rounds) {
    const double next = x + 0.4 * ((3 - 2 * x) - x);
    change = std::fabs(next - x);
    x = next;
  }
  const std::string model = "x = 3 - 2 * x\nsolve method gauss_seidel damping 0.4 iterations 200\n";
  const ConvergeResult result = converge_all(experiment_of(model));
  EXPECT_EQ(value_of(result, "x"), x);
  EXPECT_EQ(result.loops[0].iterations, rounds);
  EXPECT_NEAR(x, 1, 1e-8);
}

TEST(StartValues, AreTheGivenOnesElseTheLastStepElseZero) {
  const auto rounds = [](const std::string& model) {
    return converge_all(experiment_of(model)).loops[0].iterations;
  };
  const std::string loop = "input near = 1.99\nx = 0.5 * x + 1\n";
  const std::string method = "solve method gauss_seidel tolerance 1e-3 iterations 100\n";
  EXPECT_GT(rounds(loop + method), rounds("solve x = near\n" + loop + method));
  EXPECT_EQ(rounds(loop + method + "solve x = 2\n"), 1);
  // Two roots: the start decides which is found.
  EXPECT_NEAR(converged("x = x ^ 2 - 2\nsolve x = 3\n", "x"), 2, 1e-12);
  EXPECT_NEAR(converged("x = x ^ 2 - 2\nsolve x = -3\n", "x"), -1, 1e-12);
}

TEST(StartValues, MayReadInputsWrittenLaterButNotTheLoop) {
  EXPECT_NEAR(converged("x = x ^ 2 - 2\nsolve x = far\nfar = 2 * near\ninput near = 1.5\n", "x"), 2,
              1e-12);
  const Refusal own = refusal_of([] { converged("x = x ^ 2 - 2\nsolve x = y\ny = x + 1\n", "x"); });
  EXPECT_EQ(own.kind, ErrorKind::invalid_model);
  EXPECT_NE(
      own.detail.find("the starting value of \"x\" depends on \"y\", which is not known before "
                      "the loop is solved"),
      std::string::npos)
      << own.detail;
}

TEST(Converge, ThatFailsNamesTheLoopTheIterationsTheResidualsTheFactorAndTheWayOut) {
  const Refusal refusal = refusal_of(
      [] { converged("x = 3 - 2 * y\ny = x\nsolve method gauss_seidel iterations 5\n", "x"); });
  EXPECT_EQ(refusal.kind, ErrorKind::not_converged);
  EXPECT_EQ(refusal.message, "loop 1 of model \"m\" does not converge: x, y");
  EXPECT_EQ(refusal.detail,
            "gauss_seidel stopped after 5 iterations; the last residuals were 6 12 24 48; the "
            "estimated contraction factor is 2.");
  EXPECT_EQ(refusal.hint,
            "The loop amplifies itself: each round makes changes 2 times as large. Use solve "
            "method auto, which does not iterate, or damping below 1.");
}

TEST(Converge, ThatFailsInTimeNamesTheStepAndTheScenario) {
  Experiment experiment = experiment_of(
      "steps 4\ninput k = 0.5\nx[0] = 1\nx[t] = k * t * x[t] + 1\n"
      "solve method gauss_seidel iterations 50\n");
  experiment.scenarios[0].overrides = {{"k", 0.1}};
  experiment.scenarios.push_back({"bad", {}});
  const Refusal refusal = refusal_of([&] { converge_all(experiment); });
  EXPECT_EQ(refusal.message,
            "loop 1 of model \"m\" in scenario \"bad\" does not converge at step 2: x");
}

TEST(Converge, WithoutDemandGivesNanAndAReport) {
  const ConvergeResult result = converge_all(
      experiment_of("x = 3 - 2 * x\ny = x + 1\nz = 7\nsolve method gauss_seidel\n"), false);
  EXPECT_TRUE(std::isnan(value_of(result, "x")));
  EXPECT_TRUE(std::isnan(value_of(result, "y")));
  EXPECT_EQ(value_of(result, "z"), 7);
  ASSERT_EQ(result.loops.size(), 1u);
  EXPECT_FALSE(result.loops[0].converged);
  EXPECT_EQ(result.loops[0].iterations, 100);
}

TEST(Direct, RefusesASingularLoop) {
  const Refusal refusal = refusal_of([] { converged("x = y + 1\ny = x - 1\n", "x"); });
  EXPECT_EQ(refusal.kind, ErrorKind::not_converged);
  EXPECT_NE(refusal.detail.find("direct"), std::string::npos);
  EXPECT_NE(refusal.hint.find("singular"), std::string::npos) << refusal.hint;
  EXPECT_NE(refusal_of([] { converged("x = x\n", "x"); }).message, "");
  EXPECT_NE(refusal_of([] { converged("x = 0.3 * y\ny = x / 0.3\n", "x"); }).message, "");
}

TEST(Direct, RefusesALoopThatIsNotLinear) {
  const Refusal refusal =
      refusal_of([] { converged("x = cos(y)\ny = 0.5 * x\nsolve method direct\n", "x"); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid_model);
  EXPECT_EQ(refusal.message, "a loop is not linear and cannot be solved by method direct: x, y");
}

TEST(Auto, TakesConditionsAndStepsForWhatTheyAre) {
  // Slopes are zero here, but the loops are not linear: formulas at zero are not the solution.
  EXPECT_EQ(converged("tax = if(profit > 100, 20, 0)\nprofit = 150 - tax\n", "tax"), 20);
  EXPECT_EQ(converged("tax = if(profit > 100, 20, 0)\nprofit = 90 - tax\n", "tax"), 0);
  EXPECT_NEAR(converged("rate = case when debt > 50 then 0.1 else 0.05 end\n"
                        "debt = 120 - 100 * rate\n",
                        "debt"),
              110, 1e-12);
  EXPECT_NEAR(converged("x = digamma(x + 5)\n", "x"), 1.8493874490870861, 1e-13);
}

TEST(Auto, TakesNoJumpForASolution) {
  // From below, floor(0.5 * x + 3) comes as near to 4 as one likes, but at 4 it is 5.
  EXPECT_EQ(converged("x = floor(0.5 * x + 3)\n", "x"), 5);
  EXPECT_EQ(converged("x = round(0.3 * x) + 10.4\n", "x"), 14.4);
  EXPECT_EQ(refusal_of([] { converged("x = if(x > 2, 1, 3)\n", "x"); }).kind,
            ErrorKind::not_converged);
  EXPECT_EQ(refusal_of([] {
              converged("rate = if(debt > 50, 0.1, 0.05)\ndebt = 120 - 1000 * rate\n", "debt");
            }).kind,
            ErrorKind::not_converged);
}

TEST(Auto, SolvesKinks) {
  EXPECT_DOUBLE_EQ(converged("tax = max(0, 0.25 * (profit - 10))\nprofit = 100 - tax\n", "tax"),
                   18);
  EXPECT_EQ(converged("tax = max(0, 0.25 * (profit - 200))\nprofit = 100 - tax\n", "tax"), 0);
  EXPECT_NEAR(converged("x = abs(x) / 2 - 3\n", "x"), -2, 1e-12);
}

TEST(Auto, FindsAStartWhereFormulasAreFinite) {
  EXPECT_NEAR(converged("x = 1 / x + 1\n", "x"), (1 + std::sqrt(5.0)) / 2, 1e-14);
  EXPECT_NEAR(converged("x = ln(x) + 2\nsolve x = 3\n", "x"), 3.146193220620583, 1e-13);
  EXPECT_NEAR(converged("x = sqrt(x) + 2\n", "x"), 4, 1e-13);
}

TEST(ABranchNotTaken, MakesNoCircle) {
  EXPECT_EQ(
      converged("input circular = 0\nx = if(circular, y, 1)\ny = if(circular, x, x + 1)\n", "y"),
      2);
  EXPECT_EQ(
      converged("steps 3\nx[t] = if(t > 0, y[t], 5)\ny[t] = if(t > 1, 2, x[0] + 1)\n", "x", 1), 6);
}

TEST(Definitions, InAnotherOrderGiveTheSameBitsDirectlyAndByNewton) {
  std::vector<std::string> lines = {"a = 0.3 * b + 0.1 * c + 1.7", "b = 0.2 * c - 0.7 * d + 0.3",
                                    "c = 0.11 * a + 0.13 * d", "d = 0.17 * a - 0.19 * b + 2.1"};
  std::vector<std::string> curved = {"a = cos(b) + 0.1 * c", "b = 0.2 * sin(c) - 0.3 * d + 0.3",
                                     "c = exp(-a * a) + 0.1 * d", "d = 0.17 * a * b + 2.1"};
  for (std::vector<std::string>* model : {&lines, &curved}) {
    std::sort(model->begin(), model->end());
    std::map<std::string, double> first;
    do {
      std::string text;
      for (const std::string& line : *model) text += line + "\n";
      const ConvergeResult result = converge_all(experiment_of(text));
      for (const char* name : {"a", "b", "c", "d"}) {
        const double value = value_of(result, name);
        EXPECT_TRUE(std::isfinite(value));
        EXPECT_TRUE(same_bits(first.emplace(name, value).first->second, value)) << text;
      }
    } while (std::next_permutation(model->begin(), model->end()));
  }
}

TEST(Lanes, ThatFailDoNotTouchTheirNeighbours) {
  Experiment alone = experiment_of("input k = 1\nx = k * cos(y)\ny = 0.5 * x + sqrt(k)\n");
  Experiment together = alone;
  together.scenarios[0].overrides = {{"k", -1.0}};
  for (int i = 0; i < 40; ++i) {
    const double k = i % 3 == 0 ? -1.0 - i : 0.1 * i;
    together.scenarios.push_back({"s" + std::to_string(i), {{"k", k}}});
  }
  const ConvergeResult all = converge_all(together, false);
  for (std::uint32_t s = 1; s < together.scenarios.size(); ++s) {
    alone.scenarios[0].overrides = together.scenarios[s].overrides;
    const ConvergeResult one = converge_all(alone, false);
    for (const char* name : {"x", "y"}) {
      EXPECT_TRUE(same_bits(value_of(one, name), value_of(all, name, -1, s)));
      EXPECT_EQ(std::isnan(value_of(one, name)), (s - 1) % 3 == 0);
    }
  }
}

TEST(Trials, WhoseLoopFailsAreCountedAndLeaveOthersAlone) {
  const Simulation simulation(experiment_of(
      "input k ~ uniform(-1, 1)\nx = sqrt(k) + 0.1 * cos(x)\ny = k\nz = 0 * x + 1\n", 2000));
  const Samples samples = samples_of(simulation);
  Unstoppable control;
  Partial all;
  for (std::int64_t c = 0; c < simulation.chunk_count(); ++c)
    all.merge(simulation.summarize(simulation.chunk(c), KeepPlan{}, control));
  std::int64_t failed = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    EXPECT_EQ(std::isnan(samples[0][i]), samples[1][i] < 0);
    EXPECT_EQ(std::isnan(samples[2][i]), samples[1][i] < 0) << "a failed value times 0 is failed";
    failed += samples[1][i] < 0 ? 1 : 0;
  }
  EXPECT_GT(failed, 800);
  EXPECT_EQ(all.total(0, 0).failed, failed);
  EXPECT_EQ(all.total(0, 1).failed, 0);
  EXPECT_EQ(all.total(0, 2).failed, failed);
}

TEST(Contraction, IsTheFactorOfOneRoundInTheOrderOfTheText) {
  // co2 reads disposal, disposal reads co2: one round shrinks by 0.05; by hand for two.
  const ConvergeResult result = converge_all(experiment_of(kCostModel));
  EXPECT_NEAR(loop_with(result, "co2_cost").contraction, 0.05, 1e-12);
  EXPECT_NEAR(loop_with(result, "eco_fees").contraction, 0.1, 1e-12);
  // x = a x: the factor is a. A chain of three: the product.
  EXPECT_NEAR(converge_all(experiment_of("x = 0.7 * x + 1\n")).loops[0].contraction, 0.7, 1e-12);
  EXPECT_NEAR(
      converge_all(experiment_of("a = 0.5 * c + 1\nb = 3 * a\nc = 0.2 * b\n")).loops[0].contraction,
      0.3, 1e-12);
  EXPECT_NEAR(converge_all(experiment_of("x = 0.5 * cos(x)\n")).loops[0].contraction,
              0.5 * std::sin(converged("x = 0.5 * cos(x)\n", "x")), 1e-9);
}

using Square = std::vector<std::vector<long double>>;

Square zero_square(std::size_t n) { return Square(n, std::vector<long double>(n)); }

/* What a round of Gauss-Seidel makes of the errors of the round before it. */
Square round_matrix(const Square& a) {
  const std::size_t n = a.size();
  Square round = zero_square(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k) {
      round[i][k] = k < i ? 0 : a[i][k];
      for (std::size_t j = 0; j < i; ++j) round[i][k] += a[i][j] * round[j][k];
    }
  return round;
}

/* By Gelfand's formula (Gelfand 1941): the limit of |M^k|^(1/k), here with k = 2^40. */
double spectral_radius_of(Square matrix) {
  const std::size_t n = matrix.size();
  long double logarithm = 0;
  for (int doubling = 0; doubling <= 40; ++doubling) {
    long double norm = 0;
    for (const std::vector<long double>& row : matrix)
      for (const long double entry : row) norm = std::max(norm, std::fabs(entry));
    if (norm == 0) return 0;
    logarithm += std::log(norm) * std::ldexp(1.0L, -doubling);
    Square square = zero_square(n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < n; ++k)
          square[i][k] += matrix[i][j] / norm * (matrix[j][k] / norm);
    matrix = square;
  }
  return static_cast<double>(std::exp(logarithm));
}

TEST(Contraction, IsTheSpectralRadiusOfTheRoundWhateverTheOrder) {
  Dice dice(7);
  for (std::size_t round = 0; round < 30; ++round) {
    const std::size_t n = 2 + round % 6;
    Square a = zero_square(n);
    std::string model;
    for (std::size_t i = 0; i < n; ++i) {
      model += "x" + std::to_string(i) + " = 1";
      for (std::size_t j = 0; j < n; ++j) {
        if (j != (i + 1) % n && !dice.one_in(3)) continue;
        a[i][j] = (static_cast<double>(dice.below(100)) - 50) / 64;
        model += " + " + std::to_string(a[i][j]) + " * x" + std::to_string(j);
      }
      model += "\n";
    }
    const double radius = spectral_radius_of(round_matrix(a));
    const ConvergeResult result = converge_all(experiment_of(model), false);
    ASSERT_EQ(result.loops.size(), 1u);
    EXPECT_NEAR(result.loops[0].contraction, radius, 1e-7 * std::max(1.0, radius)) << model;
  }
}

TEST(Loops, OfEachStepAreSolvedFromTheLastStepsValues) {
  const std::string model =
      "steps 3\nx[0] = 100\nx[t] = 0.5 * x[t] + 0.5 * x[t-1]\n"
      "solve method gauss_seidel tolerance 1e-12\n";
  const ConvergeResult result = converge_all(experiment_of(model));
  EXPECT_EQ(value_of(result, "x", 3), 100);
  EXPECT_EQ(result.loops[0].iterations, 1) << "the last step's value was the solution";
}

}  // namespace
}  // namespace sim::testing
