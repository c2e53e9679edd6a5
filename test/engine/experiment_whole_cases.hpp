/*
 * experiment_whole_cases.hpp -- random models with all that is given to them: rows, bound values,
 * and scenarios with overrides of each kind, inherited ones among them.
 */
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "experiment_testing.hpp"
#include "experiment_whole_models.hpp"

namespace sim::testing {

/* An experiment, and what the comparisons need to know of it. */
struct WholeCase {
  Experiment experiment;
  std::string reordered;  // the same statements in another order, where that makes no difference
  std::vector<std::string> some;  // variables of the model, each once
};

class CaseWriter {
 public:
  explicit CaseWriter(std::uint64_t seed)
      : dice_(seed * 2 + 1), model_(seed * 2), writer_(dice_), seed_(seed) {}

  WholeCase write() {
    WholeCase made;
    made.experiment = experiment_of(model_.text(seed_), trials(), seed_);
    if (!model_.ordered()) made.reordered = model_.text(seed_ + 1);
    add_rows(made.experiment);
    add_bound(made.experiment);
    add_scenarios(made.experiment);
    if (dice_.one_in(15)) made.experiment.unusable.push_back(dice_.pick(model_.inputs()).name);
    if (dice_.one_in(40)) made.experiment.unusable.push_back(dice_.pick(Names{"ra", "rb"}));
    for (const std::string& name : model_.variables())
      if (dice_.one_in(3)) made.some.push_back(name);
    return made;
  }

 private:
  std::int64_t trials() {
    if (model_.historical()) return kAllWindows;
    if (dice_.one_in(50)) return 2100;
    return dice_.pick(std::vector<std::int64_t>{1, 2, 9, 140, 140});
  }

  double value() {
    static const std::vector<double> wild = {0,      -0.0, 1e300,   -1e300, 1e-310,
                                             5e-324, 1e16, -5e-324, 0.1,    170.6};
    if (dice_.one_in(5)) return dice_.pick(wild);
    return static_cast<double>(dice_.below(2000)) / 64 - 10;
  }

  std::vector<double> values(std::size_t count) {
    std::vector<double> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(value());
    return made;
  }

  void add_rows(Experiment& experiment) {
    const auto steps = static_cast<std::size_t>(model_.steps());
    const std::size_t rows = dice_.pick(std::vector<std::size_t>{1, 2, 17, 40});
    const std::size_t windows = model_.historical() ? steps + 30 : steps;
    for (std::size_t table = 0; table < 2; ++table) {
      const std::size_t count = std::max(rows + table, dice_.one_in(12) ? 1 : windows);
      std::vector<std::vector<double>> columns;
      for (std::size_t column = 0; column < 2 + table; ++column) columns.push_back(values(count));
      if (table == 0)
        experiment.data.push_back(table_of("ra", {"a", "b"}, columns));
      else  // the columns in another order than the model's
        experiment.data.push_back(table_of("rb", {"f", "c", "e"}, columns));
    }
  }

  std::vector<double> values_for(const WrittenInput& input) {
    return values(input.timed ? static_cast<std::size_t>(model_.steps()) : 1);
  }

  void add_bound(Experiment& experiment) {
    for (const WrittenInput& input : model_.inputs())
      if (dice_.one_in(8)) experiment.bound.push_back({input.name, values_for(input)});
  }

  std::vector<Override> overrides() {
    std::vector<Override> made;
    for (const WrittenInput& input : model_.inputs()) {
      if (!dice_.one_in(3)) continue;
      const std::size_t kind = dice_.below(10);
      // Mostly inputs that stand before it: a cycle is an error.
      Scope scope{model_.scalars()};
      const auto own = std::find(scope.names.begin(), scope.names.end(), input.name);
      scope.names.erase(own,
                        dice_.one_in(8) && own != scope.names.end() ? own + 1 : scope.names.end());
      if (input.timed) scope.terms.push_back("t");
      if (kind < 5)
        made.push_back({input.name, value()});
      else if (kind < 7 && input.timed)
        made.push_back({input.name, values_for(input)});
      else if (kind < 8)
        made.push_back({input.name, writer_.expression(scope, 2)});
      else
        made.push_back({input.name, "~ " + writer_.distribution(scope)});
    }
    return made;
  }

  void add_scenarios(Experiment& experiment) {
    std::vector<std::vector<Override>> layers;
    // Now and then more than there are lanes for when they are converged.
    for (std::size_t count = dice_.one_in(50) ? 150 : dice_.below(5); count > 0; --count) {
      // A child of the one before, or a scenario of its own.
      if (dice_.one_in(2)) layers.clear();
      layers.push_back(overrides());
      experiment.scenarios.push_back({"s" + std::to_string(count), merge_overrides(layers)});
    }
  }

  Dice dice_;
  WholeModel model_;
  ExpressionWriter writer_;
  std::uint64_t seed_;
};

inline WholeCase whole_case(std::uint64_t seed) { return CaseWriter(seed).write(); }

}  // namespace sim::testing
