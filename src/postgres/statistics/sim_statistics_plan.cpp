/*
 * sim_statistics_plan.cpp -- puts SimStatistics in the place of the statistics functions in FROM.
 *
 * The scan belongs to the leader of the outer query, parallel or not: in a worker its own query
 * would get no workers.
 */
#include "boundary.hpp"

#include "scan/function_relation.hpp"
#include "scan/known_functions.hpp"
#include "statistics/sim_statistics.hpp"
#include "statistics/statistics.hpp"

SIM_SERVER_BEGIN
#include <nodes/makefuncs.h>
#include <nodes/nodeFuncs.h>
#include <nodes/supportnodes.h>
#include <optimizer/pathnode.h>
#include <optimizer/paths.h>
#include <optimizer/restrictinfo.h>
#include <parser/parsetree.h>
SIM_SERVER_END

namespace simpg {

namespace {

set_rel_pathlist_hook_type previous_hook = nullptr;

Plan* make_plan(PlannerInfo* root, RelOptInfo* relation, CustomPath* path, List* targets,
                List* clauses, List* children);

constexpr CustomPathMethods kPathMethods = {"SimStatistics", make_plan, nullptr};
constexpr CustomScanMethods kScanMethods = {"SimStatistics", create_sim_statistics_state};

StatisticsKind kind_of(const RangeTblFunction* call) {
  const auto* function = reinterpret_cast<const FuncExpr*>(call->funcexpr);
  switch (find_function(function->funcid)) {
    case KnownFunction::monte_carlo:
      return StatisticsKind::monte_carlo;
    case KnownFunction::percentiles:
      return StatisticsKind::percentiles;
    case KnownFunction::compare:
      return StatisticsKind::compare;
    default:
      return StatisticsKind::none;
  }
}

/* The rows and cost are those that the planner gave the function. */
void replace_paths(PlannerInfo* root, RelOptInfo* relation, StatisticsKind kind) {
  const auto* plain = static_cast<Path*>(linitial(relation->pathlist));
  CustomPath* path = makeNode(CustomPath);
  path->path.pathtype = T_CustomScan;
  path->path.parent = relation;
  path->path.pathtarget = relation->reltarget;
  path->path.param_info = get_baserel_parampathinfo(root, relation, relation->lateral_relids);
  path->path.rows = plain->rows;
  path->path.startup_cost = plain->startup_cost;
  path->path.total_cost = plain->total_cost;
  path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
  path->methods = &kPathMethods;
  path->custom_private = list_make1(makeInteger(static_cast<int>(kind)));
  relation->pathlist = NIL;
  relation->partial_pathlist = NIL;
  add_path(relation, &path->path);
}

void pathlist_hook(PlannerInfo* root, RelOptInfo* relation, Index index, RangeTblEntry* entry) {
  if (previous_hook != nullptr) {
    previous_hook(root, relation, index, entry);
  }
  const RangeTblFunction* call = single_call(entry);
  if (call == nullptr || relation->pathlist == NIL) {
    return;
  }
  const StatisticsKind kind = kind_of(call);
  const bool fits =
      kind != StatisticsKind::none &&
      list_length(reinterpret_cast<FuncExpr*>(call->funcexpr)->args) == argument_count(kind);
  if (fits && !reads_whole_row(relation)) {
    replace_paths(root, relation, kind);
  }
}

const Oid* column_types(TupleDesc descriptor) {
  Oid* types = static_cast<Oid*>(palloc(sizeof(Oid) * descriptor->natts));
  for (int i = 0; i < descriptor->natts; i++) {
    types[i] = TupleDescAttr(descriptor, i)->atttypid;
  }
  return types;
}

TupleDesc result_of(Node* call) {
  TupleDesc descriptor = nullptr;
  get_expr_result_type(call, nullptr, &descriptor);
  return descriptor;
}

Plan* make_plan(PlannerInfo* root, RelOptInfo* relation, CustomPath* path, List* targets,
                List* clauses, List*) {
  const RangeTblFunction* call = single_call(planner_rt_fetch(relation->relid, root));
  const auto* function = reinterpret_cast<FuncExpr*>(call->funcexpr);
  const TupleDesc descriptor = result_of(call->funcexpr);
  CustomScan* scan = makeNode(CustomScan);
  scan->scan.plan.targetlist = targets;
  scan->scan.plan.qual = extract_actual_clauses(clauses, false);
  scan->scan.scanrelid = 0;
  scan->flags = path->flags;
  scan->methods = &kScanMethods;
  scan->custom_exprs = static_cast<List*>(copyObjectImpl(function->args));
  List* columns = columns_read(relation, scan->scan.plan.qual, descriptor->natts);
  scan->custom_scan_tlist = describe_rows(relation, columns, column_types(descriptor));
  scan->custom_private =
      list_make3(linitial(path->custom_private), columns, list_make1_oid(function->funcid));
  return &scan->scan.plan;
}

/* Notes the function; the planner keeps its own estimates. */
Datum note_function(FunctionCallInfo call, KnownFunction function) {
  const auto* request = reinterpret_cast<Node*>(DatumGetPointer(call->args[0].value));
  if (IsA(request, SupportRequestRows)) {
    learn_function(function, reinterpret_cast<const SupportRequestRows*>(request)->funcid);
  }
  PG_RETURN_POINTER(nullptr);
}

}  // namespace

void register_sim_statistics() {
  RegisterCustomScanMethods(&kScanMethods);
  previous_hook = set_rel_pathlist_hook;
  set_rel_pathlist_hook = pathlist_hook;
}

/* Planner support functions. */
SIM_FUNCTION(sim_monte_carlo_support) { return note_function(fcinfo, KnownFunction::monte_carlo); }
SIM_FUNCTION(sim_percentiles_support) { return note_function(fcinfo, KnownFunction::percentiles); }
SIM_FUNCTION(sim_compare_support) { return note_function(fcinfo, KnownFunction::compare); }

}  // namespace simpg
