/*
 * simulation.hpp -- a compiled experiment: simulates chunks of trials, as samples or as mergeable
 * summaries.
 *
 * simulate(experiment, chunk) is a pure function: any chunk can be computed anywhere, twice, in any
 * order, in batches of any width, and gives the same bits.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/control.hpp"
#include "experiment/experiment.hpp"
#include "summary/influence.hpp"
#include "summary/partial.hpp"
#include "summary/sample_area.hpp"

namespace sim {

/* One reported number a trial: an output, at one step if it has time. */
struct Slot {
  std::string output;
  std::string unit;
  std::int64_t step = -1;  // -1: no time
  std::uint32_t output_index = 0;
};

/* Trials [first_trial, first_trial + trials) of one scenario, counted from 0; first_trial is a
 * multiple of kLeafTrials. */
struct Chunk {
  std::uint32_t scenario;
  std::int64_t first_trial;
  std::int64_t trials;
};

class Simulation {
 public:
  /*
   * Compiles. Throws Error for bad texts, overrides, data, parameters: invalid_model,
   * undefined_name, out_of_range, ... Requires experiment.trials >= 1, or kAllWindows for every
   * window of a model that uses historical(data), 10,000 otherwise.
   */
  explicit Simulation(const Experiment& experiment);
  ~Simulation();
  Simulation(Simulation&&) noexcept;
  Simulation& operator=(Simulation&&) noexcept;
  /*
   * The same experiment, for another thread: what was compiled is shared, the rest is its own.  A
   * simulation is used by one thread at a time.
   */
  Simulation another() const;

  /*
   * Becomes the simulation of an experiment that differs from its own in scenarios, trials and seed
   * alone; of the given one nothing else is read but the model's name.  False, and as before, where
   * a scenario replaces other inputs, or replaces them by something else than numbers.  Throws as
   * the constructor does, and is as before.  The number of leaves in a chunk is chosen anew.
   */
  bool begin_again(const Experiment& experiment);

  std::span<const Slot> slots() const;
  std::uint32_t scenarios() const;
  const std::string& scenario_name(std::uint32_t scenario) const;
  std::int64_t trials() const;

  /* Whether the model has uncertain inputs in any scenario; if not, all trials are equal. */
  bool uncertain() const;
  /* Elementary operations and draws a trial, all steps together: the basis of cost estimates. About
   * 0.3 ns each. */
  double operations_per_trial() const;

  /* Leaves in a chunk: a power of two, chosen from the cost of a trial, the number of trials and
   * the wish for `chunks` chunks. */
  std::int64_t chunk_leaves() const;
  std::int64_t chunk_count() const;  // over all scenarios
  Chunk chunk(std::int64_t number) const;
  /* The two debugging knobs below change scheduling only, never a bit of a result. */
  void set_chunk_leaves(std::int64_t leaves);  // a power of two
  void set_batch_lanes(std::size_t lanes);     // a multiple of kBlockTrials, at most kLeafTrials

  /*
   * Values of the wanted slots for each trial of the chunk: out[k * chunk.trials + i] is slot
   * wanted[k] of trial i.  Values that are not finite are failed trials.  All slots are computed:
   * to compute less, name fewer outputs in the experiment.  Requires: no slot is wanted twice.
   */
  void sample(const Chunk& chunk, std::span<const std::uint32_t> wanted, double* out,
              Control& control) const;

  /* The chunk's partial over all slots. */
  Partial summarize(const Chunk& chunk, const KeepPlan& keep, Control& control) const;

  /* The chunk's moments; its values go to their places in the area. */
  Partial summarize_into(const Chunk& chunk, const SampleArea& area, Control& control) const;
  /* The chunk's moments; its values go to `values`: chunk.trials of each slot, one slot after
   * another. */
  Partial summarize_beside(const Chunk& chunk, double* values, Control& control) const;
  /* This run's area in the memory given, which has room for scenarios * slots * trials values. */
  SampleArea sample_area(double* values) const;

  /*
   * The chunk's partial of paired differences between chunk.scenario and scenario 0 on the same
   * trials: influence of x in its scenario minus influence of x in scenario 0. `influences` holds
   * scenarios * slots entries.
   */
  Partial summarize_differences(const Chunk& chunk, std::span<const InfluenceSpec> influences,
                                Control& control) const;

 private:
  struct Implementation;
  explicit Simulation(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

inline constexpr std::int64_t kAllWindows = -1;
inline constexpr std::int64_t kDefaultTrials = 10000;

}  // namespace sim
