/*
 * results.hpp -- the statistics of each output of each scenario, of which some are known and others
 * are missing: pure C++, to be called inside guarded().
 *
 * A result is one output of one scenario at all its steps.  It has a key, under which the cache
 * keeps it as bytes; results with one key are one, and computed once.
 */
#pragma once

#include "postgres.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "keys/session_keys.hpp"
#include "statistics/run_analysis.hpp"

namespace simpg {

/* What is asked of each result. */
struct ResultForm {
  std::vector<double> probabilities;  // ascending, each once
  bool intervals = false;
  int bins = 0;  // of a histogram at each step; 0: none
};

class Results {
 public:
  /* Of so many trials, over as many scenarios and outputs as there are keys, which must outlive
   * it. */
  Results(const ExperimentKeys& keys, ResultForm form);

  /* Scenario by scenario, output by output. */
  std::size_t count() const { return cells_.size(); }
  std::size_t scenarios() const { return keys_.scenarios.size(); }
  std::size_t outputs() const { return outputs_; }
  std::int64_t trials() const { return keys_.trials; }
  const std::string& scenario(std::size_t place) const { return keys_.scenarios[place / outputs_]; }
  const std::string& output(std::size_t place) const { return key_at(place).output; }

  const sim::Sha256Digest& key(std::size_t place) const { return cache_keys_[place]; }
  /* Others are never missing, and have no rows. */
  bool is_usable(std::size_t place) const { return key_at(place).unusable.empty(); }
  /* Whether a run gave it, not the cache. */
  bool is_computed(std::size_t place) const { return cells_[place].computed; }
  std::vector<std::uint8_t> bytes(std::size_t place) const;
  /* Throws Error(corrupt_state) on bytes that bytes() did not give for that key. */
  void take(std::size_t place, std::span<const std::uint8_t> bytes);

  /* Scenarios that lack the same results. */
  struct Missing {
    std::vector<std::size_t> scenarios;
    std::vector<std::size_t> outputs;
  };
  /* All that is missing, each key once, but for places to be left out. */
  std::vector<Missing> missing(const std::vector<bool>& left_out = {}) const;
  /* One that is missing, from the same result with more percentiles, of which it has all that are
   * asked here. Requires: no intervals, no bins. */
  void take(std::size_t place, const Results& finer);
  /* What was missing, from the analysis of a run of just that. */
  void take(const Missing& missing, const RunAnalysis& analysis);
  /* Lays out the rows. Requires: nothing is missing. */
  void finish();

  /* Steps that a scenario lacks have failed in all trials. */
  struct Row {
    const char* scenario;
    const char* output;
    std::int64_t step;
    const sim::Moments* total;
    const sim::PercentileEstimate* percentiles;  // in the order of the form
    const Histogram* histogram;                  // null: not asked for
  };
  /* In the order in which a run gives its slots. */
  const std::vector<Row>& rows() const { return rows_; }

 private:
  /* Of one result: by step, and by step and probability. */
  struct Cell {
    bool known = false;
    bool computed = false;
    std::vector<sim::Moments> totals;
    std::vector<sim::PercentileEstimate> percentiles;
    std::vector<Histogram> histograms;
  };
  /* Steps of an output that any scenario has. */
  struct Reported {
    std::size_t output;
    std::int64_t first;
  };

  const sim::OutputKey& key_at(std::size_t place) const {
    return keys_.outputs[place / outputs_][place % outputs_];
  }
  std::size_t step_count(std::size_t place) const;
  std::vector<Reported> reported_outputs() const;
  Row row(std::size_t scenario, std::size_t output, std::int64_t step) const;
  std::vector<std::size_t> first_of_each_key() const;

  const ExperimentKeys& keys_;
  const ResultForm form_;
  std::size_t outputs_;
  std::vector<sim::Sha256Digest> cache_keys_;
  std::vector<Cell> cells_;
  Cell nothing_;  // of a step that a scenario lacks
  std::vector<Row> rows_;
};

}  // namespace simpg
