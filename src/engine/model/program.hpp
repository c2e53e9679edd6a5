/*
 * program.hpp -- what to compute and in which order: a model made ready to run over batches of
 * lanes.
 *
 * A lane is one trial, or one scenario when converging.  A register holds one double for each lane
 * of a batch.  The program is a few flat lists of actions: once (what depends on parameters only),
 * trial, one list for each kind of step (a phase), and final.  Running it needs no knowledge of the
 * language.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "catalogue/distributions.hpp"
#include "catalogue/operation.hpp"
#include "language/syntax.hpp"
#include "model/row_layouts.hpp"

namespace sim {

using Register = std::uint32_t;
inline constexpr Register kNoRegister = 0xffffffffu;
inline constexpr Register kViewBit = 0x80000000u;  // set: the number of a view, not of a register

enum class ActionKind : std::uint8_t {
  operation,  // out = operation(a, b, c), or with a follow-up over operation(a, b) and c
  copy,       // out = a
  time,       // out = the step number
  series,     // out = value of series `spec` at the step
  draw,       // out = quantile of draw `spec` at a fresh uniform
  mean,       // out = mean of draw `spec`
  row,        // out = row number of draw `spec`; inside a block that of the block's first step
  gather,     // out, b, c = first, second, third column of gather `spec` at row register a
  solve,      // solves loop `spec` into its unknowns' registers
  tabled,     // out = column `spec` of the table, at the step
};

/* A second operation that is done in the same pass, where passing the value on through a register
 * would cost more than the operations themselves. */
enum class FollowUp : std::uint8_t {
  nothing,
  add,            // operation(a, b) + c
  subtract,       // operation(a, b) - c
  subtract_from,  // c - operation(a, b)
  multiply,       // operation(a, b) * c
};
inline constexpr std::size_t kFollowUpCount = static_cast<std::size_t>(FollowUp::multiply) + 1;

/* Bits for the operands whose value is the same in all lanes: a kernel reads their first lanes
 * only, so that a register full of one number takes no room in the cache. */
using UniformOperands = std::uint8_t;
inline constexpr UniformOperands kUniformA = 1;
inline constexpr UniformOperands kUniformB = 2;
inline constexpr UniformOperands kUniformC = 4;
inline constexpr UniformOperands kUniformOut = 8;  // nobody reads further lanes of the result

/* Operations whose kernels look at these bits. */
constexpr bool reads_first_lanes(Operation operation) {
  switch (operation) {
    case Operation::add:
    case Operation::subtract:
    case Operation::multiply:
    case Operation::divide:
    case Operation::minimum:
    case Operation::maximum:
    case Operation::equal:
    case Operation::not_equal:
    case Operation::less:
    case Operation::less_equal:
    case Operation::greater:
    case Operation::greater_equal:
    case Operation::logical_and:
    case Operation::logical_or:
    case Operation::select:
      return true;
    default:
      return false;
  }
}

struct Action {
  ActionKind kind = ActionKind::operation;
  Operation operation = Operation::add;
  FollowUp follow_up = FollowUp::nothing;
  UniformOperands uniform = 0;  // in trials; where lanes are scenarios parameters differ
  std::uint32_t spec = 0;
  Register out = kNoRegister;
  Register a = kNoRegister;
  Register b = kNoRegister;
  Register c = kNoRegister;
};

using ActionList = std::vector<Action>;

struct ParameterSpec {
  std::string name;  // of the input
  double value;      // the default
  Register out;
};

struct NumberSpec {
  double value;
  Register out;
};

struct DrawSpec {
  DistributionKind kind;
  std::string input;  // for messages
  std::string key;    // names the random stream
  std::vector<Register> parameters;
  bool constant_parameters = true;  // parameters that are the same in all trials: prepared once
  bool timed = false;
  std::uint32_t table = 0;  // for rows of data
  std::int64_t block = 1;
  Register block_start = kNoRegister;  // bootstrap in blocks: where the current block began
};

/* One to three columns that are read at the row of a draw. */
struct GatherSpec {
  std::uint32_t draw;
  std::vector<std::uint32_t> columns;
  RowLayout rows;
};

struct SeriesSpec {
  std::vector<double> values;  // value at step t is values[t - 1]
};

/* A value kept when a step has been computed. */
struct CaptureSpec {
  std::uint32_t variable;
  std::int64_t step;
  Register out;
  bool same_in_trials = false;  // found when the table is made, not in each trial
};

enum class TimeAggregate : std::uint8_t { sum, min, max, avg, first_step, any, all };

struct AggregateSpec {
  TimeAggregate function;
  std::uint32_t variable;
  std::int64_t first;  // first and last step that exist and count
  std::int64_t last;
  Register out;
  bool same_in_trials = false;
};

/* A timed variable that later steps read: its last depth + 1 values lie in registers first .. first
 * + depth. */
struct RingSpec {
  std::uint32_t variable;
  std::int64_t depth;
  Register first;
  bool from_step_1;             // no value at step 0
  bool same_in_trials = false;  // looked back at only while the table is made
};

/* Stands for a register that depends on the step: the value of a ring `lag` steps ago. View v is
 * written kViewBit + v. */
struct RingView {
  std::uint32_t ring;
  std::int64_t lag;
};

/* A matrix of n unknowns is singular where a pivot is at most n times this of the largest one. */
inline constexpr double kSingular = 1e-15;

struct JacobianEntry {
  std::uint32_t row;
  std::uint32_t column;
  Register value;  // d g_row / d x_column
};

/* One formula of a loop, for methods that take formulas one after the other. */
struct LoopEquation {
  std::uint32_t unknown;
  ActionList actions;
  Register value;
};

struct LoopSpec {
  std::vector<std::uint32_t> variables;   // ordered by name
  std::vector<std::uint32_t> text_order;  // places in `variables`, in the order of the text
  bool linear = false;
  bool uniform = false;  // linear with coefficients that depend on parameters only
  SolveMethod method =
      SolveMethod::automatic;  // never automatic: direct, newton, gauss_seidel or jacobi
  double tolerance = 1e-9;
  std::int64_t iterations = 100;
  double damping = 1;
  std::vector<Register> unknowns;  // hold the guess, then the solution
  std::vector<Register> starts;    // kNoRegister: 0
  std::vector<Register> inputs;    // what it reads from outside, different in each lane; empty
                                   // when direct
  ActionList body;                 // g(x) from the unknowns; empty when direct
  ActionList jacobian_body;        // further actions for the Jacobian; empty when direct
  std::vector<Register> values;    // g_i(x); when direct g_i(0)
  std::vector<JacobianEntry> jacobian;
  std::vector<Register> solution;  // by elimination, the unknowns when direct, else Newton's step;
                                   // empty: not written out
  Register trusted = kNoRegister;  // 1 where that is to be used; kNoRegister: always
  std::vector<LoopEquation> equations;  // in the order of the text; for gauss_seidel and jacobi
};

struct Phase {
  ActionList actions;
  std::vector<Register>
      values;  // for each variable its value at this step, where something keeps or reports it
};

/* What of a step is the same in all trials: computed before the first one. */
struct TablePhase {
  Phase phase;                    // values: of variables that are kept or looked back at
  std::vector<Register> columns;  // what trials read, one row of the table
};

/* Bounds the memory of a machine's table, which is read again by each batch: 1 MiB. */
inline constexpr std::size_t kMaxTableValues = 131'072;

struct SlotSpec {
  std::uint32_t variable;
  std::int64_t step;  // -1: no time
};

struct Program {
  std::int64_t steps = 0;
  Register register_count = 0;
  std::vector<ParameterSpec> parameters;
  std::vector<NumberSpec> numbers;
  std::vector<DrawSpec> draws;
  std::vector<GatherSpec> gathers;
  std::vector<SeriesSpec> series;
  std::vector<CaptureSpec> captures;
  std::vector<AggregateSpec> aggregates;
  std::vector<RingSpec> rings;
  std::vector<RingView> views;
  std::vector<LoopSpec> loops;

  ActionList once;
  ActionList trial;
  std::vector<Phase> phases;
  std::vector<std::uint32_t>
      special_phase;  // phase of step t for small t; later steps use general_phase
  std::uint32_t general_phase = 0;
  std::vector<TablePhase> table_phases;  // by phase; empty: nothing is tabled
  std::size_t table_width = 0;           // columns of the widest phase
  ActionList final;

  std::vector<SlotSpec> slots;
  std::vector<Register>
      scalar_slots;  // register of each slot without time; kNoRegister for timed ones
  std::vector<std::string> variable_names;
  bool random = false;  // draws anything

  std::uint32_t phase_of(std::int64_t step) const {
    return static_cast<std::size_t>(step) < special_phase.size() &&
                   special_phase[static_cast<std::size_t>(step)] != kNoRegister
               ? special_phase[static_cast<std::size_t>(step)]
               : general_phase;
  }
};

}  // namespace sim
