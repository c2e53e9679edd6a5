/*
 * sample_reader.hpp -- simulates chunk after chunk and lays the samples out as rows: pure C++, to
 * be called inside guarded().
 *
 * One leaf of 1,024 trials is simulated at a time, so that the first row comes soon, a cancel is
 * heard, and memory does not grow with the number of trials.  Rows are read from a SampleWindow, a
 * plain view of the current leaf, outside guarded().
 */
#pragma once

#include "scan/compiled.hpp"

#include <string>
#include <vector>

namespace simpg {

/* What the reader knows of a column of the definition list; plain, the name in UTF-8. */
struct SampleColumns;

/*
 * The rows of one leaf.  A trial has `rows` rows; row r is at step steps[r].  Column c of row r of
 * trial i is values[place[c * rows + r] * trials + i], or NULL where the place is negative: the
 * output does not exist at this step.
 */
struct SampleWindow {
  int64 first_trial;  // counted from 0
  int64 trials;       // 0: no leaf
  int rows;
  const std::int32_t* steps;
  const std::int32_t* places;
  const double* values;
};

/* How a plan, or EXPLAIN, sees the work. */
struct SampleWork {
  double operations_per_trial;
  int64 trials;
  int64 rows_per_trial;
  int64 chunks;
  int64 leaves_per_chunk;
};

class SampleReader {
 public:
  /*
   * Throws Error(invalid_parameter) where step is asked for and nothing has steps, and what
   * compile() throws. Requires: the experiment has one scenario and was made by load_samples() for
   * the same columns.
   */
  SampleReader(std::span<const std::uint8_t> experiment, const SampleColumns& columns,
               const Knobs& knobs);

  const CompiledExperiment& experiment() const { return *experiment_; }
  SampleWork work() const;
  /* The chunk read next. */
  void start_chunk(int64 number);
  /* Simulates the next leaf of the chunk into the window; no trials when the chunk is done. */
  void next_leaf(sim::Control& control);
  const SampleWindow& window() const { return window_; }
  /* Trials of the window with a value that is not finite. */
  int64 failed_trials() const;

 private:
  void find_steps(const SampleColumns& columns);
  void lay_out_rows(const SampleColumns& columns);

  SharedExperiment experiment_;
  std::vector<std::uint32_t> wanted_;  // slots that are computed
  std::vector<std::int32_t> steps_;
  std::vector<std::int32_t> places_;
  std::vector<double> values_;
  sim::Chunk rest_{0, 0, 0};  // what is left of the chunk
  SampleWindow window_{};
};

}  // namespace simpg
