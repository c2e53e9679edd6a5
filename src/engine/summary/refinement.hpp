/*
 * refinement.hpp -- exact percentiles in bounded memory, by simulating again.
 *
 * Where the samples of a run do not fit, the first pass over its trials counts them in a histogram
 * of one bracket a slot, placed by a pilot (the first leaf).  The counts tell in which bin each
 * wanted order statistic lies.  The next pass collects the values of those bins alone, and
 * selection among them gives the order statistic itself: the same double that sorting all values
 * gives.  Where a bin holds too many values (heavy tails fall into the outer bins, atoms into one),
 * the next pass counts it again in finer bins; a bin whose smallest and largest value are equal is
 * known already. Every pass cuts what it counts into smaller intervals and doubles are finitely
 * many, so it ends: after two passes as a rule, after three for heavy tails.
 *
 *   BracketRefinement refinement(scenarios, slots, probabilities, intervals, memory, pilots);
 *   while (refinement.needs_pass()) refinement.take(run(refinement.plan()));
 *   refinement.percentiles(scenario, slot);
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "summary/keep_plan.hpp"
#include "summary/moments.hpp"
#include "summary/partial.hpp"
#include "summary/percentile.hpp"

namespace sim {

class BracketRefinement {
 public:
  /*
   * `pilots` holds pilot_bracket() of (scenario, slot) at scenario * slots + slot.  The values and
   * counts kept in one Partial stay within `memory` bytes; where that is less than sixteen bins a
   * slot, the slots take turns in several passes.
   *
   * Throws Error(invalid_parameter) for a probability outside 0 to 1.
   * Requires: pilots.size() == scenarios * slots.
   */
  BracketRefinement(std::uint32_t scenarios, std::uint32_t slots, std::vector<double> probabilities,
                    bool intervals, std::size_t memory, std::span<const Bracket> pilots);

  bool needs_pass() const { return needs_pass_; }
  /* What the next pass keeps. Valid until take(). */
  const KeepPlan& plan() const { return plan_; }
  /*
   * Takes the partial of all trials under plan().  Throws Error(corrupt_state) when it does not
   * count as many values as the passes before: the trials were not the same.
   */
  void take(Partial&& pass);

  /* Passes taken so far. */
  int passes() const { return passes_; }

  /* In the order of the probabilities. Requires: !needs_pass(). */
  std::vector<PercentileEstimate> percentiles(std::uint32_t scenario, std::uint32_t slot) const;
  /* The moments of all trials. Requires: passes() >= 1. */
  const Moments& total(std::uint32_t scenario, std::uint32_t slot) const;

 private:
  /* An interval that holds wanted order statistics which are not known yet. */
  struct Open {
    Bracket bracket;
    std::uint64_t count = 0;  // values in it; 0: not known yet
    int cuts = 0;             // how often it was cut
    bool asked = false;       // whether it is in the plan
  };

  struct Cell {
    Moments total;
    std::vector<std::int64_t> rows;         // wanted, ascending
    std::map<std::int64_t, double> values;  // known, by row
    std::vector<Open> open;                 // disjoint
    std::vector<Open> asked;                // those in the plan, in its order
  };

  void begin_cell(Cell& cell, const Moments& total);
  void take_cell(Cell& cell, Partial& pass, std::uint32_t scenario, std::uint32_t slot);
  void resolve(Cell& cell, const Region& region, std::int64_t first_row, Partial& pass,
               std::uint32_t scenario, std::uint32_t slot);
  void make_plan();
  void write_plan();
  const PercentileTargets& targets_of(std::int64_t n) const;

  std::uint32_t slots_;
  std::vector<double> probabilities_;
  bool intervals_;
  std::size_t memory_;
  std::vector<Cell> cells_;
  /* By number of values: the intervals' rows are costly, and most slots have equally many values.
   */
  mutable std::map<std::int64_t, PercentileTargets> targets_;
  KeepPlan plan_;
  bool needs_pass_ = true;
  int passes_ = 0;
};

}  // namespace sim
