/*
 * sim_scan_estimate.cpp -- rows and cost of sim.samples and sim.chunks, and their support
 * functions.
 *
 * The planner asks several times for the same call: rows, then cost, then paths.  Reading a model
 * takes longer than planning a small query, so the answers of a statement are remembered, by the
 * values of the arguments.  They are estimates: what runs is read again when it runs.
 */
#include "scan/sim_scan_estimate.hpp"

#include "boundary.hpp"
#include "scan/chunk_reader.hpp"
#include "scan/known_functions.hpp"
#include "scan/sample_call.hpp"
#include "scan/sample_reader.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <nodes/nodeFuncs.h>
#include <nodes/supportnodes.h>
#include <optimizer/cost.h>
#include <optimizer/optimizer.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* cpu_operator_cost stands for about 15 ns, an operation on one lane of a batch takes about 0.3 ns.
 */
constexpr double kOperationsPerOperator = 50;
/* Reading the model and compiling it, some 0.2 ms. */
constexpr double kCompileCost = 20;

/* An answer given before. */
struct Remembered {
  MemoryContext context = nullptr;
  List* key = NIL;  // evaluated arguments, columns
  TimestampTz statement = 0;
  CommandId command = 0;
  Oid user = InvalidOid;
  ScanEstimate estimate{};
};

constexpr int kRemembered = 4;
Remembered remembered[kRemembered];
int next_remembered = 0;

const ScanEstimate* recall(const List* key) {
  for (const Remembered& entry : remembered) {
    if (entry.key != NIL && entry.statement == GetCurrentStatementStartTimestamp() &&
        entry.command == GetCurrentCommandId(false) && entry.user == GetUserId() &&
        equal(entry.key, key)) {
      return &entry.estimate;
    }
  }
  return nullptr;
}

void remember(const List* key, const ScanEstimate& estimate) {
  Remembered& entry = remembered[next_remembered];
  next_remembered = (next_remembered + 1) % kRemembered;
  entry.key = NIL;
  if (entry.context == nullptr) {
    entry.context =
        AllocSetContextCreate(TopMemoryContext, "sim scan estimate", ALLOCSET_SMALL_SIZES);
  }
  MemoryContextReset(entry.context);
  MemoryContext caller = MemoryContextSwitchTo(entry.context);
  List* kept = static_cast<List*>(copyObjectImpl(key));
  entry.estimate = estimate;
  entry.estimate.label = estimate.label == nullptr ? nullptr : pstrdup(estimate.label);
  MemoryContextSwitchTo(caller);
  entry.statement = GetCurrentStatementStartTimestamp();
  entry.command = GetCurrentCommandId(false);
  entry.user = GetUserId();
  entry.key = kept;
}

ScanEstimate guess(double trials) {
  const double leaves = clamp_row_est(trials / sim::kLeafTrials);
  return {false, nullptr, trials, trials, leaves, 1, 100, cost_of_operations(trials * 100)};
}

/* The arguments as values, as far as the planner knows them; null where it does not. */
struct Arguments {
  List* evaluated = NIL;
  Datum values[kSampleArguments] = {};
  bool nulls[kSampleArguments] = {};
  bool known[kSampleArguments] = {};
};

bool evaluate(PlannerInfo* root, const FuncExpr* call, int count, Arguments* arguments) {
  if (list_length(call->args) != count) {
    return false;
  }
  for (int i = 0; i < count; i++) {
    Node* value = estimate_expression_value(root, static_cast<Node*>(list_nth(call->args, i)));
    arguments->evaluated = lappend(arguments->evaluated, value);
    const Const* constant = IsA(value, Const) ? reinterpret_cast<Const*>(value) : nullptr;
    arguments->known[i] = constant != nullptr;
    arguments->nulls[i] = constant == nullptr || constant->constisnull;
    arguments->values[i] = constant == nullptr ? Datum{0} : constant->constvalue;
  }
  return true;
}

ScanEstimate measure_samples(const Arguments& arguments, const SampleColumns& columns) {
  Arguments filled = arguments;
  if (!filled.known[2]) {
    filled.nulls[2] = false;
    filled.values[2] = Int64GetDatum(1);
  }
  StoredExperiment* stored = load_samples(sample_request(filled.values, filled.nulls), columns);
  const bytea* experiment = experiment_bytes(*stored);
  SampleWork work;
  guarded([&] { work = SampleReader(bytes_of(experiment), columns, current_knobs()).work(); });
  const double trials = static_cast<double>(work.trials);
  return {true,
          from_utf8(stored->model.label),
          trials * static_cast<double>(work.rows_per_trial),
          trials,
          static_cast<double>(work.chunks),
          static_cast<double>(work.leaves_per_chunk),
          work.operations_per_trial,
          cost_of_operations(trials * work.operations_per_trial)};
}

ScanEstimate estimate_samples(PlannerInfo* root, const RangeTblFunction* call) {
  Arguments arguments;
  const SampleColumns columns = columns_of_definition(call->funccolnames, call->funccoltypes);
  if (!evaluate(root, reinterpret_cast<FuncExpr*>(call->funcexpr), kSampleArguments, &arguments)) {
    return guess(sim::kDefaultTrials);
  }
  if (!arguments.known[0]) {
    const bool counted = arguments.known[1] && !arguments.nulls[1];
    return guess(counted ? static_cast<double>(DatumGetInt64(arguments.values[1]))
                         : sim::kDefaultTrials);
  }
  List* key = list_make2(arguments.evaluated, call->funccolnames);
  const ScanEstimate* known = recall(key);
  if (known == nullptr) {
    remember(key, measure_samples(arguments, columns));
    known = recall(key);
  }
  return *known;
}

ScanEstimate estimate_chunks(PlannerInfo* root, const RangeTblFunction* call) {
  Arguments arguments;
  if (!evaluate(root, reinterpret_cast<FuncExpr*>(call->funcexpr), 2, &arguments) ||
      arguments.nulls[0]) {
    return guess(sim::kDefaultTrials);
  }
  const bytea* experiment = DatumGetByteaPP(arguments.values[0]);
  ScanEstimate estimate{};
  Holder<SharedExperiment>* compiled = make_holder<SharedExperiment>(CurrentMemoryContext);
  guarded([&] {
    const sim::Simulation& simulation =
        hold(compiled, compile(bytes_of(experiment), current_knobs()))->simulation;
    estimate.trials = static_cast<double>(simulation.trials()) * simulation.scenarios();
    estimate.chunks = static_cast<double>(simulation.chunk_count());
    estimate.leaves_per_chunk = static_cast<double>(simulation.chunk_leaves());
    estimate.operations_per_trial = simulation.operations_per_trial();
  });
  estimate.known = true;
  estimate.label = from_utf8((*compiled->object)->model.c_str());
  estimate.rows = estimate.chunks;
  estimate.cost = cost_of_operations(estimate.trials * estimate.operations_per_trial);
  return estimate;
}

/* The call as the range table holds it; one without columns where it stands in a target list. */
const RangeTblFunction* find_call(PlannerInfo* root, Node* call) {
  for (int i = 1; i < root->simple_rel_array_size; i++) {
    const RangeTblEntry* entry = root->simple_rte_array[i];
    if (entry == nullptr || entry->rtekind != RTE_FUNCTION) {
      continue;
    }
    ListCell* cell;
    foreach (cell, entry->functions) {
      const auto* function = static_cast<RangeTblFunction*>(lfirst(cell));
      if (function->funcexpr == call) {
        return function;
      }
    }
  }
  RangeTblFunction* alone = makeNode(RangeTblFunction);
  alone->funcexpr = call;
  return alone;
}

bool is_call(PlannerInfo* root, Node* node) {
  return root != nullptr && root->simple_rte_array != nullptr && node != nullptr &&
         IsA(node, FuncExpr);
}

/* Answers a request of the planner; null for those it does not answer. */
Node* answer(Node* request, ScanKind kind, KnownFunction function) {
  if (IsA(request, SupportRequestRows)) {
    auto* rows = reinterpret_cast<SupportRequestRows*>(request);
    learn_function(function, rows->funcid);
    if (is_call(rows->root, rows->node)) {
      rows->rows =
          clamp_row_est(estimate_scan(rows->root, kind, find_call(rows->root, rows->node)).rows);
      return request;
    }
  } else if (IsA(request, SupportRequestCost)) {
    auto* cost = reinterpret_cast<SupportRequestCost*>(request);
    learn_function(function, cost->funcid);
    if (is_call(cost->root, cost->node)) {
      cost->startup = estimate_scan(cost->root, kind, find_call(cost->root, cost->node)).cost;
      cost->per_tuple = 0;
      return request;
    }
  }
  return nullptr;
}

}  // namespace

ScanKind scan_kind(Oid function) {
  switch (find_function(function)) {
    case KnownFunction::samples:
      return ScanKind::samples;
    case KnownFunction::chunks:
      return ScanKind::chunks;
    default:
      return ScanKind::none;
  }
}

double cost_of_operations(double operations) {
  return kCompileCost + operations * cpu_operator_cost / kOperationsPerOperator;
}

ScanEstimate estimate_scan(PlannerInfo* root, ScanKind kind, const RangeTblFunction* call) {
  return kind == ScanKind::samples ? estimate_samples(root, call) : estimate_chunks(root, call);
}

int workers_for(double cost, double chunks) {
  /* A process that is started for less work than this costs more time than it saves. */
  const double least = parallel_setup_cost / 2;
  double workers = max_parallel_workers_per_gather;
  if (cost < least * workers) {
    workers = cost / least;
  }
  const double processes = parallel_leader_participation ? chunks - 1 : chunks;
  return static_cast<int>(processes < workers ? processes : workers);
}

/* The planner support function of sim.samples. */
SIM_FUNCTION(sim_samples_support) {
  auto* request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  PG_RETURN_POINTER(answer(request, ScanKind::samples, KnownFunction::samples));
}

/* The planner support function of sim.chunks. */
SIM_FUNCTION(sim_chunks_support) {
  auto* request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  PG_RETURN_POINTER(answer(request, ScanKind::chunks, KnownFunction::chunks));
}

}  // namespace simpg
