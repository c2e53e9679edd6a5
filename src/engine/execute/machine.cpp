/*
 * machine.cpp -- the interpreter: one pass over an action list computes all lanes of a batch.
 */
#include "execute/machine.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "execute/machine_loop.hpp"
#include "execute/rows.hpp"

namespace sim {
namespace {

/* Lanes of a register start at a multiple of a cache line. */
constexpr std::size_t kAlignment = 64;
/* Between two questions whether to stop: a millisecond or a few. */
constexpr std::size_t kActionsAtATime = 1024;

}  // namespace

Machine::Machine(const Program& program, std::span<const DataTable> tables, std::uint64_t seed,
                 std::size_t lanes, Control& control)
    : program_(program),
      tables_(tables),
      control_(control),
      lanes_((lanes + 7) / 8 * 8),
      n_(lanes),
      memory_(program.register_count * lanes_ + kAlignment / sizeof(double)),
      views_(program.views.size(), nullptr),
      ring_place_(program.rings.size(), 0),
      kernels_(kernels()),
      row_offset_(program.draws.size(), 0),
      nan_(lanes_, std::nan("")),
      uniform_(lanes_),
      quantiles_(program.draws.size()),
      block_from_(program.draws.size(), 0) {
  void* start = memory_.data();
  std::size_t space = memory_.size() * sizeof(double);
  registers_ = static_cast<double*>(
      std::align(kAlignment, program.register_count * lanes_ * sizeof(double), start, space));
  for (const NumberSpec& number : program_.numbers) fill(number.value, at(number.out), lanes_);
  for (std::size_t i = 0; i < program_.parameters.size(); ++i)
    set_parameter(i, program_.parameters[i].value);
  std::size_t most_parameters = 0;
  for (const DrawSpec& draw : program_.draws) {
    keys_.push_back(make_random_key(seed, draw.key));
    most_parameters = std::max(most_parameters, draw.parameters.size());
  }
  parameters_.resize(most_parameters);
  draw_order_.resize(program_.draws.size());
  std::iota(draw_order_.begin(), draw_order_.end(), 0u);
  std::sort(draw_order_.begin(), draw_order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return program_.draws[a].input < program_.draws[b].input;
  });
  for (const LoopSpec& loop : program_.loops) loops_.push_back(std::make_unique<Loop>(*this, loop));
  for (std::uint32_t slot = 0; slot < program_.slots.size(); ++slot)
    if (program_.slots[slot].step >= 0) step_slots_.push_back(slot);
  std::stable_sort(step_slots_.begin(), step_slots_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return program_.slots[a].step < program_.slots[b].step;
  });
}

Machine::~Machine() = default;

void Machine::set_parameter(std::size_t parameter, double value) {
  fill(value, at(program_.parameters[parameter].out), lanes_);
}

void Machine::set_parameter(std::size_t parameter, std::span<const double> values) {
  same_parameters_ = false;
  double* out = at(program_.parameters[parameter].out);
  for (std::size_t lane = 0; lane < lanes_; ++lane)
    out[lane] = values[std::min(lane, values.size() - 1)];
}

void Machine::run_once(std::size_t n) {
  n_ = n;
  step_ = 0;
  has_failed_loop_ = false;
  for (const std::unique_ptr<Loop>& loop : loops_) loop->forget();
  run_actions(program_.once);
  for (const std::uint32_t number : draw_order_) prepare_quantile(number);
  if (!program_.table_phases.empty()) make_table();
}

/* One lane does for all trials: no lane's value depends on how many there are. */
void Machine::make_table() {
  const std::size_t n = std::exchange(n_, 1);
  table_.resize(program_.table_width * (static_cast<std::size_t>(program_.steps) + 1));
  begin_steps(true);
  for (step_ = 0; step_ <= program_.steps; ++step_) {
    begin_step(true);
    const TablePhase& phase = program_.table_phases[program_.phase_of(step_)];
    run_actions(phase.phase.actions);
    keep_step(phase.phase, true);
    double* row = table_.data() + static_cast<std::size_t>(step_) * program_.table_width;
    for (const Register column : phase.columns) *row++ = *at(column);
  }
  for (const CaptureSpec& capture : program_.captures)
    if (capture.same_in_trials) fill(*at(capture.out), at(capture.out), lanes_);
  for (const AggregateSpec& aggregate : program_.aggregates)
    if (aggregate.same_in_trials) fill(*at(aggregate.out), at(aggregate.out), lanes_);
  n_ = n;
}

void Machine::stop_if_asked() const {
  if (control_.stop_requested()) throw Error(ErrorKind::cancelled, "cancelled");
}

/* Draws whose parameters are the same in all trials are prepared once; bad ones are an error of the
 * model, not of a trial. Without draws lanes are scenarios, each with parameters of its own. */
void Machine::prepare_quantile(std::uint32_t number) {
  const DrawSpec& spec = program_.draws[number];
  quantiles_[number].reset();
  stop_if_asked();
  if (!spec.constant_parameters || spec.parameters.empty()) return;
  const std::span parameters(parameters_.data(), spec.parameters.size());
  for (std::size_t lane = 0; lane < (program_.random ? 1 : n_); ++lane) {
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      const double value = at(spec.parameters[k])[lane];
      parameters[k] = std::isnan(value) ? std::nan("") : value;  // its sign would show in messages
    }
    if (const std::optional<std::string> wrong = parameter_error(spec.kind, parameters))
      throw Error(ErrorKind::invalid_parameter,
                  "input \"" + spec.input + "\": " + std::string(distribution(spec.kind).name) +
                      "(" + std::string(distribution(spec.kind).parameters) + "): " + *wrong);
  }
  if (program_.random)
    quantiles_[number] = std::make_unique<Quantile>(Quantile::prepare(spec.kind, parameters));
}

void Machine::run(std::int64_t first_trial, std::size_t n, SlotSink& sink) {
  n_ = n;
  first_trial_ = first_trial;
  step_ = 0;
  next_slot_ = 0;
  std::fill(block_from_.begin(), block_from_.end(), 0);
  begin_steps(false);
  run_actions(program_.trial);
  if (!program_.phases.empty()) {
    for (step_ = 0; step_ <= program_.steps; ++step_) {
      begin_step(false);
      const Phase& phase = program_.phases[program_.phase_of(step_)];
      run_actions(phase.actions);
      keep_step(phase, false);
      report_step(phase, sink);
    }
  }
  run_actions(program_.final);
  for (std::uint32_t slot = 0; slot < program_.slots.size(); ++slot)
    if (program_.slots[slot].step < 0) sink.take(slot, at(program_.scalar_slots[slot]), n_);
}

/* What the steps keep, of trials or of the table, has no value yet. */
void Machine::begin_steps(bool table) {
  for (const CaptureSpec& capture : program_.captures)
    if (capture.same_in_trials == table) std::copy_n(nan_.data(), n_, at(capture.out));
  for (const RingSpec& ring : program_.rings)
    for (std::int64_t k = 0; ring.same_in_trials == table && k <= ring.depth; ++k)
      std::copy_n(nan_.data(), n_, at(ring.first + static_cast<Register>(k)));
}

/* Points each view at the register that holds its value at this step; before step 0 there are only
 * failed values. */
void Machine::begin_step(bool table) {
  stop_if_asked();
  for (std::size_t r = 0; r < ring_place_.size(); ++r)
    ring_place_[r] =
        step_ == 0 || ring_place_[r] == program_.rings[r].depth ? 0 : ring_place_[r] + 1;
  for (std::size_t v = 0; v < views_.size(); ++v) {
    const RingView& view = program_.views[v];
    const RingSpec& ring = program_.rings[view.ring];
    if (ring.same_in_trials != table) continue;
    const std::int64_t place = ring_place_[view.ring] - view.lag;
    const std::int64_t wrapped = place < 0 ? place + ring.depth + 1 : place;
    views_[v] = step_ < view.lag ? nan_.data() : at(ring.first + static_cast<Register>(wrapped));
  }
}

void Machine::keep_step(const Phase& phase, bool table) {
  for (const CaptureSpec& capture : program_.captures)
    if (capture.step == step_ && capture.same_in_trials == table &&
        phase.values[capture.variable] != kNoRegister)
      std::copy_n(at(phase.values[capture.variable]), n_, at(capture.out));
  for (const AggregateSpec& aggregate : program_.aggregates)
    if (step_ >= aggregate.first && step_ <= aggregate.last && aggregate.same_in_trials == table &&
        phase.values[aggregate.variable] != kNoRegister)
      accumulate(aggregate, at(phase.values[aggregate.variable]));
}

void Machine::report_step(const Phase& phase, SlotSink& sink) {
  for (; next_slot_ < step_slots_.size(); ++next_slot_) {
    const std::uint32_t slot = step_slots_[next_slot_];
    if (program_.slots[slot].step != step_) break;
    const Register value = phase.values[program_.slots[slot].variable];
    sink.take(slot, value == kNoRegister ? nan_.data() : at(value), n_);
  }
}

void Machine::accumulate(const AggregateSpec& spec, const double* values) {
  double* total = at(spec.out);
  const bool first = step_ == spec.first;
  const auto combine = [&](Operation operation) {
    run_operation(operation, total, values, nullptr, total, n_);
  };
  switch (spec.function) {
    case TimeAggregate::sum:
    case TimeAggregate::avg:
      first ? static_cast<void>(std::copy_n(values, n_, total)) : combine(Operation::add);
      if (spec.function == TimeAggregate::avg && step_ == spec.last)
        for (std::size_t i = 0; i < n_; ++i)
          total[i] /= static_cast<double>(spec.last - spec.first + 1);
      break;
    case TimeAggregate::min:
    case TimeAggregate::max:
      first
          ? static_cast<void>(std::copy_n(values, n_, total))
          : combine(spec.function == TimeAggregate::min ? Operation::minimum : Operation::maximum);
      break;
    case TimeAggregate::any:
    case TimeAggregate::all: {
      const Operation operation =
          spec.function == TimeAggregate::any ? Operation::logical_or : Operation::logical_and;
      if (first) fill(spec.function == TimeAggregate::any ? 0 : 1, total, n_);
      combine(operation);
      break;
    }
    case TimeAggregate::first_step: {
      const double never = static_cast<double>(program_.steps + 1);
      if (first) fill(never, total, n_);
      for (std::size_t i = 0; i < n_; ++i) {
        if (std::isnan(values[i]))
          total[i] = total[i] == never ? values[i] : total[i];
        else if (total[i] == never && values[i] != 0)
          total[i] = static_cast<double>(step_);
      }
      break;
    }
  }
}

/* As many lanes as are read. */
void Machine::fill_lanes(double value, const Action& action) {
  const bool first = reads_first_lanes() && (action.uniform & kUniformOut) != 0;
  fill(value, at(action.out), first ? std::min(n_, kUniformLanes) : n_);
}

void Machine::run_actions(const ActionList& actions) {
  for (std::size_t first = 0; first < actions.size(); first += kActionsAtATime) {
    if (first > 0) stop_if_asked();
    const std::size_t end = std::min(first + kActionsAtATime, actions.size());
    for (std::size_t i = first; i < end; ++i) run_action(actions[i]);
  }
}

void Machine::run_action(const Action& action) {
  switch (action.kind) {
    case ActionKind::operation:
      kernel_of(kernels_, action.operation, action.follow_up)(
          operand(action.a), operand(action.b), operand(action.c), at(action.out), n_,
          reads_first_lanes() ? action.uniform : UniformOperands{0});
      break;
    case ActionKind::copy:
      std::copy_n(at(action.a), n_, at(action.out));
      break;
    case ActionKind::time:
      fill_lanes(static_cast<double>(step_), action);
      break;
    case ActionKind::series: {
      const std::vector<double>& values = program_.series[action.spec].values;
      const std::size_t place = static_cast<std::size_t>(step_ - 1);
      fill_lanes(step_ >= 1 && place < values.size() ? values[place] : std::nan(""), action);
      break;
    }
    case ActionKind::tabled:
      fill_lanes(table_[static_cast<std::size_t>(step_) * program_.table_width + action.spec],
                 action);
      break;
    case ActionKind::draw:
      draw(program_.draws[action.spec], action.spec, at(action.out));
      break;
    case ActionKind::mean:
      draw_mean(program_.draws[action.spec], at(action.out));
      break;
    case ActionKind::row:
      pick_row(program_.draws[action.spec], action.spec, at(action.out));
      break;
    case ActionKind::gather:
      gather_row(action);
      break;
    case ActionKind::solve:
      solve(action.spec);
      break;
  }
}

/* Trials count from 1 in the random stream, as they do for people. Without a table a batch of draws
 * can take tens of milliseconds. */
void Machine::draw(const DrawSpec& spec, std::uint32_t number, double* out) {
  stop_if_asked();
  uniforms(keys_[number], static_cast<std::uint64_t>(first_trial_) + 1,
           spec.timed ? static_cast<std::uint32_t>(step_) : 0, 0, uniform_.data(), n_);
  if (quantiles_[number]) {
    quantiles_[number]->apply(uniform_.data(), out, n_);
    return;
  }
  std::vector<const double*> parameters;
  for (const Register parameter : spec.parameters) parameters.push_back(at(parameter));
  quantile_lanes(spec.kind, parameters.data(), parameters.size(), uniform_.data(), out, n_);
}

void Machine::draw_mean(const DrawSpec& spec, double* out) {
  const std::span parameters(parameters_.data(), spec.parameters.size());
  for (std::size_t lane = 0; lane < n_; ++lane) {
    for (std::size_t k = 0; k < parameters.size(); ++k)
      parameters[k] = at(spec.parameters[k])[lane];
    out[lane] = parameter_error(spec.kind, parameters) ? std::nan("")
                                                       : distribution_mean(spec.kind, parameters);
  }
}

void Machine::pick_row(const DrawSpec& spec, std::uint32_t number, double* out) {
  const std::int64_t rows = tables_[spec.table].rows;
  const std::int64_t step = spec.timed ? step_ : 1;
  if (spec.kind == DistributionKind::historical) {
    for (std::size_t lane = 0; lane < n_; ++lane)
      out[lane] =
          row_bits(std::min(first_trial_ + static_cast<std::int64_t>(lane) + step - 1, rows - 1));
    return;
  }
  const std::int64_t place = (step - 1) % spec.block;
  row_offset_[number] = place % rows;
  // The row at a block's first step need not have been read: a start rule may stand there.
  if (place != 0 && block_from_[number] == step - place) return;
  block_from_[number] = step - place;
  uniforms(keys_[number], static_cast<std::uint64_t>(first_trial_) + 1,
           spec.timed ? static_cast<std::uint32_t>(step - place) : 0, 0, uniform_.data(), n_);
  pick_rows(uniform_.data(), rows, out, n_);
}

void Machine::gather_row(const Action& action) {
  const GatherSpec& spec = program_.gathers[action.spec];
  const std::size_t width = spec.columns.size();
  const double* rows = spec.rows->data() + static_cast<std::size_t>(row_offset_[spec.draw]) * width;
  const double* row = at(action.a);
  if (width == 1)
    gather(rows, row, at(action.out), n_);
  else if (width == 2)
    gather_two(rows, row, at(action.out), at(action.b), n_);
  else
    gather_three(rows, row, at(action.out), at(action.b), at(action.c), n_);
}

void Machine::solve(std::uint32_t loop) {
  const std::vector<LaneOutcome> outcomes = loops_[loop]->solve(observer_ != nullptr);
  if (observer_ != nullptr) observer_->solved(loop, program_.phases.empty() ? -1 : step_, outcomes);
  if (!program_.random && !has_failed_loop_) has_failed_loop_ = !is_solved(program_.loops[loop]);
}

bool Machine::is_solved(const LoopSpec& loop) {
  return std::all_of(loop.unknowns.begin(), loop.unknowns.end(), [&](Register unknown) {
    const double* values = at(unknown);
    return std::all_of(values, values + n_, [](double value) { return std::isfinite(value); });
  });
}

}  // namespace sim
