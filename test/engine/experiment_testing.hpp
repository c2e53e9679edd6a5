/*
 * experiment_testing.hpp -- what the tests of whole models share: experiments, values, bits, the
 * words of errors.
 */
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/control.hpp"
#include "core/error.hpp"
#include "experiment/converge.hpp"
#include "experiment/experiment.hpp"
#include "experiment/simulation.hpp"

namespace sim::testing {

inline Experiment experiment_of(std::string source, std::int64_t trials = 0,
                                std::uint64_t seed = 1) {
  Experiment experiment;
  experiment.model = "m@1";
  experiment.source = std::move(source);
  experiment.scenarios.push_back({});
  experiment.trials = trials;
  experiment.seed = seed;
  return experiment;
}

inline DataTable table_of(std::string name, std::vector<std::string> columns,
                          const std::vector<std::vector<double>>& values) {
  DataTable table{
      std::move(name), std::move(columns), static_cast<std::int64_t>(values.at(0).size()), {}};
  for (const std::vector<double>& column : values)
    table.values.insert(table.values.end(), column.begin(), column.end());
  return table;
}

/* With reports of the loops; with `require` an error for one that does not converge. */
inline ConvergeResult converge_all(const Experiment& experiment, bool require = true) {
  Unstoppable control;
  if (require) converge(experiment, Unsolved::refuse, control);
  return converge(experiment, Unsolved::report, control);
}

/* Of the first value of that name (and step); NaN and a failed test where there is none. */
inline double value_of(const ConvergeResult& result, std::string_view name, std::int64_t step = -1,
                       std::uint32_t scenario = 0) {
  for (const ConvergedValue& value : result.values)
    if (result.names[value.variable] == name && value.step == step && value.scenario == scenario)
      return value.value;
  throw std::runtime_error("no value of " + std::string(name));
}

inline double converged(const std::string& source, std::string_view name, std::int64_t step = -1) {
  return value_of(converge_all(experiment_of(source)), name, step);
}

/* The values of all trials of a scenario, slot after slot. */
using Samples = std::vector<std::vector<double>>;

inline Samples samples_of(const Simulation& simulation, std::uint32_t scenario = 0) {
  Unstoppable control;
  std::vector<std::uint32_t> wanted(simulation.slots().size());
  std::iota(wanted.begin(), wanted.end(), 0u);
  Samples samples(wanted.size());
  for (std::int64_t number = 0; number < simulation.chunk_count(); ++number) {
    const Chunk chunk = simulation.chunk(number);
    if (chunk.scenario != scenario) continue;
    const auto trials = static_cast<std::size_t>(chunk.trials);
    std::vector<double> out(wanted.size() * trials);
    simulation.sample(chunk, wanted, out.data(), control);
    for (std::size_t slot = 0; slot < wanted.size(); ++slot)
      samples[slot].insert(samples[slot].end(), out.data() + slot * trials,
                           out.data() + (slot + 1) * trials);
  }
  return samples;
}

inline Samples samples_of(const Experiment& experiment, std::uint32_t scenario = 0) {
  return samples_of(Simulation(experiment), scenario);
}

/* The trials of one output. */
inline std::vector<double> samples_of(const Experiment& experiment, std::string_view output,
                                      std::int64_t step = -1, std::uint32_t scenario = 0) {
  const Simulation simulation(experiment);
  for (std::size_t slot = 0; slot < simulation.slots().size(); ++slot)
    if (simulation.slots()[slot].output == output && simulation.slots()[slot].step == step)
      return samples_of(simulation, scenario)[slot];
  throw std::runtime_error("no output " + std::string(output));
}

/* Equal to the last bit; failed values are equal whatever their bits. */
inline bool same_bits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

inline bool same_bits(const Samples& a, const Samples& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t slot = 0; slot < a.size(); ++slot) {
    if (a[slot].size() != b[slot].size()) return false;
    for (std::size_t i = 0; i < a[slot].size(); ++i)
      if (!same_bits(a[slot][i], b[slot][i])) return false;
  }
  return true;
}

/* What an action that must fail said; an empty error if it did not fail. */
struct Refusal {
  ErrorKind kind = ErrorKind::corrupt_state;
  std::string message;
  std::string detail;
  std::string hint;
};

template <class Action>
Refusal refusal_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return {error.kind(), error.what(), error.detail(), error.hint()};
  }
  return {};
}

}  // namespace sim::testing
