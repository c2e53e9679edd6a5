/*
 * partial.hpp -- what is known of a run after some of its chunks: the state of the merge tree.
 *
 * The trials of a scenario are cut into aligned blocks of 128; siblings (2k, 2k+1) of a level merge
 * into their parent.  A Partial holds a set of maximal finished subtrees for each scenario, so that
 * partials merge in any order and grouping to the same bits.  What does not fill a tree is folded
 * left to right at the end.
 *
 * A slot is one reported number a trial: an output, at one step if it has time.
 *
 * A Partial is used by one thread at a time, reading included: kept values are gathered when they
 * are first asked for.
 */
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "summary/keep_plan.hpp"
#include "summary/kept_values.hpp"
#include "summary/moments.hpp"

namespace sim {

/* Position of a subtree: it covers the blocks [index * 2^level, (index + 1) * 2^level) of a
 * scenario. */
struct TreePosition {
  std::uint32_t scenario;
  std::uint32_t level;
  std::uint64_t index;

  friend auto operator<=>(const TreePosition&, const TreePosition&) = default;
};

class Partial {
 public:
  /* Of no shape yet: takes the shape of what is merged into it. */
  Partial() = default;
  Partial(std::uint32_t scenarios, std::uint32_t slots);

  std::uint32_t scenarios() const { return scenarios_; }
  std::uint32_t slots() const { return slots_; }
  /* What is kept besides moments; moments as long as there are no chunks. */
  KeepMode mode() const { return mode_; }

  /*
   * Takes all of `other` in. Throws Error(corrupt_state) when the shapes or the kept brackets
   * differ or a trial would be counted twice; this is then in no defined state.
   */
  void merge(Partial&& other);

  /* The moments of all trials so far, folded; count = failed = 0 where there are none. */
  Moments total(std::uint32_t scenario, std::uint32_t slot) const;

  /*
   * Kept values in no particular order: every finite value (KeepMode::samples), or those inside
   * collected bracket number `bracket`.  Valid until the next merge.
   */
  std::span<const double> samples(std::uint32_t scenario, std::uint32_t slot,
                                  std::uint32_t bracket = 0) const;
  /* The same values, taken out: the partial keeps none of them. For callers that reorder them. */
  std::vector<double> take_samples(std::uint32_t scenario, std::uint32_t slot,
                                   std::uint32_t bracket = 0);

  /*
   * Counts of all regions and bins, from left to right (KeepMode::histogram and brackets): every
   * finite value is counted in exactly one, and no value of one lies beyond a value of the next.
   * Empty where no chunk of the scenario was merged.
   */
  std::vector<Region> regions(std::uint32_t scenario, std::uint32_t slot) const;

  /* Work counters for explanations: chunks merged. */
  std::uint64_t chunks() const { return chunks_; }

  std::vector<std::uint8_t> serialize() const;
  /* Throws Error(corrupt_state) on bytes that serialize() did not write; never reads outside them.
   */
  static Partial deserialize(std::span<const std::uint8_t> bytes);

  /* Bytes held, for memory limits; takes time with the number of scenarios and slots. */
  std::size_t memory() const;

 private:
  friend class ChunkSummary;

  /* A finished subtree: the moments of each slot over its blocks. */
  struct Subtree {
    std::uint32_t level;
    std::vector<Moments> slots;
  };

  struct ScenarioState {
    std::map<std::uint64_t, Subtree> subtrees;  // by their first block; disjoint
    std::vector<KeptSlot> kept;                 // one a slot, or none at all for KeepMode::moments
  };

  void adopt_shape(const Partial& other);
  void insert(TreePosition position, std::vector<Moments>&& slots);
  static void merge_kept(ScenarioState& state, std::vector<KeptSlot>&& kept);
  const KeptSlot* find_kept(std::uint32_t scenario, std::uint32_t slot) const;

  static void write_state(ByteWriter& writer, const ScenarioState& state);
  void read_state(ByteReader& reader, std::uint32_t scenario);

  std::uint32_t scenarios_ = 0;
  std::uint32_t slots_ = 0;
  KeepMode mode_ = KeepMode::moments;
  std::uint64_t chunks_ = 0;
  std::map<std::uint32_t, ScenarioState> states_;  // of the scenarios that have trials
};

/*
 * Reduces one chunk while it is simulated.  Values of a slot arrive in the order of trials, in
 * pieces of any length that is a multiple of kBlockTrials (only the last may be shorter).  The
 * slots may arrive in any order, or in turns.
 */
class ChunkSummary {
 public:
  /*
   * first_trial counts from 0 and is a multiple of kLeafTrials. The plan must outlive the summary
   * and fit the shape (check_plan).
   */
  ChunkSummary(std::uint32_t scenarios, std::uint32_t slots, std::uint32_t scenario,
               std::int64_t first_trial, const KeepPlan& plan);
  void add(std::uint32_t slot, const double* values, std::size_t n);
  /*
   * The partial of the chunk; the summary is spent. Throws Error(corrupt_state) when the slots did
   * not get equally many values, or one got values after a short piece.
   */
  Partial finish();

 private:
  /* A finished subtree of one slot, the rightmost last. */
  struct Finished {
    std::uint32_t level;
    std::uint64_t index;
    Moments moments;
  };

  struct SlotSummary {
    std::int64_t trials = 0;
    bool closed = false;  // by a piece that ended inside a block
    std::vector<Finished> finished;
  };

  void add_block(SlotSummary& slot, const Moments& block);

  Partial partial_;
  std::uint32_t scenario_;
  std::uint64_t first_block_;
  std::vector<SlotSummary> slots_;
  std::vector<KeptSlot> kept_;
};

}  // namespace sim
