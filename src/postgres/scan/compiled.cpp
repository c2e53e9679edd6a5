/*
 * compiled.cpp -- compiles experiments that come as bytes, and remembers the last few.
 */
#include "scan/compiled.hpp"

#include <algorithm>
#include <cstring>
#include <list>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "experiment/experiment.hpp"
#include "settings.hpp"

namespace simpg {

namespace {

constexpr std::size_t kMostKept = 8;
/* Larger experiments, of much bound data, are kept until the transaction ends and no longer. */
constexpr std::size_t kMostBytes = std::size_t{8} * 1024 * 1024;

struct Compiled {
  std::vector<std::uint8_t> experiment;  // empty: it is nobody's
  sim::Experiment run;                   // see deserialize_run
  Knobs knobs;
  std::shared_ptr<CompiledExperiment> result;
};

/* The latest used first. */
std::list<Compiled> kept;

void forget_large(XactEvent event, void*) {
  switch (event) {
    case XACT_EVENT_COMMIT:
    case XACT_EVENT_PARALLEL_COMMIT:
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PARALLEL_ABORT:
    case XACT_EVENT_PREPARE:
      std::erase_if(kept, [](const Compiled& each) { return each.experiment.size() > kMostBytes; });
      break;
    default:
      break;
  }
}

SharedExperiment find_kept(std::span<const std::uint8_t> experiment, const Knobs& knobs) {
  const auto known = std::find_if(kept.begin(), kept.end(), [&](const Compiled& each) {
    return each.knobs == knobs && std::ranges::equal(each.experiment, experiment);
  });
  if (known == kept.end()) {
    return nullptr;
  }
  kept.splice(kept.begin(), kept, known);
  return kept.front().result;
}

[[noreturn]] void refuse(const std::string& message, const std::string& setting) {
  throw sim::Error(sim::ErrorKind::limit_exceeded, message, {},
                   "A superuser may raise " + setting + ".");
}

void check_limits(const sim::Experiment& experiment, const Knobs& knobs) {
  if (experiment.source.size() > static_cast<std::size_t>(knobs.max_model_size)) {
    refuse("the text of model \"" + experiment.model + "\" has " +
               std::to_string(experiment.source.size()) + " bytes, the most is " +
               std::to_string(knobs.max_model_size),
           "sim.max_model_size");
  }
  if (experiment.scenarios.size() > static_cast<std::size_t>(knobs.max_scenarios)) {
    refuse(std::to_string(experiment.scenarios.size()) + " scenarios, the most is " +
               std::to_string(knobs.max_scenarios),
           "sim.max_scenarios");
  }
  if (experiment.trials > knobs.max_trials) {
    refuse(std::to_string(experiment.trials) + " trials, the most is " +
               std::to_string(knobs.max_trials),
           "sim.max_trials");
  }
}

sim::Experiment parse(std::span<const std::uint8_t> experiment, const Knobs& knobs) {
  sim::Experiment parsed = sim::deserialize_experiment(experiment);
  check_limits(parsed, knobs);
  if (parsed.max_steps <= 0 || parsed.max_steps > knobs.max_steps)
    parsed.max_steps = knobs.max_steps;
  parsed.optimisation = knobs.optimise ? sim::Optimisation::on : sim::Optimisation::off;
  return parsed;
}

void apply(const Knobs& knobs, sim::Simulation& simulation) {
  if (simulation.trials() > knobs.max_trials) {
    refuse(std::to_string(simulation.trials()) + " trials, the most is " +
               std::to_string(knobs.max_trials),
           "sim.max_trials");
  }
  if (knobs.batch_lanes > 0)
    simulation.set_batch_lanes(static_cast<std::size_t>(knobs.batch_lanes));
  if (knobs.chunk_leaves > 0) simulation.set_chunk_leaves(knobs.chunk_leaves);
}

/* Whether what was compiled would be the same for another run of this model. */
bool serves(const Compiled& each, const sim::ExperimentBytes& parts, const sim::Experiment& run) {
  const std::size_t size = parts.model.size();
  return each.experiment.size() > size &&
         std::memcmp(each.experiment.data(), parts.model.data(), size) == 0 &&
         each.run.outputs == run.outputs && each.run.max_steps == run.max_steps &&
         each.run.unusable == run.unusable;
}

/*
 * One that nobody uses at the moment and that differs in numbers alone: of many calls for one model
 * that is all that differs.  It is no longer what it was.
 */
SharedExperiment begin_again(std::span<const std::uint8_t> experiment, const Knobs& knobs) {
  const sim::ExperimentBytes parts = sim::split_experiment(experiment);
  sim::Experiment run = sim::deserialize_run(parts.run);
  check_limits(run, knobs);
  const auto known = std::find_if(kept.begin(), kept.end(), [&](const Compiled& each) {
    run.model = each.result->model;
    return each.result.use_count() == 1 && each.knobs == knobs && serves(each, parts, run) &&
           each.result->simulation.begin_again(run);
  });
  if (known == kept.end()) {
    return nullptr;
  }
  known->experiment.clear();  // what comes now may fail
  apply(knobs, known->result->simulation);
  known->experiment.assign(experiment.begin(), experiment.end());
  kept.splice(kept.begin(), kept, known);
  return kept.front().result;
}

}  // namespace

Knobs current_knobs() {
  return {batch_lanes(), chunk_leaves(),   max_steps(), max_scenarios(),
          max_trials(),  max_model_size(), optimise()};
}

void check_value_size(std::size_t size) {
  if (size > MaxAllocSize - VARHDRSZ) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("a value of %zu bytes is too long", size),
                    errdetail("A value has at most 1 GB."),
                    errhint("Ask for fewer outputs, steps or scenarios at a time, or lower "
                            "sim.exact_percentile_memory.")));
  }
}

bytea* make_bytea(const std::uint8_t* bytes, std::size_t size) {
  check_value_size(size);
  auto* value = static_cast<bytea*>(palloc(size + VARHDRSZ));
  SET_VARSIZE(value, size + VARHDRSZ);
  if (size > 0) std::memcpy(VARDATA(value), bytes, size);
  return value;
}

SharedExperiment compile(std::span<const std::uint8_t> experiment, const Knobs& knobs) {
  if (SharedExperiment known = find_kept(experiment, knobs)) {
    return known;
  }
  if (SharedExperiment again = begin_again(experiment, knobs)) {
    return again;
  }
  const sim::Experiment parsed = parse(experiment, knobs);
  auto result = std::make_shared<CompiledExperiment>(
      CompiledExperiment{parsed.model, sim::Simulation(parsed)});
  apply(knobs, result->simulation);
  kept.push_front({{experiment.begin(), experiment.end()},
                   sim::deserialize_run(sim::split_experiment(experiment).run),
                   knobs,
                   std::move(result)});
  if (kept.size() > kMostKept) {
    kept.pop_back();
  }
  return kept.front().result;
}

void forget_compiled() { kept.clear(); }

void register_compiled() { RegisterXactCallback(forget_large, nullptr); }

}  // namespace simpg
