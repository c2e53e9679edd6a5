/*
 * sim_converge.cpp -- SimConverge in the executor, and what EXPLAIN prints of it.
 */
#include "converge/built_numbers.hpp"
#include "converge/converge.hpp"
#include "converge/solving.hpp"
#include "scan/function_scan.hpp"
#include "scan/wanted_names.hpp"
#include "settings.hpp"
#include "store_fault.hpp"
#include "store_scenario.hpp"
#include "store_session.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

/* Columns, from 0. */
constexpr int kScenarioColumn = 0;
constexpr int kVariableColumn = 1;

/* What a call was given. */
struct ConvergeCall {
  Datum values[kConvergeArguments];
  bool nulls[kConvergeArguments];
  bool has_overrides;  // they have been evaluated
};

struct SimConvergeState {
  CustomScanState custom;
  FunctionScanParts parts;
  BuiltNumbers built;            // what the overrides are built of
  const List* wanted_names;      // of variables; NIL where the query wants all
  MemoryContext solver_context;  // of the solver and what is known of its variables
  int64 number;                  // of this scan, within the session
  BorrowedSolver* solver;        // null until a call needs one
  const Datum* names;
  const bool* wanted;          // by variable; null: all
  MemoryContext call_context;  // of what a call reads
  const StoredExperiment* experiment;
  Solving* solving;                    // null until a call has begun
  bool under_way;                      // it gives rows; else it waits to be begun again
  std::size_t next_scenario;           // place among those that were solved last
  const sim::SolvedScenario* current;  // null before the first
  Datum scenario_name;
  std::size_t next_value;
  int64 calls;
  int64 scenarios;
  int64 found;  // of them, in the cache
};

int64 last_number = 0;

SimConvergeState* state_of(CustomScanState* node) {
  return reinterpret_cast<SimConvergeState*>(node);
}

void evaluate(SimConvergeState* state, ConvergeCall* call, int argument) {
  call->values[argument] =
      evaluate_argument(state->parts, &state->custom, argument, &call->nulls[argument]);
}

void evaluate_overrides(SimConvergeState* state, ConvergeCall* call) {
  if (!call->has_overrides) {
    evaluate(state, call, kOverridesArgument);
    call->has_overrides = true;
  }
}

ConvergeCall evaluate_call(SimConvergeState* state) {
  ConvergeCall call = {};
  evaluate(state, &call, kModelArgument);
  evaluate(state, &call, kScenariosArgument);
  return call;
}

void load_call(SimConvergeState* state, ConvergeCall* call) {
  evaluate_overrides(state, call);
  StoredExperiment* stored = load_converge(call->values, call->nulls, state->number);
  if (has_fault(*stored)) {
    want_scenarios(stored, find_wanted_names(&state->custom, state->parts, kScenarioColumn), 0);
    want_outputs(stored, find_wanted_names(&state->custom, state->parts, kVariableColumn));
  }
  state->experiment = stored;
}

/* Mostly the solver of the call before: parameters vary more often than models. */
void find_solver(SimConvergeState* state) {
  if (state->solver != nullptr && state->solver->fits(*state->experiment)) {
    return;
  }
  state->solver = nullptr;
  MemoryContextReset(state->solver_context);
  MemoryContext caller = MemoryContextSwitchTo(state->solver_context);
  state->solver = borrow_solver(*state->experiment, state->solver_context);
  state->names = state->solver->names().data();
  state->wanted = wanted_variables(state->wanted_names, state->solver->names());
  MemoryContextSwitchTo(caller);
}

/* Whether what the call before has loaded is what this one would load, overrides apart. */
bool is_loaded(const SimConvergeState* state, const ConvergeCall& call) {
  if (call.nulls[kModelArgument] || !call.nulls[kScenariosArgument]) {
    return false;
  }
  const StoredExperiment& before = *state->experiment;
  const SessionModel* session =
      known_session_model(DatumGetTextPP(call.values[kModelArgument]), state->number);
  return session != nullptr && session->reading == before.reading &&
         before.max_steps == max_steps() && before.optimise == optimise();
}

/* Reads the numbers in the places of those of the call before; false where there are others. */
bool read_numbers(SimConvergeState* state, ConvergeCall* call, const StoredLayer& before,
                  double* numbers) {
  if (evaluate_numbers(state->built, state->custom.ss.ps.ps_ExprContext, numbers)) {
    return true;
  }
  evaluate_overrides(state, call);
  return !call->nulls[kOverridesArgument] &&
         read_same_numbers(DatumGetJsonbP(call->values[kOverridesArgument]), before, numbers);
}

/* Has the call before solved with other numbers, where that is all that differs: mostly so, where
 * there are many calls. */
bool repeat_call(SimConvergeState* state, ConvergeCall* call) {
  const StoredLayer* overrides =
      state->solving != nullptr ? repeatable_overrides(*state->solving) : nullptr;
  if (overrides == nullptr) {
    return false;
  }
  find_places(&state->built, *overrides);
  auto* numbers = static_cast<double*>(palloc(sizeof(double) * overrides->count));
  if (!read_numbers(state, call, *overrides, numbers) || !is_loaded(state, *call)) {
    return false;
  }
  begin_again(state->solving, numbers);
  return true;
}

void forget_call(SimConvergeState* state) {
  state->solving = nullptr;
  state->experiment = nullptr;
  state->scenario_name = Datum{0};
  state->built.placed = false;
  MemoryContextReset(state->call_context);
}

void begin_new_call(SimConvergeState* state, ConvergeCall* call) {
  forget_call(state);
  MemoryContextSwitchTo(state->call_context);
  load_call(state, call);
  find_solver(state);
  state->solving =
      begin_solving(state->solver, *state->experiment, sim::Unsolved::refuse, state->call_context);
}

void begin_call(SimConvergeState* state) {
  MemoryContext caller =
      MemoryContextSwitchTo(state->custom.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
  ConvergeCall call = evaluate_call(state);
  if (!repeat_call(state, &call)) {
    begin_new_call(state, &call);
  }
  MemoryContextSwitchTo(caller);
  state->under_way = true;
  state->current = nullptr;
  state->next_scenario = 0;
  state->calls++;
}

/* The name of the current scenario.  That of the first is kept for calls that begin again. */
void name_scenario(SimConvergeState* state) {
  if (state->scenario_name == Datum{0} || state->current->scenario > 0) {
    state->scenario_name =
        text_from_utf8(state->experiment->scenarios[state->current->scenario].name);
  }
}

/* The next scenario that has been solved or can be; false at the end. */
bool find_scenario_rows(SimConvergeState* state) {
  Solving* solving = state->solving;
  MemoryContext caller = MemoryContextSwitchTo(state->call_context);
  if (state->next_scenario == 0 || state->next_scenario == solving->solved.size()) {
    CHECK_FOR_INTERRUPTS();
    state->next_scenario = 0;
    if (!solve_next(solving)) {
      MemoryContextSwitchTo(caller);
      return false;
    }
  }
  state->current = &solving->solved[state->next_scenario++];
  state->next_value = 0;
  state->scenarios++;
  state->found += solving->level != CacheLevel::none ? 1 : 0;
  name_scenario(state);
  MemoryContextSwitchTo(caller);
  return true;
}

/* The next value of the scenario that the query may want; false where there is none. */
bool find_value(SimConvergeState* state) {
  if (state->current == nullptr) {
    return false;
  }
  const std::span<const sim::SlotSpec> slots = state->current->slots;
  if (state->wanted != nullptr) {
    while (state->next_value < slots.size() && !state->wanted[slots[state->next_value].variable]) {
      state->next_value++;
    }
  }
  return state->next_value < slots.size();
}

void fill_row(const SimConvergeState* state, TupleTableSlot* slot) {
  const sim::SlotSpec& place = state->current->slots[state->next_value];
  const Datum row[kConvergeColumns] = {state->scenario_name, state->names[place.variable],
                                       Int32GetDatum(static_cast<int32>(place.step)),
                                       Float8GetDatum(state->current->values[state->next_value])};
  const bool nulls[kConvergeColumns] = {false, false, place.step < 0, false};
  for (int k = 0; k < state->parts.column_count; k++) {
    slot->tts_values[k] = row[state->parts.columns[k]];
    slot->tts_isnull[k] = nulls[state->parts.columns[k]];
  }
}

TupleTableSlot* next_row(ScanState* scan) {
  auto* state = reinterpret_cast<SimConvergeState*>(scan);
  TupleTableSlot* slot = scan->ss_ScanTupleSlot;
  ExecClearTuple(slot);
  if (!state->under_way) {
    begin_call(state);
  }
  while (!find_value(state)) {
    if (!find_scenario_rows(state)) {
      return slot;
    }
  }
  fill_row(state, slot);
  state->next_value++;
  return ExecStoreVirtualTuple(slot);
}

/* Where a row of a table has changed meanwhile and its query is evaluated again: these rows are
 * those of no table, and are computed for the new row. */
bool recheck_row(ScanState* scan, TupleTableSlot*) {
  next_row(scan);
  return true;
}

void begin(CustomScanState* node, EState* executor, int) {
  SimConvergeState* state = state_of(node);
  state->parts = open_function_scan(node);
  const auto* overrides =
      static_cast<const ExprState*>(list_nth(state->parts.arguments, kOverridesArgument));
  state->built = find_built_numbers(overrides->expr, &node->ss.ps);
  state->wanted_names = find_fixed_names(node, state->parts, kVariableColumn);
  state->number = ++last_number;
  state->solver_context =
      AllocSetContextCreate(executor->es_query_cxt, "sim converge solver", ALLOCSET_SMALL_SIZES);
  state->call_context =
      AllocSetContextCreate(executor->es_query_cxt, "sim converge call", ALLOCSET_SMALL_SIZES);
}

TupleTableSlot* execute(CustomScanState* node) {
  return ExecScan(&node->ss, next_row, recheck_row);
}

void end(CustomScanState* node) {
  SimConvergeState* state = state_of(node);
  forget_call(state);
  state->solver = nullptr;
  MemoryContextReset(state->solver_context);
}

void rescan(CustomScanState* node) {
  state_of(node)->under_way = false;
  ExecScanReScan(&node->ss);
}

void explain_converge(CustomScanState* node, List*, ExplainState* explain) {
  SimConvergeState* state = state_of(node);
  if (explain->analyze) {
    ExplainPropertyInteger("Calls", nullptr, state->calls, explain);
    ExplainPropertyInteger("Scenarios", nullptr, state->scenarios, explain);
    if (state->found > 0) {
      ExplainPropertyText("Cache",
                          psprintf(INT64_FORMAT " of " INT64_FORMAT " scenarios found",
                                   state->found, state->scenarios),
                          explain);
    }
  } else if (known_when_planned(node)) {
    ConvergeCall call = evaluate_call(state);
    load_call(state, &call);
    ExplainPropertyText("Model", from_utf8(state->experiment->model.label), explain);
    ExplainPropertyInteger("Scenarios", nullptr, state->experiment->scenario_count, explain);
  }
}

constexpr CustomExecMethods kExecuteMethods = {.CustomName = "SimConverge",
                                               .BeginCustomScan = begin,
                                               .ExecCustomScan = execute,
                                               .EndCustomScan = end,
                                               .ReScanCustomScan = rescan,
                                               .MarkPosCustomScan = nullptr,
                                               .RestrPosCustomScan = nullptr,
                                               .EstimateDSMCustomScan = nullptr,
                                               .InitializeDSMCustomScan = nullptr,
                                               .ReInitializeDSMCustomScan = nullptr,
                                               .InitializeWorkerCustomScan = nullptr,
                                               .ShutdownCustomScan = nullptr,
                                               .ExplainCustomScan = explain_converge};

constexpr CustomScanMethods kScanMethods = {"SimConverge", create_sim_converge_state};

}  // namespace

Node* create_sim_converge_state(CustomScan*) {
  auto* state = static_cast<SimConvergeState*>(palloc0(sizeof(SimConvergeState)));
  NodeSetTag(state, T_CustomScanState);
  state->custom.methods = &kExecuteMethods;
  return reinterpret_cast<Node*>(state);
}

void register_sim_converge() {
  RegisterCustomScanMethods(&kScanMethods);
  register_function_scan({KnownFunction::converge, kConvergeArguments, true, &kScanMethods});
}

}  // namespace simpg
