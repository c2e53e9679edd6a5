/*
 * sample_reader.cpp -- lays samples out as rows.
 */
#include "scan/sample_reader.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "scan/sample_columns.hpp"

namespace simpg {

namespace {

/* The slots of each variable: by step, or one at step -1. */
using SlotsByName = std::map<std::string, std::map<std::int64_t, std::uint32_t>, std::less<>>;

SlotsByName group_slots(const sim::Simulation& simulation) {
  SlotsByName grouped;
  const auto slots = simulation.slots();
  for (std::uint32_t i = 0; i < slots.size(); i++) {
    grouped[slots[i].output][slots[i].step] = i;
  }
  return grouped;
}

bool names(const SampleColumns& columns, ColumnKind kind) {
  return std::any_of(columns.columns, columns.columns + columns.count,
                     [kind](const SampleColumn& column) { return column.kind == kind; });
}

/* The steps at which a trial has rows: those of the timed variables asked for, of all that are
 * reported where none is. */
std::vector<std::int32_t> row_steps(const SlotsByName& slots, bool step_asked) {
  std::set<std::int32_t> steps;
  for (const auto& [name, by_step] : slots) {
    for (const auto& [step, slot] : by_step) {
      if (step >= 0) {
        steps.insert(static_cast<std::int32_t>(step));
      }
    }
  }
  if (step_asked && steps.empty()) {
    throw sim::Error(
        sim::ErrorKind::invalid_parameter, "nothing that is asked for has steps",
        "A column \"step\" was asked for, but no output in the column definition list has time.",
        "Leave \"step\" out, or name an output with time.");
  }
  return {steps.begin(), steps.end()};
}

/* A byte of a model's text takes about as long to compile as so many operations to run. */
constexpr double kOperationsAByte = 1000;

/*
 * The experiment with those outputs alone that the query reads; the one given where it reads all or
 * none of them, or where compiling again would take longer than what it saves.  The trials stay:
 * how many windows there are depends on all that was asked for.
 */
SharedExperiment keep_read(SharedExperiment asked, std::span<const std::uint8_t> bytes,
                           const SampleColumns& columns, const Knobs& knobs) {
  std::vector<std::string> read;
  int outputs = 0;
  for (int c = 0; c < columns.count; c++) {
    const SampleColumn& column = columns.columns[c];
    outputs += column.kind == ColumnKind::output ? 1 : 0;
    if (column.kind == ColumnKind::output && column.needed) {
      read.emplace_back(column.name);
    }
  }
  if (read.empty() || std::ssize(read) == outputs) {
    return asked;
  }
  const sim::Simulation& simulation = asked->simulation;
  sim::Experiment experiment = sim::deserialize_experiment(bytes);
  if (simulation.operations_per_trial() * static_cast<double>(simulation.trials()) <
      kOperationsAByte * static_cast<double>(experiment.source.size())) {
    return asked;
  }
  experiment.outputs = std::move(read);
  experiment.trials = simulation.trials();
  return compile(sim::serialize(experiment), knobs);
}

}  // namespace

SampleReader::SampleReader(std::span<const std::uint8_t> experiment, const SampleColumns& columns,
                           const Knobs& knobs)
    : experiment_(compile(experiment, knobs)) {
  find_steps(columns);
  experiment_ = keep_read(experiment_, experiment, columns, knobs);
  lay_out_rows(columns);
}

void SampleReader::find_steps(const SampleColumns& columns) {
  const bool step_asked = names(columns, ColumnKind::step);
  if (step_asked || names(columns, ColumnKind::output)) {
    steps_ = row_steps(group_slots(experiment_->simulation), step_asked);
  }
}

void SampleReader::lay_out_rows(const SampleColumns& columns) {
  const SlotsByName slots = group_slots(experiment_->simulation);
  const bool timed = !steps_.empty();
  if (!timed) {
    steps_ = {-1};
  }
  places_.assign(static_cast<std::size_t>(columns.count) * steps_.size(), -1);
  std::map<std::uint32_t, std::int32_t> place_of_slot;
  for (int c = 0; c < columns.count; c++) {
    const SampleColumn& column = columns.columns[c];
    if (column.kind != ColumnKind::output || !column.needed) {
      continue;
    }
    const auto by_step = slots.find(std::string_view(column.name));
    if (by_step == slots.end()) {
      throw sim::Error(sim::ErrorKind::undefined_name,
                       "the model has no \"" + std::string(column.name) + "\"");
    }
    for (std::size_t r = 0; r < steps_.size(); r++) {
      auto slot = by_step->second.find(-1);
      if (slot == by_step->second.end()) {
        slot = by_step->second.find(steps_[r]);
      }
      if (slot == by_step->second.end()) {
        continue;
      }
      const auto [entry, fresh] =
          place_of_slot.try_emplace(slot->second, static_cast<std::int32_t>(wanted_.size()));
      if (fresh) {
        wanted_.push_back(slot->second);
      }
      places_[static_cast<std::size_t>(c) * steps_.size() + r] = entry->second;
    }
  }
}

SampleWork SampleReader::work() const {
  const sim::Simulation& simulation = experiment_->simulation;
  return {simulation.operations_per_trial(), simulation.trials(), static_cast<int64>(steps_.size()),
          simulation.chunk_count(), simulation.chunk_leaves()};
}

void SampleReader::start_chunk(int64 number) {
  rest_ = experiment_->simulation.chunk(number);
  window_ = {};
}

void SampleReader::next_leaf(sim::Control& control) {
  sim::Chunk leaf = rest_;
  leaf.trials = std::min(leaf.trials, sim::kLeafTrials);
  rest_.first_trial += leaf.trials;
  rest_.trials -= leaf.trials;
  if (leaf.trials > 0 && !wanted_.empty()) {
    values_.resize(wanted_.size() * static_cast<std::size_t>(leaf.trials));
    experiment_->simulation.sample(leaf, wanted_, values_.data(), control);
  }
  window_ = {leaf.first_trial, leaf.trials,    static_cast<int>(steps_.size()),
             steps_.data(),    places_.data(), values_.data()};
}

int64 SampleReader::failed_trials() const {
  int64 failed = 0;
  for (int64 i = 0; i < window_.trials; i++) {
    bool finite = true;
    for (std::size_t k = 0; k < wanted_.size(); k++) {
      finite =
          finite &&
          std::isfinite(
              values_[k * static_cast<std::size_t>(window_.trials) + static_cast<std::size_t>(i)]);
    }
    failed += finite ? 0 : 1;
  }
  return failed;
}

}  // namespace simpg
