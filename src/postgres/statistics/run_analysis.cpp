/*
 * run_analysis.cpp -- the statistics of a run, pass after pass.
 */
#include "statistics/run_analysis.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "chart/histogram_edges.hpp"
#include "scan/keep.hpp"
#include "summary/point_counts.hpp"

namespace simpg {

namespace {

/* Two processes as a rule, each with a partial, with one to add to it, and with the bytes of both
 * on their way. */
constexpr int64 kPartialsAtOnce = 8;

/* Part of the memory that a board may have where not all samples fit: each process sees all of it.
 */
constexpr int64 kBoardPart = 3;

/* Values of every slot in the first leaf of a scenario, for the brackets of the first histogram. */
std::vector<double> pilot_values(const sim::Simulation& simulation, std::uint32_t scenario,
                                 sim::Control& control) {
  const std::int64_t trials = std::min(simulation.trials(), sim::kLeafTrials);
  std::vector<std::uint32_t> wanted(simulation.slots().size());
  std::iota(wanted.begin(), wanted.end(), 0U);
  std::vector<double> values(wanted.size() * static_cast<std::size_t>(trials));
  simulation.sample({scenario, 0, trials}, wanted, values.data(), control);
  return values;
}

}  // namespace

RunAnalysis::RunAnalysis(std::span<const std::uint8_t> experiment, const AnalysisOptions& options,
                         const Knobs& knobs, sim::Control& control)
    : experiment_(compile(experiment, knobs)),
      options_(options),
      scenarios_(simulation().scenarios()),
      slots_(static_cast<std::uint32_t>(simulation().slots().size())),
      cells_(static_cast<std::size_t>(scenarios_) * slots_) {
  sim::KeepPlan plan;
  if (!options_.probabilities.empty()) {
    const double values =
        static_cast<double>(simulation().trials()) * static_cast<double>(cells_.size());
    fits_ = values * sizeof(double) <= static_cast<double>(options_.memory);
    if (fits_) {
      plan.mode = sim::KeepMode::samples;
    } else if (sim::NearBoard::size(near_shape()) > 0) {
      waits_for_board_ = true;
    } else {
      start_refinement(control);
      return;
    }
  }
  keep_ = keep_bytes(plan);
}

void RunAnalysis::start_refinement(sim::Control& control) {
  std::vector<sim::Bracket> pilots;
  pilots.reserve(cells_.size());
  for (std::uint32_t scenario = 0; scenario < scenarios_; scenario++) {
    const std::vector<double> values = pilot_values(simulation(), scenario, control);
    const std::size_t trials = slots_ == 0 ? 0 : values.size() / slots_;
    for (std::uint32_t slot = 0; slot < slots_; slot++) {
      pilots.push_back(sim::pilot_bracket(std::span(values).subspan(slot * trials, trials)));
    }
  }
  refinement_.emplace(scenarios_, slots_, options_.probabilities, options_.intervals,
                      static_cast<std::size_t>(options_.memory / kPartialsAtOnce), pilots);
  needs_pass_ = refinement_->needs_pass();
  if (needs_pass_) {
    keep_ = keep_bytes(refinement_->plan());
  }
}

std::size_t RunAnalysis::sample_count() const {
  return !fits_ ? 0 : cells_.size() * static_cast<std::size_t>(simulation().trials());
}

void RunAnalysis::take(sim::Partial&& pass, double* samples) {
  passes_++;
  if (counting_) {
    take_counts(pass);
  } else if (refinement_.has_value()) {
    take_refinement(std::move(pass));
  } else {
    take_samples(pass, samples);
    needs_pass_ = false;
  }
}

/* Where percentiles are all that is asked of the samples, those near them are enough. */
sim::NearShape RunAnalysis::near_shape() const {
  sim::NearShape shape;
  if (misled_ || options_.shape || options_.bins > 0 || options_.probabilities.empty()) {
    return shape;
  }
  shape.memory = static_cast<std::size_t>(fits_ ? options_.memory : options_.memory / kBoardPart);
  shape.scenarios = scenarios_;
  shape.slots = slots_;
  shape.trials = simulation().trials();
  const sim::PercentileTargets targets(options_.probabilities, shape.trials, options_.intervals);
  shape.rows.assign(targets.rows().begin(), targets.rows().end());
  return shape;
}

void RunAnalysis::go_without_board(sim::Control& control) {
  misled_ = true;
  if (waits_for_board_) {
    waits_for_board_ = false;
    start_refinement(control);
  }
}

void RunAnalysis::take(sim::Partial&& pass, const sim::NearBoard& board, sim::Control& control) {
  passes_++;
  for (std::uint32_t scenario = 0; scenario < scenarios_; scenario++) {
    for (std::uint32_t slot = 0; slot < slots_; slot++) {
      Cell& cell = cells_[place(scenario, slot)];
      cell.total = pass.total(scenario, slot);
      const sim::PercentileTargets targets(options_.probabilities, cell.total.count,
                                           options_.intervals);
      const auto found = board.find(scenario, slot, targets.rows(), cell.total.count);
      if (!found.has_value()) {
        go_without_board(control);
        return;
      }
      cell.percentiles = targets.estimate(*found);
    }
  }
  needs_pass_ = false;
}

void RunAnalysis::take_samples(sim::Partial& pass, double* samples) {
  const sim::SampleArea area = simulation().sample_area(samples);
  for (std::uint32_t scenario = 0; scenario < scenarios_; scenario++) {
    for (std::uint32_t slot = 0; slot < slots_; slot++) {
      Cell& cell = cells_[place(scenario, slot)];
      cell.total = pass.total(scenario, slot);
      if (options_.probabilities.empty()) {
        continue;
      }
      if (samples != nullptr) {
        take_values(cell, sim::finite_values(area, scenario, slot, cell.total));
      } else {
        std::vector<double> values = pass.take_samples(scenario, slot);
        take_values(cell, values);
      }
    }
  }
}

/* Spends the values: finding percentiles leaves some of them and overwrites the others. */
void RunAnalysis::take_values(Cell& cell, std::span<double> values) const {
  if (options_.shape) {
    cell.values.assign(values.begin(), values.end());
  }
  if (options_.bins == 0 || values.empty()) {
    find_percentiles(cell, values);
    return;
  }
  std::vector<double> spent(values.begin(), values.end());
  find_percentiles(cell, spent);
  cell.histogram.edges = choose_edges(cell);
  sim::PointCounts counts(cell.histogram.edges, false);
  counts.add(values);
  cell.histogram.counts = counts.between();
}

std::vector<double> RunAnalysis::choose_edges(const Cell& cell) const {
  const auto percentile = [&](double probability) {
    const auto at =
        std::find(options_.probabilities.begin(), options_.probabilities.end(), probability);
    return cell.percentiles[static_cast<std::size_t>(at - options_.probabilities.begin())].value;
  };
  return sim::histogram_edges(
      {cell.total.min, percentile(sim::kRangeLow), percentile(sim::kRangeHigh), cell.total.max},
      options_.bins);
}

void RunAnalysis::find_percentiles(Cell& cell, std::span<double> values) const {
  cell.percentiles.clear();
  if (options_.intervals) {
    cell.percentiles = sim::exact_percentile_estimates(values, options_.probabilities);
    return;
  }
  for (const double value : sim::exact_percentiles(values, options_.probabilities)) {
    cell.percentiles.push_back({value, 0, 0, false, false});
  }
}

void RunAnalysis::take_refinement(sim::Partial&& pass) {
  if (options_.shape) {
    keep_weights(pass);
  }
  refinement_->take(std::move(pass));
  needs_pass_ = refinement_->needs_pass();
  if (needs_pass_) {
    keep_ = keep_bytes(refinement_->plan());
    return;
  }
  for (std::uint32_t scenario = 0; scenario < scenarios_; scenario++) {
    for (std::uint32_t slot = 0; slot < slots_; slot++) {
      Cell& cell = cells_[place(scenario, slot)];
      cell.total = refinement_->total(scenario, slot);
      cell.percentiles = refinement_->percentiles(scenario, slot);
    }
  }
  if (options_.bins > 0) {
    start_counting();
  }
}

/* A bracket of one bin for each bin of the histograms. */
void RunAnalysis::start_counting() {
  sim::KeepPlan plan;
  plan.mode = sim::KeepMode::brackets;
  for (Cell& cell : cells_) {
    std::vector<sim::Bracket>& brackets = plan.brackets.emplace_back();
    if (cell.total.count == 0) {
      continue;
    }
    cell.histogram.edges = choose_edges(cell);
    const std::span<const double> edges = cell.histogram.edges;
    for (std::size_t i = 0; i + 1 < edges.size(); i++) {
      const bool last = i + 2 == edges.size();
      const double high = last ? edges[i + 1] : std::nextafter(edges[i + 1], edges[i]);
      brackets.push_back({edges[i], high, 1, false});
    }
  }
  keep_ = keep_bytes(plan);
  counting_ = true;
  needs_pass_ = true;
}

void RunAnalysis::take_counts(const sim::Partial& pass) {
  for (std::uint32_t scenario = 0; scenario < scenarios_; scenario++) {
    for (std::uint32_t slot = 0; slot < slots_; slot++) {
      for (const sim::Region& region : pass.regions(scenario, slot)) {
        if (region.kind == sim::Region::Kind::bin) {
          cells_[place(scenario, slot)].histogram.counts.push_back(
              static_cast<std::int64_t>(region.bin.count));
        }
      }
    }
  }
  needs_pass_ = false;
}

/* The pass with the finest bins of a slot shows its shape best. */
void RunAnalysis::keep_weights(const sim::Partial& pass) {
  for (std::uint32_t scenario = 0; scenario < scenarios_; scenario++) {
    for (std::uint32_t slot = 0; slot < slots_; slot++) {
      std::vector<sim::WeightedValue> weights;
      for (const sim::Region& region : pass.regions(scenario, slot)) {
        if (region.bin.count > 0) {
          weights.push_back(
              {region.bin.min + (region.bin.max - region.bin.min) / 2, region.bin.count});
        }
      }
      std::vector<sim::WeightedValue>& known = cells_[place(scenario, slot)].weights;
      if (weights.size() > known.size()) {
        known = std::move(weights);
      }
    }
  }
}

const sim::Moments& RunAnalysis::total(std::uint32_t scenario, std::uint32_t slot) const {
  return cells_[place(scenario, slot)].total;
}

std::span<const sim::PercentileEstimate> RunAnalysis::percentiles(std::uint32_t scenario,
                                                                  std::uint32_t slot) const {
  return cells_[place(scenario, slot)].percentiles;
}

const Histogram& RunAnalysis::histogram(std::uint32_t scenario, std::uint32_t slot) const {
  return cells_[place(scenario, slot)].histogram;
}

std::vector<std::string> RunAnalysis::drawing(std::uint32_t scenario, std::uint32_t slot) const {
  const Cell& cell = cells_[place(scenario, slot)];
  return refinement_.has_value()
             ? sim::text_histogram(std::span<const sim::WeightedValue>(cell.weights))
             : sim::text_histogram(std::span<const double>(cell.values));
}

}  // namespace simpg
