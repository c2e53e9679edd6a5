/*
 * solve_lanes_test.cpp -- loops over many lanes: each lane's solution is its own, right, and the
 * same bits whoever its neighbours are.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/instruction_set.hpp"
#include "experiment_random_models.hpp"
#include "experiment_testing.hpp"
#include "linear_reference.hpp"

namespace sim::testing {
namespace {

std::string cell(const char* of, int row, int column) {
  return of + std::to_string(row) + "_" + std::to_string(column);
}

double uniform(Dice& dice) { return static_cast<double>(dice.below(1 << 24)) / (1 << 24); }

enum class Shape { dense, ring };

bool has_entry(Shape shape, int n, int row, int column) {
  return shape == Shape::dense || column == (row + n - 1) % n;
}

/* x = A x + b with all coefficients as inputs, so that each scenario has a matrix of its own. */
std::string model_of(Shape shape, int n, const std::string& method = "") {
  std::string inputs, formulas;
  for (int row = 0; row < n; ++row) {
    inputs += "input b" + std::to_string(row) + " = 0\n";
    formulas += "x" + std::to_string(row) + " = b" + std::to_string(row);
    for (int column = 0; column < n; ++column) {
      if (!has_entry(shape, n, row, column)) continue;
      inputs += "input " + cell("a", row, column) + " = 0\n";
      formulas += " + " + cell("a", row, column) + " * x" + std::to_string(column);
    }
    formulas += "\n";
  }
  return inputs + formulas + method;
}

/* Well scaled, badly scaled, with a small pivot in the usual order, or singular. */
LinearSystem random_system(Dice& dice, Shape shape, int n, std::size_t kind) {
  LinearSystem system(n);
  const int range = shape == Shape::ring ? 1 : 12;  // around a ring scales multiply
  for (int row = 0; row < n; ++row) {
    const double scale =
        kind == 1 ? std::ldexp(1.0, static_cast<int>(dice.below(2 * range + 1)) - range) : 1;
    for (int column = 0; column < n; ++column)
      if (has_entry(shape, n, row, column))
        system.a(row, column) = scale * (2 * uniform(dice) - 1) / (shape == Shape::ring ? 1 : n);
    system.b(row) = scale * 10 * uniform(dice);
  }
  if (kind == 2 && shape == Shape::dense)
    for (int i = 0; i < n; ++i) system.a(i, i) = 1 - 1e-9 * uniform(dice);
  if (kind == 3)
    for (int column = 0; column < n; ++column)
      for (int row = 0; row < n; ++row)
        system.a(row, column) =
            has_entry(shape, n, row, column) ? (shape == Shape::ring ? 1 : row == column) : 0;
  return system;
}

Scenario scenario_of(const LinearSystem& system, Shape shape, std::string name) {
  Scenario scenario{std::move(name), {}};
  const int n = system.size;
  for (int row = 0; row < n; ++row) {
    scenario.overrides.push_back({"b" + std::to_string(row), system.b(row)});
    for (int column = 0; column < n; ++column)
      if (has_entry(shape, n, row, column))
        scenario.overrides.push_back({cell("a", row, column), system.a(row, column)});
  }
  return scenario;
}

struct Lanes {
  std::vector<LinearSystem> systems;
  Experiment experiment;
};

Lanes make_lanes(Shape shape, int n, std::size_t count, const std::string& method = "") {
  Dice dice(static_cast<std::uint64_t>(n) * 1000 + count);
  Lanes lanes{{}, experiment_of(model_of(shape, n, method))};
  lanes.experiment.scenarios.clear();
  for (std::size_t lane = 0; lane < count; ++lane) {
    lanes.systems.push_back(random_system(dice, shape, n, lane % 7 == 3 ? 3 : lane % 3));
    lanes.experiment.scenarios.push_back(
        scenario_of(lanes.systems.back(), shape, "s" + std::to_string(lane)));
  }
  return lanes;
}

/* By scenario, the unknowns. */
Samples solutions_of(const Experiment& experiment, int n) {
  const ConvergeResult result = converge_all(experiment, false);
  Samples solutions(experiment.scenarios.size(), std::vector<double>(static_cast<std::size_t>(n)));
  for (const ConvergedValue& value : result.values)
    solutions[value.scenario][std::stoul(result.names[value.variable].substr(1))] = value.value;
  return solutions;
}

TEST(LinearLanes, AreSolvedWellScaledAndBadlyBesideSingularOnes) {
  for (const Shape shape : {Shape::dense, Shape::ring})
    for (const int n : {1, 2, 3, 9, 24}) {
      if (shape == Shape::ring && n == 1) continue;
      const Lanes lanes = make_lanes(shape, n, 200);
      const Samples solutions = solutions_of(lanes.experiment, n);
      for (std::size_t lane = 0; lane < 200; ++lane) {
        if (lane % 7 == 3)
          for (const double value : solutions[lane]) EXPECT_TRUE(std::isnan(value));
        else
          expect_solution(lanes.systems[lane], solutions[lane]);
      }
    }
}

TEST(LinearLanes, WithAFailedCoefficientFailAlone) {
  for (const int n : {2, 12}) {
    Lanes lanes = make_lanes(Shape::ring, n, 20);
    lanes.experiment.source =
        "input k = 1\n" + lanes.experiment.source + "y = sqrt(k) * z + 1\nz = 0.5 * y + b0\n";
    const ConvergeResult before = converge_all(lanes.experiment, false);
    lanes.experiment.scenarios[5].overrides.push_back({"k", -1.0});
    const ConvergeResult after = converge_all(lanes.experiment, false);
    for (std::uint32_t lane = 0; lane < 20; ++lane)
      for (const char* name : {"y", "z", "x0"}) {
        const double value = value_of(after, name, -1, lane);
        if (lane == 5 && *name != 'x')
          EXPECT_TRUE(std::isnan(value));
        else
          EXPECT_TRUE(same_bits(value, value_of(before, name, -1, lane)));
      }
  }
}

/* Newton's method takes a linear loop's solution in one step; a singular loop has none. */
TEST(NewtonLanes, FindTheSameSolutions) {
  const Lanes lanes = make_lanes(Shape::ring, 5, 130, "solve method newton\n");
  const Samples solutions = solutions_of(lanes.experiment, 5);
  for (std::size_t lane = 0; lane < 130; ++lane)
    if (lane % 7 != 3) expect_solution(lanes.systems[lane], solutions[lane]);
}

/* Lanes that need few iterations, many, a shorter step, damped iteration, or have no solution. */
Experiment curved_lanes(std::size_t lanes) {
  Experiment curved = experiment_of(
      "input k = 1\ninput c = 0\nx0 = k * cos(x1) + c\nx1 = 0.5 * x0 + sqrt(k) + 0.1 * x3\n"
      "x2 = exp(-x1 * x1) + c * x2 ^ 2\nx3 = floor(2 * x0 + x3 / 2) / 5\n");
  curved.scenarios.clear();
  Dice dice(3);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    curved.scenarios.push_back(
        {"s" + std::to_string(lane), {{"k", 6 * uniform(dice) - 1}, {"c", 0.6 * uniform(dice)}}});
  return curved;
}

TEST(CurvedLanes, GoEveryWay) {
  std::map<std::string, int> ways;
  const ConvergeResult result = converge_all(curved_lanes(200), false);
  for (const LoopReport& loop : result.loops)
    ++ways[loop.method + (loop.converged ? " succeeds" : " fails")];
  EXPECT_GT(ways["newton succeeds"], 100);
  EXPECT_GT(ways["fixed_point succeeds"], 0);
  EXPECT_GT(ways["fixed_point fails"], 10);
}

class LaneBits : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr int kUnknowns = 4;

  static Experiment experiment(std::size_t lanes) {
    if (GetParam() == "curved") return curved_lanes(lanes);
    return make_lanes(Shape::dense, kUnknowns, lanes, GetParam()).experiment;
  }
};

TEST_P(LaneBits, DoNotDependOnTheNumberOfLanesOrTheirOrder) {
  const Experiment all = experiment(200);
  const Samples wanted = solutions_of(all, kUnknowns);
  Experiment part = all;
  for (const std::size_t lanes : {1u, 7u, 64u, 128u}) {
    part.scenarios.assign(all.scenarios.begin(),
                          all.scenarios.begin() + static_cast<std::ptrdiff_t>(lanes));
    EXPECT_TRUE(
        same_bits(solutions_of(part, kUnknowns),
                  Samples(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(lanes))))
        << lanes;
  }
  part.scenarios.assign(all.scenarios.rbegin(), all.scenarios.rend());
  Samples reversed = solutions_of(part, kUnknowns);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_TRUE(same_bits(reversed, wanted));
}

TEST_P(LaneBits, AreTheSameOnEveryInstructionSet) {
  const Experiment all = experiment(130);
  const Samples wanted = solutions_of(all, kUnknowns);
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2})
    if (force_instruction_set(set)) {
      EXPECT_TRUE(same_bits(solutions_of(all, kUnknowns), wanted)) << static_cast<int>(set);
    }
  force_instruction_set(best_instruction_set());
}

INSTANTIATE_TEST_SUITE_P(Methods, LaneBits,
                         ::testing::Values("", "solve method newton\n",
                                           "solve method gauss_seidel iterations 50\n",
                                           "solve method jacobi iterations 50 damping 0.5\n",
                                           "curved"));

}  // namespace
}  // namespace sim::testing
