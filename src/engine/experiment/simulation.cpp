/*
 * simulation.cpp -- chunks of trials over machines that are made once a scenario and used again.
 */
#include "experiment/simulation.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "execute/machine.hpp"
#include "experiment/cost.hpp"
#include "experiment/prepare.hpp"
#include "experiment/slot_map.hpp"

namespace sim {
namespace {

constexpr std::uint32_t kNoSlot = 0xffffffffu;
/* Registers of a batch should stay in the first-level cache: 48 KiB on the machines of today. */
constexpr double kCacheBytes = 40 * 1024;
/* A chunk takes about so long: short enough that the last worker does not idle, long enough that
 * the counter is not hot. */
constexpr double kChunkNanoseconds = 1e6;
constexpr std::int64_t kManyChunks = 256;
constexpr double kNanosecondsPerOperation = 0.3;

/* Failed values have no sign or payload that could differ between machines. */
double canonical(double value) { return std::isnan(value) ? std::nan("") : value; }

std::size_t default_lanes(const Program& program) {
  // Of a number only the first lanes are read, and not at all what the table alone looks back at.
  std::size_t read = program.register_count - program.numbers.size();
  for (const RingSpec& ring : program.rings)
    if (ring.same_in_trials) read -= static_cast<std::size_t>(ring.depth) + 1;
  const double bytes = static_cast<double>(read) * sizeof(double);
  return bytes * 256 <= kCacheBytes ? 256 : static_cast<std::size_t>(kBlockTrials);
}

}  // namespace

namespace {

/* What a simulation and its copies for other threads have in common. */
struct Compiled {
  std::shared_ptr<const PreparedExperiment> prepared;
  std::vector<std::string> scenario_names;
  std::vector<std::vector<double>> parameters;  // by scenario, in the order of its program's
  SlotMap slots;
  std::int64_t trials = 0;
  std::uint64_t seed = 0;
  double operations = 0;
  std::int64_t chunk_leaves = 1;
  std::size_t batch_lanes = 0;  // 0: chosen for each program
};

}  // namespace

struct Simulation::Implementation : Compiled {
  CurrentControl control;
  std::vector<std::unique_ptr<Machine>> machines;  // by group
  std::vector<std::uint32_t> machine_scenario;     // by group: whose parameters its machine holds

  void start();
  void settle(const Experiment& experiment);
  std::int64_t settled_trials(const Experiment& experiment) const;
  std::int64_t windows() const;
  void choose_chunks();
  Machine& machine_for(std::uint32_t scenario);
  std::int64_t leaves() const { return (trials + kLeafTrials - 1) / kLeafTrials; }
  std::int64_t chunks_per_scenario() const { return (leaves() + chunk_leaves - 1) / chunk_leaves; }
  template <class Visit>
  void run_chunk(const Chunk& chunk, Control& asked, Visit visit);
};

/* Without machines yet. */
void Simulation::Implementation::start() {
  machines.resize(prepared->groups.size());
  machine_scenario.assign(prepared->groups.size(), kNoSlot);
}

/* Full windows of historical rows: the shortest data block decides. 0: nothing is historical. */
std::int64_t Simulation::Implementation::windows() const {
  std::int64_t least = 0;
  for (const ScenarioGroup& group : prepared->groups)
    for (const DrawSpec& draw : group.program.draws) {
      if (draw.kind != DistributionKind::historical) continue;
      const std::int64_t rows = prepared->model.tables[draw.table].rows;
      const std::int64_t full =
          std::max<std::int64_t>(0, rows - (draw.timed ? group.program.steps : 1) + 1);
      least = least == 0 ? std::max<std::int64_t>(full, 1)
                         : std::min(least, std::max<std::int64_t>(full, 1));
      if (full == 0)
        throw Error(ErrorKind::invalid_data,
                    "data block \"" + prepared->model.tables[draw.table].name + "\" has " +
                        std::to_string(rows) + " rows, fewer than the " +
                        std::to_string(group.program.steps) + " steps a historical trial needs");
    }
  return least;
}

std::int64_t Simulation::Implementation::settled_trials(const Experiment& experiment) const {
  const std::int64_t available = windows();
  std::int64_t trials = experiment.trials;
  if (trials == kAllWindows) trials = available > 0 ? available : kDefaultTrials;
  if (trials < 1)
    throw Error(ErrorKind::invalid_parameter,
                "trials must be at least 1, is " + std::to_string(trials));
  if (available > 0 && trials > available)
    throw Error(ErrorKind::invalid_parameter,
                std::to_string(trials) + " trials were asked for, but model \"" + experiment.model +
                    "\" has " + std::to_string(available) + " historical windows",
                {},
                "Leave trials out to use every window, or ask for at most " +
                    std::to_string(available) + ".");
  return trials;
}

/* What depends on scenarios' numbers, trials and seed.  Changes nothing where it throws. */
void Simulation::Implementation::settle(const Experiment& experiment) {
  const std::int64_t settled = settled_trials(experiment);
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
  for (const Scenario& scenario : experiment.scenarios) {
    values.push_back(
        parameter_values(prepared->groups[prepared->group_of[names.size()]], scenario));
    names.push_back(scenario.name);
  }
  scenario_names = std::move(names);
  parameters = std::move(values);
  trials = settled;
  seed = experiment.seed;
  choose_chunks();
}

void Simulation::Implementation::choose_chunks() {
  operations = 0;
  for (const ScenarioGroup& group : prepared->groups)
    operations = std::max(operations, operations_per_lane(group.program));
  const double leaf = static_cast<double>(kLeafTrials) * operations * kNanosecondsPerOperation;
  chunk_leaves = 1;
  // Many chunks where there are leaves enough, so that no worker waits long for the last one.
  while (chunk_leaves < 1024 && leaf * static_cast<double>(chunk_leaves) < kChunkNanoseconds &&
         chunk_leaves * kManyChunks < leaves())
    chunk_leaves *= 2;
}

Machine& Simulation::Implementation::machine_for(std::uint32_t scenario) {
  const std::uint32_t group = prepared->group_of[scenario];
  const Program& program = prepared->groups[group].program;
  const std::size_t lanes = batch_lanes > 0 ? batch_lanes : default_lanes(program);
  std::unique_ptr<Machine>& machine = machines[group];
  if (!machine || machine->lanes() != lanes) {
    machine = std::make_unique<Machine>(program, prepared->model.tables, seed, lanes, control);
    machine_scenario[group] = kNoSlot;
  }
  if (machine_scenario[group] != scenario) {
    machine_scenario[group] = kNoSlot;
    const std::vector<double>& values = parameters[scenario];
    for (std::size_t i = 0; i < values.size(); ++i) machine->set_parameter(i, values[i]);
    machine->run_once();
    machine_scenario[group] = scenario;
  }
  return *machine;
}

namespace {

/* Hands each value on with its slot's number. */
template <class Take>
class MappedSink final : public SlotSink {
 public:
  MappedSink(const std::vector<std::uint32_t>& slot_of, Take take)
      : slot_of_(slot_of), take_(take) {}
  void take(std::uint32_t slot, const double* values, std::size_t n) override {
    take_(slot_of_[slot], values, n);
  }

 private:
  const std::vector<std::uint32_t>& slot_of_;
  Take take_;
};

}  // namespace

/* visit(slot, offset in the chunk, values, n) for each slot of each batch; slots the scenario lacks
 * are failed values. */
template <class Visit>
void Simulation::Implementation::run_chunk(const Chunk& chunk, Control& asked, Visit visit) {
  control.current = &asked;
  Machine& machine = machine_for(chunk.scenario);
  const std::uint32_t group = prepared->group_of[chunk.scenario];
  // Without chance all trials are equal: one is computed.
  const bool equal = !prepared->groups[group].program.random;
  const std::int64_t width = equal ? chunk.trials : static_cast<std::int64_t>(machine.lanes());
  const std::vector<double> nothing(
      slots.missing[group].empty() ? 0 : static_cast<std::size_t>(std::min(width, chunk.trials)),
      std::nan(""));
  std::vector<double> repeated;
  for (std::int64_t offset = 0; offset < chunk.trials; offset += width) {
    if (asked.stop_requested()) throw Error(ErrorKind::cancelled, "cancelled");
    const std::size_t n = static_cast<std::size_t>(std::min(chunk.trials - offset, width));
    for (const std::uint32_t slot : slots.missing[group]) visit(slot, offset, nothing.data(), n);
    const auto take = [&](std::uint32_t slot, const double* values, std::size_t count) {
      visit(slot, offset, values, count);
    };
    const auto repeat = [&](std::uint32_t slot, const double* values, std::size_t) {
      repeated.assign(n, values[0]);
      visit(slot, offset, repeated.data(), n);
    };
    MappedSink sink(slots.slot_of[group], take);
    MappedSink repeater(slots.slot_of[group], repeat);
    if (equal)
      machine.run(0, 1, repeater);
    else
      machine.run(chunk.first_trial + offset, n, sink);
  }
  control.current = nullptr;
}

Simulation::Simulation(const Experiment& experiment)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& own = *implementation_;
  own.prepared = std::make_shared<const PreparedExperiment>(
      prepare_experiment(experiment, Chance::drawn, Reports::outputs));
  own.slots = map_slots(*own.prepared);
  own.settle(experiment);
  own.start();
}

bool Simulation::begin_again(const Experiment& experiment) {
  Implementation& own = *implementation_;
  const PreparedExperiment& prepared = *own.prepared;
  if (experiment.scenarios.size() != prepared.group_of.size()) return false;
  for (std::size_t i = 0; i < experiment.scenarios.size(); ++i) {
    const Scenario& scenario = experiment.scenarios[i];
    check_overrides(scenario, prepared.model.base);
    require_usable(prepared.model, scenario);
    if (structure_of(prepared.model.base, scenario) !=
        prepared.groups[prepared.group_of[i]].structure)
      return false;
  }
  const std::uint64_t seed = own.seed;
  own.settle(experiment);
  own.machine_scenario.assign(own.machine_scenario.size(), kNoSlot);
  if (own.seed != seed) own.machines = std::vector<std::unique_ptr<Machine>>(own.machines.size());
  return true;
}

Simulation::Simulation(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Simulation Simulation::another() const {
  auto copy = std::make_unique<Implementation>();
  static_cast<Compiled&>(*copy) = *implementation_;
  copy->start();
  return Simulation(std::move(copy));
}

Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;
Simulation& Simulation::operator=(Simulation&&) noexcept = default;

std::span<const Slot> Simulation::slots() const { return implementation_->slots.slots; }

std::uint32_t Simulation::scenarios() const {
  return static_cast<std::uint32_t>(implementation_->scenario_names.size());
}

const std::string& Simulation::scenario_name(std::uint32_t scenario) const {
  return implementation_->scenario_names[scenario];
}

std::int64_t Simulation::trials() const { return implementation_->trials; }

bool Simulation::uncertain() const {
  const std::vector<ScenarioGroup>& groups = implementation_->prepared->groups;
  return std::any_of(groups.begin(), groups.end(),
                     [](const ScenarioGroup& group) { return group.program.random; });
}

double Simulation::operations_per_trial() const { return implementation_->operations; }

std::int64_t Simulation::chunk_leaves() const { return implementation_->chunk_leaves; }

std::int64_t Simulation::chunk_count() const {
  return implementation_->chunks_per_scenario() * static_cast<std::int64_t>(scenarios());
}

Chunk Simulation::chunk(std::int64_t number) const {
  const std::int64_t per_scenario = implementation_->chunks_per_scenario();
  const std::int64_t span = implementation_->chunk_leaves * kLeafTrials;
  const std::int64_t first = number % per_scenario * span;
  return {static_cast<std::uint32_t>(number / per_scenario), first,
          std::min(span, trials() - first)};
}

void Simulation::set_chunk_leaves(std::int64_t leaves) { implementation_->chunk_leaves = leaves; }

void Simulation::set_batch_lanes(std::size_t lanes) { implementation_->batch_lanes = lanes; }

void Simulation::sample(const Chunk& chunk, std::span<const std::uint32_t> wanted, double* out,
                        Control& control) const {
  std::vector<std::uint32_t> place(slots().size(), kNoSlot);
  for (std::uint32_t k = 0; k < wanted.size(); ++k) place[wanted[k]] = k;
  implementation_->run_chunk(
      chunk, control,
      [&](std::uint32_t slot, std::int64_t offset, const double* values, std::size_t n) {
        if (place[slot] == kNoSlot) return;
        double* to = out + static_cast<std::int64_t>(place[slot]) * chunk.trials + offset;
        for (std::size_t i = 0; i < n; ++i) to[i] = canonical(values[i]);
      });
}

Partial Simulation::summarize(const Chunk& chunk, const KeepPlan& keep, Control& control) const {
  ChunkSummary summary(scenarios(), static_cast<std::uint32_t>(slots().size()), chunk.scenario,
                       chunk.first_trial, keep);
  implementation_->run_chunk(
      chunk, control, [&](std::uint32_t slot, std::int64_t, const double* values, std::size_t n) {
        summary.add(slot, values, n);
      });
  return summary.finish();
}

Partial Simulation::summarize_into(const Chunk& chunk, const SampleArea& area,
                                   Control& control) const {
  const KeepPlan keep;
  ChunkSummary summary(scenarios(), static_cast<std::uint32_t>(slots().size()), chunk.scenario,
                       chunk.first_trial, keep);
  implementation_->run_chunk(
      chunk, control,
      [&](std::uint32_t slot, std::int64_t offset, const double* values, std::size_t n) {
        summary.add(slot, values, n);
        std::copy_n(values, n, area.at(chunk.scenario, slot, chunk.first_trial + offset));
      });
  return summary.finish();
}

Partial Simulation::summarize_beside(const Chunk& chunk, double* values, Control& control) const {
  SampleArea area{values, static_cast<std::uint32_t>(slots().size()), chunk.trials};
  const KeepPlan keep;
  ChunkSummary summary(scenarios(), static_cast<std::uint32_t>(slots().size()), chunk.scenario,
                       chunk.first_trial, keep);
  implementation_->run_chunk(
      chunk, control,
      [&](std::uint32_t slot, std::int64_t offset, const double* batch, std::size_t n) {
        summary.add(slot, batch, n);
        std::copy_n(batch, n, area.at(0, slot, offset));
      });
  return summary.finish();
}

SampleArea Simulation::sample_area(double* values) const {
  return {values, static_cast<std::uint32_t>(slots().size()), trials()};
}

Partial Simulation::summarize_differences(const Chunk& chunk,
                                          std::span<const InfluenceSpec> influences,
                                          Control& control) const {
  const std::size_t count = slots().size();
  const KeepPlan keep;
  ChunkSummary summary(scenarios(), static_cast<std::uint32_t>(count), chunk.scenario,
                       chunk.first_trial, keep);
  std::vector<std::uint32_t> all(count);
  for (std::uint32_t slot = 0; slot < count; ++slot) all[slot] = slot;
  std::vector<double> own(count * kLeafTrials);
  std::vector<double> base(count * kLeafTrials);
  for (std::int64_t offset = 0; offset < chunk.trials; offset += kLeafTrials) {
    const std::int64_t n = std::min<std::int64_t>(kLeafTrials, chunk.trials - offset);
    sample({chunk.scenario, chunk.first_trial + offset, n}, all, own.data(), control);
    sample({0, chunk.first_trial + offset, n}, all, base.data(), control);
    for (std::size_t slot = 0; slot < count; ++slot) {
      double* x = own.data() + static_cast<std::int64_t>(slot) * n;
      double* y = base.data() + static_cast<std::int64_t>(slot) * n;
      influence(influences[chunk.scenario * count + slot], x, x, static_cast<std::size_t>(n));
      influence(influences[slot], y, y, static_cast<std::size_t>(n));
      for (std::int64_t i = 0; i < n; ++i) x[i] -= y[i];
      summary.add(static_cast<std::uint32_t>(slot), x, static_cast<std::size_t>(n));
    }
  }
  return summary.finish();
}

}  // namespace sim
