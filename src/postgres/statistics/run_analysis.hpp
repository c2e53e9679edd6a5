/*
 * run_analysis.hpp -- the statistics of a run, pass after pass: pure C++, to be called inside
 * guarded().
 *
 * Says what the next pass over the trials has to keep, takes its merged partial, and has the
 * statistics when no pass is needed.  One pass gives the moments, and the percentiles where all
 * samples fit the memory allowed; otherwise further passes find the same percentiles.  Which way it
 * goes is decided from trials, outputs, scenarios and the memory allowed alone.
 */
#pragma once

#include "scan/compiled.hpp"

#include <optional>
#include <string>
#include <vector>

#include "chart/text_histogram.hpp"
#include "summary/near_board.hpp"
#include "summary/partial.hpp"
#include "summary/percentile.hpp"
#include "summary/refinement.hpp"

namespace simpg {

/* What is asked of a run. */
struct AnalysisOptions {
  std::vector<double> probabilities;  // none: moments only
  bool intervals = false;             // of the percentiles
  bool shape = false;                 // keep what drawing() needs
  int bins = 0;  // about so many in histograms; probabilities then have kRangeLow and kRangeHigh
  int64 memory = 0;  // bytes for samples
};

/* Bins between edges; one edge more than counts, or nothing. */
struct Histogram {
  std::vector<double> edges;
  std::vector<std::int64_t> counts;
};

class RunAnalysis {
 public:
  /* Simulates the first leaf where the samples do not fit. Throws what compile() throws;
   * Error(cancelled). */
  RunAnalysis(std::span<const std::uint8_t> experiment, const AnalysisOptions& options,
              const Knobs& knobs, sim::Control& control);

  const std::string& model() const { return experiment_->model; }
  const sim::Simulation& simulation() const { return experiment_->simulation; }
  std::uint32_t slots() const { return slots_; }

  bool needs_pass() const { return needs_pass_; }
  /* What the next pass keeps, as sim.chunks is told. */
  const std::vector<std::uint8_t>& keep() const { return keep_; }
  /* How many samples the next pass keeps: with memory for them it need keep nothing else. */
  std::size_t sample_count() const;
  /* `samples`: that memory, which is reordered; null where samples are in the partial. */
  void take(sim::Partial&& pass, double* samples);
  /*
   * What a board needs that gathers the samples near the percentiles from the processes of a pass;
   * its size is 0 where it would not help.  With it the next pass need keep nothing else.
   */
  sim::NearShape near_shape() const;
  /* There is no board. Simulates the first leaf where all samples do not fit. */
  void go_without_board(sim::Control& control);
  /* Another pass is needed where the board does not hold the percentiles. */
  void take(sim::Partial&& pass, const sim::NearBoard& board, sim::Control& control);
  int passes() const { return passes_; }

  /* Of all trials. Requires: !needs_pass(). */
  const sim::Moments& total(std::uint32_t scenario, std::uint32_t slot) const;
  /* In the order of the probabilities; nothing where there are none. */
  std::span<const sim::PercentileEstimate> percentiles(std::uint32_t scenario,
                                                       std::uint32_t slot) const;
  /* Lines of text. Requires: options.shape. */
  std::vector<std::string> drawing(std::uint32_t scenario, std::uint32_t slot) const;
  /* Counts at round edges; nothing where no trial has a value. Requires: options.bins. */
  const Histogram& histogram(std::uint32_t scenario, std::uint32_t slot) const;

 private:
  struct Cell {
    sim::Moments total;
    std::vector<sim::PercentileEstimate> percentiles;
    std::vector<double> values;               // of a shape
    std::vector<sim::WeightedValue> weights;  // of a shape, where values did not fit
    Histogram histogram;
  };

  void start_refinement(sim::Control& control);
  void take_samples(sim::Partial& pass, double* samples);
  void take_values(Cell& cell, std::span<double> values) const;
  void find_percentiles(Cell& cell, std::span<double> values) const;
  std::vector<double> choose_edges(const Cell& cell) const;
  void take_refinement(sim::Partial&& pass);
  void start_counting();
  void take_counts(const sim::Partial& pass);
  void keep_weights(const sim::Partial& pass);
  std::size_t place(std::uint32_t scenario, std::uint32_t slot) const {
    return static_cast<std::size_t>(scenario) * slots_ + slot;
  }

  SharedExperiment experiment_;
  AnalysisOptions options_;
  std::uint32_t scenarios_;
  std::uint32_t slots_;
  std::optional<sim::BracketRefinement> refinement_;  // none: samples fit
  std::vector<std::uint8_t> keep_;
  bool needs_pass_ = true;
  bool fits_ = false;    // all samples, in memory
  bool misled_ = false;  // a board did not hold the percentiles
  bool waits_for_board_ = false;
  bool counting_ = false;  // the pass is that of the histograms, whose edges are known by now
  int passes_ = 0;
  std::vector<Cell> cells_;
};

}  // namespace simpg
