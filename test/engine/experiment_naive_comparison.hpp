/*
 * experiment_naive_comparison.hpp -- random experiments against their naive evaluation.
 */
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "experiment_naive.hpp"
#include "experiment_testing.hpp"
#include "experiment_whole_cases.hpp"
#include "model/model.hpp"

namespace sim::testing {

/* Where the model by itself, without bound values and scenarios, has other values than naive
 * evaluation finds; empty where it has none, is wrong, or has loops that naive evaluation does not
 * solve. */
inline std::string difference_from_naive(const WholeCase& whole) {
  Experiment experiment = whole.experiment;
  if (experiment.source.find("gauss_seidel") == std::string::npos ||
      experiment.source.find("damping") != std::string::npos)
    return {};
  experiment.bound.clear();
  experiment.scenarios = {{}};
  Samples samples;
  std::optional<Simulation> simulation;
  try {
    simulation.emplace(experiment);
    samples = samples_of(*simulation);
  } catch (const Error&) {
    return {};
  }
  Diagnostics diagnostics;
  const Model model = analyse_model(experiment.source, diagnostics);
  std::vector<DataTable> tables;  // as the model numbers them
  for (const DataBlock& block : model.data)
    for (const DataTable& table : experiment.data)
      if (table.name == block.name) tables.push_back(table);
  for (const std::int64_t trial : {std::int64_t{0}, simulation->trials() - 1}) {
    NaiveTrial naive(model, tables, experiment.seed, trial);
    for (std::size_t slot = 0; slot < samples.size(); ++slot) {
      const Slot& reported = simulation->slots()[slot];
      const double wanted = naive.value(model.variable_index.at(reported.output), reported.step);
      const double found = samples[slot][static_cast<std::size_t>(trial)];
      // Quantiles of parameters that differ from trial to trial come from no table.
      if (same_bits(wanted, found) || std::fabs(found - wanted) <= 1e-9 * (1 + std::fabs(wanted)))
        continue;
      return "naive: " + reported.output + "[" + std::to_string(reported.step) + "] of trial " +
             std::to_string(trial) + " is " + std::to_string(found) + " instead of " +
             std::to_string(wanted);
    }
  }
  return {};
}

}  // namespace sim::testing
