/*
 * compiled.hpp -- experiments as bytes, compiled: pure C++, to be called inside guarded().
 *
 * The planner, the leader of a parallel query and the functions around it each need the same
 * compiled experiment within one statement, and dashboards ask the same again: the last few are
 * kept, by content.
 */
#pragma once

#include "boundary.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "experiment/simulation.hpp"

namespace simpg {

/* The settings a compiled experiment depends on, as they were when a scan began. Workers get the
 * leader's. */
struct Knobs {
  int batch_lanes;
  int chunk_leaves;
  int max_steps;
  int max_scenarios;
  int64 max_trials;
  int64 max_model_size;
  bool optimise;

  friend bool operator==(const Knobs&, const Knobs&) = default;
};

/* Server side or C++ side: reads settings only. */
Knobs current_knobs();

/* The content of a detoasted value. */
inline std::span<const std::uint8_t> bytes_of(const bytea* value) {
  return {reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(value)), VARSIZE_ANY_EXHDR(value)};
}

/* Raises 54000 where so many bytes are too long for a value. Server side. */
void check_value_size(std::size_t size);

/* Content as a value in the current memory context; raises 54000 where a value cannot be so long.
 * Server side. */
bytea* make_bytea(const std::uint8_t* bytes, std::size_t size);

struct CompiledExperiment {
  std::string model;  // name@version, for people
  sim::Simulation simulation;
};

using SharedExperiment = std::shared_ptr<const CompiledExperiment>;

/*
 * Throws Error: corrupt_state for bytes that are no experiment, limit_exceeded beyond the limits in
 * `knobs`, and whatever the model's text and overrides deserve.
 */
SharedExperiment compile(std::span<const std::uint8_t> experiment, const Knobs& knobs);

/* Makes the end of a transaction forget what is too large to stay; once, when the module is loaded.
 */
void register_compiled();

/* Forgets all of it: DISCARD ALL. */
void forget_compiled();

}  // namespace simpg
