/*
 * experiment_comparisons.hpp -- one experiment computed in all the ways that must give the same
 * bits and the same errors, held against each other.
 */
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/instruction_set.hpp"
#include "experiment/content_key.hpp"
#include "experiment/inspect.hpp"
#include "experiment_testing.hpp"
#include "experiment_whole_cases.hpp"

namespace sim::testing {

/* What came of a computation: values by scenario, name and step, or an error. */
struct Outcome {
  using Place = std::tuple<std::uint32_t, std::string, std::int64_t>;
  std::string error;
  std::map<Place, std::vector<double>> values;
  std::vector<std::string> reports;  // of loops
};

template <class Compute>
Outcome outcome_of(const Compute& compute) {
  Outcome outcome;
  try {
    compute(outcome);
  } catch (const Error& error) {
    outcome = {};
    outcome.error = std::to_string(static_cast<int>(error.kind())) + ": " + error.what() + "\n" +
                    error.detail() + "\n" + error.hint();
  }
  return outcome;
}

inline void take_samples(const Simulation& simulation, Outcome& outcome) {
  for (std::uint32_t scenario = 0; scenario < simulation.scenarios(); ++scenario) {
    Samples samples = samples_of(simulation, scenario);
    for (std::size_t slot = 0; slot < samples.size(); ++slot)
      outcome.values[{scenario, simulation.slots()[slot].output, simulation.slots()[slot].step}] =
          std::move(samples[slot]);
  }
}

inline Outcome simulated(const Experiment& experiment, std::size_t lanes = 0,
                         std::int64_t leaves = 0) {
  return outcome_of([&](Outcome& outcome) {
    Simulation simulation(experiment);
    if (lanes > 0) simulation.set_batch_lanes(lanes);
    if (leaves > 0) simulation.set_chunk_leaves(leaves);
    take_samples(simulation, outcome);
  });
}

inline std::string text_of(const LoopReport& report) {
  std::string text = std::to_string(report.scenario) + " " + std::to_string(report.loop) + " " +
                     report.method + " " + std::to_string(report.iterations) + " " +
                     std::to_string(report.converged) + " " + std::to_string(report.step);
  for (const std::string& name : report.variables) text += " " + name;
  for (const double value : {report.residual, report.contraction})
    text += " " + (std::isnan(value) ? "NaN" : std::to_string(std::bit_cast<std::uint64_t>(value)));
  return text;
}

inline void take_solved(ScenarioSolver& solver, Outcome& outcome) {
  Unstoppable control;
  while (solver.next(control)) {
    for (const SolvedScenario& solved : solver.solved())
      for (std::size_t i = 0; i < solved.slots.size(); ++i)
        outcome.values[{solved.scenario, solver.names()[solved.slots[i].variable],
                        solved.slots[i].step}] = {solved.values[i]};
    for (const LoopReport& report : solver.loops()) outcome.reports.push_back(text_of(report));
  }
}

inline Outcome converged_outcome(const Experiment& experiment,
                                 Unsolved unsolved = Unsolved::report) {
  return outcome_of([&](Outcome& outcome) {
    ScenarioSolver solver(experiment);
    solver.begin(experiment.scenarios, unsolved);
    take_solved(solver, outcome);
  });
}

/* Where the two differ first; values that `found` alone lacks do if `complete`. */
inline std::string first_difference(const Outcome& wanted, const Outcome& found,
                                    bool complete = true) {
  if (wanted.error != found.error)
    return "error \"" + found.error + "\" instead of \"" + wanted.error + "\"";
  if (complete && wanted.values.size() != found.values.size())
    return std::to_string(found.values.size()) + " values instead of " +
           std::to_string(wanted.values.size());
  for (const auto& [place, values] : found.values) {
    const auto other = wanted.values.find(place);
    if (other == wanted.values.end()) {
      if (complete) return "a value of " + std::get<1>(place) + " too many";
      continue;
    }
    for (std::size_t i = 0; i < values.size() && i < other->second.size(); ++i)
      if (!same_bits(values[i], other->second[i])) {
        char text[200];
        std::snprintf(text, sizeof text, "[%lld] of scenario %u, trial %zu: %a instead of %a",
                      static_cast<long long>(std::get<2>(place)), std::get<0>(place), i, values[i],
                      other->second[i]);
        return std::get<1>(place) + text;
      }
    if (complete && values.size() != other->second.size()) return "other trials";
  }
  if (complete && wanted.reports != found.reports) {
    const auto [a, b] = std::mismatch(wanted.reports.begin(), wanted.reports.end(),
                                      found.reports.begin(), found.reports.end());
    return "report " + (b == found.reports.end() ? "none" : *b) + " instead of " +
           (a == wanted.reports.end() ? "none" : *a);
  }
  return {};
}

class Comparison {
 public:
  explicit Comparison(const WholeCase& whole) : case_(whole), experiment_(whole.experiment) {}

  /* What differs first, and how it was computed; empty where nothing does. */
  std::string run() {
    samples_ = simulated(experiment_);
    solved_ = converged_outcome(experiment_);
    compare_programs();
    compare_batches();
    compare_instruction_sets();
    compare_scenarios();
    compare_outputs();
    compare_orders();
    compare_again();
    compare_refusals();
    compare_keys();
    return difference_;
  }

  const Outcome& samples() const { return samples_; }
  const Outcome& solved() const { return solved_; }

 private:
  void expect(const char* how, const Outcome& wanted, const Outcome& found, bool complete = true) {
    if (!difference_.empty()) return;
    const std::string difference = first_difference(wanted, found, complete);
    if (!difference.empty()) difference_ = std::string(how) + ": " + difference;
  }

  void fail(const std::string& what) {
    if (difference_.empty()) difference_ = what;
  }

  void compare_programs() {
    Experiment plain = experiment_;
    plain.optimisation = Optimisation::off;
    expect("samples without optimisation", samples_, simulated(plain));
    expect("converged without optimisation", solved_, converged_outcome(plain));
    const Experiment copy = deserialize_experiment(serialize(experiment_));
    expect("samples of the experiment's bytes", samples_, simulated(copy));
    expect("converged from the experiment's bytes", solved_, converged_outcome(copy));
  }

  void compare_batches() {
    expect("samples in batches of 128", samples_, simulated(experiment_, 128, 1));
    expect("samples in batches of 1024", samples_, simulated(experiment_, 1024, 2));
    if (!samples_.error.empty()) return;
    expect("samples of another simulation", samples_, outcome_of([&](Outcome& outcome) {
             const Simulation first(experiment_);
             samples_of(first, first.scenarios() - 1);
             take_samples(first.another(), outcome);
           }));
    if (experiment_.trials == kAllWindows) return;
    Experiment fewer = experiment_;
    fewer.trials = 3;
    expect("samples of fewer trials", samples_, simulated(fewer), false);
  }

  void compare_instruction_sets() {
    for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2}) {
      if (!force_instruction_set(set)) continue;
      const char* name = set == InstructionSet::avx2 ? "on AVX2" : "on baseline x86-64";
      expect(name, samples_, simulated(experiment_));
      expect(name, solved_, converged_outcome(experiment_));
    }
    force_instruction_set(best_instruction_set());
  }

  Experiment with_scenario(std::uint32_t scenario) const {
    Experiment alone = experiment_;
    alone.scenarios = {experiment_.scenarios[scenario]};
    return alone;
  }

  /* Those of one scenario, as if it were the only one. */
  static Outcome only(const Outcome& all, std::uint32_t scenario) {
    Outcome one;
    for (const auto& [place, values] : all.values)
      if (std::get<0>(place) == scenario)
        one.values[{0, std::get<1>(place), std::get<2>(place)}] = values;
    return one;
  }

  void compare_scenarios() {
    for (std::uint32_t i = 0; i < experiment_.scenarios.size(); ++i) {
      const Experiment alone = with_scenario(i);
      if (samples_.error.empty() && experiment_.trials != kAllWindows)
        expect("samples of a scenario alone", only(samples_, i), simulated(alone), false);
      if (solved_.error.empty()) {
        Outcome one = converged_outcome(alone);
        one.reports.clear();
        expect("a scenario converged alone", only(solved_, i), one);
      }
    }
  }

  /* Where all can be computed, a few can. */
  void compare_outputs() {
    if (case_.some.empty()) return;
    Experiment few = experiment_;
    few.outputs = case_.some;
    const Outcome sampled = simulated(few);
    if (samples_.error.empty() && sampled.error.empty() && few.trials != kAllWindows)
      expect("samples of some outputs", samples_, sampled, false);
    Outcome solved = converged_outcome(few);
    if (solved_.error.empty() && solved.error.empty())
      expect("some outputs converged", solved_, solved, false);
    few.optimisation = Optimisation::off;
    expect("samples of some outputs without optimisation", sampled, simulated(few));
    expect("some outputs converged without optimisation", solved, converged_outcome(few));
  }

  void compare_orders() {
    if (case_.reordered.empty()) return;
    Experiment other = experiment_;
    other.source = case_.reordered;
    Outcome sampled = simulated(other), solved = converged_outcome(other);
    if (sampled.error.empty() != samples_.error.empty()) fail("an order has an error");
    if (sampled.error.empty()) expect("samples of another order", samples_, sampled);
    solved.reports = solved_.reports;
    if (solved.error.empty()) expect("another order converged", solved_, solved);
  }

  /* Numbers may change between begin() and begin_again(). */
  void compare_again() {
    if (!solved_.error.empty()) return;
    std::vector<Scenario> scenarios = experiment_.scenarios;
    Outcome again = outcome_of([&](Outcome& outcome) {
      ScenarioSolver solver(experiment_);
      Outcome first;
      for (Scenario& scenario : scenarios)
        for (Override& item : scenario.overrides)
          if (double* number = std::get_if<double>(&item.value)) *number += 1;
      solver.begin(scenarios, Unsolved::report);
      take_solved(solver, first);
      for (std::size_t i = 0; i < scenarios.size(); ++i)
        for (std::size_t k = 0; k < scenarios[i].overrides.size(); ++k) {
          const OverrideValue& own = experiment_.scenarios[i].overrides[k].value;
          if (std::holds_alternative<double>(own)) scenarios[i].overrides[k].value = own;
        }
      solver.begin_again();
      take_solved(solver, outcome);
    });
    if (again.error.empty()) expect("begun again", solved_, again);
  }

  void compare_refusals() {
    Outcome refused = converged_outcome(experiment_, Unsolved::refuse);
    Experiment plain = experiment_;
    plain.optimisation = Optimisation::off;
    expect("refused without optimisation", refused, converged_outcome(plain, Unsolved::refuse));
    refused.reports = solved_.reports;
    if (refused.error.empty()) expect("converged without reports", solved_, refused);
  }

  static KeyedModel keyed(const Experiment& experiment, const std::string& source) {
    KeyedModel model{experiment.model, source, {}, {}, 0, {}, false};
    for (const DataTable& table : experiment.data) {
      TableDigest digest{table.name, table.rows, table.columns, {}};
      for (std::size_t column = 0; column < table.columns.size(); ++column)
        digest.digests.push_back(
            digest_values(std::span(table.column(column), static_cast<std::size_t>(table.rows))));
      model.data.push_back(std::move(digest));
    }
    for (const BoundInput& bound : experiment.bound)
      model.bound.push_back({bound.name, static_cast<std::int64_t>(bound.values.size()),
                             bound.values.at(0), digest_values(bound.values)});
    return model;
  }

  Outcome keys_of(const std::string& source) const {
    return outcome_of([&](Outcome& outcome) {
      const KeyedModel model = keyed(experiment_, source);
      ContentKeys keys(model);
      const std::int64_t trials = keys.trials(experiment_.trials, experiment_.scenarios);
      for (const Scenario& scenario : experiment_.scenarios) {
        for (const OutputKey& key : keys.keys(scenario, trials, experiment_.seed))
          outcome.reports.push_back(key.output + hex_of(key.key));
        keys.converged_key(scenario);
        keys.inputs(scenario);
      }
      std::sort(outcome.reports.begin(), outcome.reports.end());
    });
  }

  static std::string hex_of(const Sha256Digest& digest) {
    std::string text;
    for (const auto byte : digest) text += " " + std::to_string(byte);
    return text;
  }

  void compare_keys() {
    const Outcome keys = keys_of(experiment_.source);
    if (samples_.error.empty() && !keys.error.empty()) fail("no keys: " + keys.error);
    if (!case_.reordered.empty() && keys.error.empty())
      expect("keys of another order", keys, keys_of(case_.reordered));
    const auto described = outcome_of([&](Outcome&) { explain_experiment(experiment_); });
    if (outcome_of([&](Outcome&) { describe_model("m", experiment_.source); }).error.empty() !=
        check_model(experiment_.source).empty())
      fail("check and description disagree");
    if (samples_.error.empty() && !described.error.empty())
      fail("no explanation: " + described.error);
  }

  const WholeCase& case_;
  const Experiment& experiment_;
  Outcome samples_;
  Outcome solved_;
  std::string difference_;
};

}  // namespace sim::testing
