/*
 * sim_scan_plan.cpp -- puts SimScan in the place of sim.samples and sim.chunks in FROM.
 *
 * The hook costs other queries a comparison: the functions are known by the identifiers that their
 * support functions have seen, and the planner asks those before it calls the hook.
 *
 * The scan has no relation to open, so scanrelid is 0 and custom_scan_tlist describes its rows:
 * only the columns that the query reads.  The arguments go into custom_exprs, where the planner
 * turns LATERAL references into parameters.
 */
#include "scan/sim_scan.hpp"

#include "scan/compiled.hpp"
#include "scan/function_relation.hpp"
#include "scan/sim_scan_state.hpp"

SIM_SERVER_BEGIN
#include <nodes/makefuncs.h>
#include <nodes/nodeFuncs.h>
#include <optimizer/cost.h>
#include <optimizer/optimizer.h>
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

constexpr CustomPathMethods kPathMethods = {"SimScan", make_plan, nullptr};
constexpr CustomScanMethods kScanMethods = {"SimScan", create_sim_scan_state};

/* Which of ours the relation is; none where it is more than a call of it, or has no columns
 * defined. */
ScanKind kind_of(const RangeTblFunction* call) {
  if (call == nullptr) {
    return ScanKind::none;
  }
  const auto* function = reinterpret_cast<const FuncExpr*>(call->funcexpr);
  const ScanKind kind = scan_kind(function->funcid);
  const int arguments = kind == ScanKind::samples ? kSampleArguments : kChunkArguments;
  const bool fits = list_length(function->args) == arguments &&
                    (kind == ScanKind::chunks || call->funccolnames != NIL);
  return fits ? kind : ScanKind::none;
}

CustomPath* make_path(PlannerInfo* root, RelOptInfo* relation, ScanKind kind,
                      const ScanEstimate& estimate) {
  CustomPath* path = makeNode(CustomPath);
  path->path.pathtype = T_CustomScan;
  path->path.parent = relation;
  path->path.pathtarget = relation->reltarget;
  path->path.param_info = get_baserel_parampathinfo(root, relation, relation->lateral_relids);
  path->path.parallel_safe = relation->consider_parallel;
  path->path.rows =
      path->path.param_info != nullptr ? path->path.param_info->ppi_rows : relation->rows;
  path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
  path->methods = &kPathMethods;
  path->custom_private = list_make1(makeInteger(static_cast<int>(kind)));
  const double row_cost =
      cpu_tuple_cost + relation->baserestrictcost.per_tuple + relation->reltarget->cost.per_tuple;
  path->path.startup_cost = relation->baserestrictcost.startup + relation->reltarget->cost.startup;
  path->path.total_cost = path->path.startup_cost + estimate.cost + relation->tuples * row_cost;
  return path;
}

/* As the planner's own scans are shared: the leader helps less the more workers it serves. */
double parallel_divisor(int workers) {
  const double leader = parallel_leader_participation ? 1.0 - 0.3 * workers : 0.0;
  return workers + (leader > 0 ? leader : 0);
}

void add_parallel_path(PlannerInfo* root, RelOptInfo* relation, ScanKind kind,
                       const ScanEstimate& estimate) {
  CustomPath* path = make_path(root, relation, kind, estimate);
  const int workers = workers_for(path->path.total_cost, estimate.chunks);
  if (workers < 1) {
    return;
  }
  const double divisor = parallel_divisor(workers);
  path->path.parallel_aware = true;
  path->path.parallel_workers = workers;
  path->path.rows = clamp_row_est(path->path.rows / divisor);
  path->path.total_cost =
      path->path.startup_cost + (path->path.total_cost - path->path.startup_cost) / divisor;
  add_partial_path(relation, &path->path);
}

void add_scan_paths(PlannerInfo* root, RelOptInfo* relation, RangeTblEntry* entry) {
  RangeTblFunction* call = single_call(entry);
  const ScanKind kind = kind_of(call);
  if (kind == ScanKind::none || reads_whole_row(relation)) {
    return;
  }
  const ScanEstimate estimate = estimate_scan(root, kind, call);
  relation->pathlist = NIL;
  add_path(relation, &make_path(root, relation, kind, estimate)->path);
  if (relation->consider_parallel && relation->lateral_relids == nullptr) {
    add_parallel_path(root, relation, kind, estimate);
  }
}

void pathlist_hook(PlannerInfo* root, RelOptInfo* relation, Index index, RangeTblEntry* entry) {
  if (previous_hook != nullptr) {
    previous_hook(root, relation, index, entry);
  }
  if (entry->rtekind == RTE_FUNCTION) {
    add_scan_paths(root, relation, entry);
  }
}

/* Types of all columns of the call. */
const Oid* column_types(ScanKind kind, const RangeTblFunction* call) {
  static constexpr Oid kChunkTypes[kChunkColumns] = {INT4OID, INT8OID, BYTEAOID};
  if (kind == ScanKind::chunks) {
    return kChunkTypes;
  }
  Oid* types = static_cast<Oid*>(palloc(sizeof(Oid) * (list_length(call->funccoltypes) + 1)));
  for (int i = 0; i < list_length(call->funccoltypes); i++) {
    types[i] = list_nth_oid(call->funccoltypes, i);
  }
  return types;
}

/* Notes in the plan which columns the query reads. */
void mark_columns(RelOptInfo* relation, List* quals, ScanPlan* plan) {
  const int count = plan->kind == ScanKind::samples ? plan->columns.count : kChunkColumns;
  plan->attributes = columns_read(relation, quals, count);
  for (int i = 0; i < plan->columns.count; i++) {
    plan->columns.columns[i].needed = list_member_int(plan->attributes, i + 1);
  }
}

Plan* make_plan(PlannerInfo* root, RelOptInfo* relation, CustomPath* path, List* targets,
                List* clauses, List*) {
  RangeTblFunction* call = single_call(planner_rt_fetch(relation->relid, root));
  const auto* function = reinterpret_cast<FuncExpr*>(call->funcexpr);
  const auto kind = static_cast<ScanKind>(intVal(linitial(path->custom_private)));
  const ScanEstimate estimate = estimate_scan(root, kind, call);
  ScanPlan plan = {kind,
                   function->funcid,
                   columns_of_definition(call->funccolnames, call->funccoltypes),
                   NIL,
                   estimate.known ? estimate.label : "",
                   estimate.trials,
                   estimate.chunks,
                   estimate.leaves_per_chunk,
                   estimate.operations_per_trial};
  CustomScan* scan = makeNode(CustomScan);
  scan->scan.plan.targetlist = targets;
  scan->scan.plan.qual = extract_actual_clauses(clauses, false);
  scan->scan.scanrelid = 0;
  scan->flags = path->flags;
  scan->methods = &kScanMethods;
  scan->custom_exprs = static_cast<List*>(copyObjectImpl(function->args));
  mark_columns(relation, scan->scan.plan.qual, &plan);
  scan->custom_scan_tlist = describe_rows(relation, plan.attributes, column_types(kind, call));
  scan->custom_private = scan_plan_to_list(plan);
  return &scan->scan.plan;
}

}  // namespace

/* Numbers travel as strings: a Float that looks like an integer would come back as an Integer in a
 * worker. */
List* scan_plan_to_list(const ScanPlan& plan) {
  List* numbers = NIL;
  for (const double number :
       {plan.trials, plan.chunks, plan.leaves_per_chunk, plan.operations_per_trial}) {
    numbers = lappend(numbers, makeString(psprintf("%.17g", number)));
  }
  List* list = list_make5(makeInteger(static_cast<int>(plan.kind)), columns_to_plan(plan.columns),
                          plan.attributes, makeString(pstrdup(plan.label)), numbers);
  return lappend(list, list_make1_oid(plan.function));
}

ScanPlan scan_plan_of_list(List* list) {
  const List* numbers = static_cast<List*>(list_nth(list, 4));
  const auto number = [numbers](int place) { return atof(strVal(list_nth(numbers, place))); };
  return {static_cast<ScanKind>(intVal(linitial(list))),
          linitial_oid(static_cast<List*>(list_nth(list, 5))),
          columns_of_plan(static_cast<List*>(lsecond(list))),
          static_cast<List*>(lthird(list)),
          strVal(lfourth(list)),
          number(0),
          number(1),
          number(2),
          number(3)};
}

void register_sim_scan() {
  register_compiled();
  RegisterCustomScanMethods(&kScanMethods);
  previous_hook = set_rel_pathlist_hook;
  set_rel_pathlist_hook = pathlist_hook;
}

}  // namespace simpg
