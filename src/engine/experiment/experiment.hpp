/*
 * experiment.hpp -- everything a computation depends on, as plain data.
 *
 * An Experiment is the argument of the pure function that simulates a chunk: the text of the model,
 * the values that replace its inputs, the rows of its data blocks, trials and seed.  It serializes
 * to bytes, so that a parallel worker or another node needs nothing else, and equal experiments
 * give equal bytes.
 */
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "model/data_table.hpp"
#include "model/optimisation.hpp"

namespace sim {

/* What replaces an input: a number (true and false are 1 and 0), one number a step, or text (an
 * expression, or `~ distribution`). */
using OverrideValue = std::variant<double, std::vector<double>, std::string>;

struct Override {
  std::string name;  // folded
  OverrideValue value;

  friend bool operator==(const Override&, const Override&) = default;
};

struct Scenario {
  std::string name = "base";
  /* At most one for each name: use merge_overrides to combine layers. */
  std::vector<Override> overrides;
};

/* Value of an input that a binding supplies: one value, or one a step for an input with [t]. */
struct BoundInput {
  std::string name;
  std::vector<double> values;
};

struct Experiment {
  std::string model;   // name@version, for messages
  std::string source;  // the model's text
  std::vector<DataTable> data;
  std::vector<BoundInput> bound;
  /* Inputs and data blocks whose values are not to be had.  Whatever reads one is refused with
   * UnusableValue; see unusable.hpp. */
  std::vector<std::string> unusable;
  std::vector<Scenario> scenarios;  // at least one
  std::int64_t trials = 0;          // 0 for converging: uncertain inputs then stand at their means
  std::uint64_t seed = 1;
  /* Names to compute, in this order: outputs, or any other input or formula; empty: all outputs. */
  std::vector<std::string> outputs;
  std::int64_t max_steps = 0;                    // refuse models with more steps; 0: no limit
  Optimisation optimisation = Optimisation::on;  // not in the bytes: it changes no result
};

/* Combines layers of overrides, lowest precedence first; later layers win. The result is ordered by
 * name. */
std::vector<Override> merge_overrides(std::span<const std::vector<Override>> layers);

std::vector<std::uint8_t> serialize(const Experiment& experiment);
/* Throws Error(corrupt_state) on bytes that serialize() did not write. */
Experiment deserialize_experiment(std::span<const std::uint8_t> bytes);

/* The same bytes in two parts: the model with all that is bound to it, and the rest. */
struct ExperimentBytes {
  std::span<const std::uint8_t> model;
  std::span<const std::uint8_t> run;
};

/* Throws as deserialize_experiment does, and copies nothing. */
ExperimentBytes split_experiment(std::span<const std::uint8_t> bytes);

/* The second part: an experiment without model, text, rows and bound values. */
Experiment deserialize_run(std::span<const std::uint8_t> run);

}  // namespace sim
