/*
 * function_scan.cpp -- the planner's side of scans that stand for functions, and how the executor
 * reads their plans.
 */
#include "scan/function_scan.hpp"

#include "scan/function_relation.hpp"

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

constexpr int kMostScans = 8;

FunctionScan scans[kMostScans];
int scan_count = 0;
set_rel_pathlist_hook_type previous_hook = nullptr;

Plan* make_plan(PlannerInfo* root, RelOptInfo* relation, CustomPath* path, List* targets,
                List* clauses, List* children);

constexpr CustomPathMethods kPathMethods = {"SimFunction", make_plan, nullptr};

/* Null for other functions. */
const FunctionScan* find_scan(const FuncExpr* call) {
  const KnownFunction function = find_function(call->funcid);
  for (int i = 0; i < scan_count; i++) {
    if (function == scans[i].function && list_length(call->args) == scans[i].argument_count) {
      return &scans[i];
    }
  }
  return nullptr;
}

/* The rows and cost are those that the planner gave the function. */
void replace_paths(PlannerInfo* root, RelOptInfo* relation, int place) {
  const auto* plain = static_cast<Path*>(linitial(relation->pathlist));
  CustomPath* path = makeNode(CustomPath);
  path->path.pathtype = T_CustomScan;
  path->path.parent = relation;
  path->path.pathtarget = relation->reltarget;
  path->path.param_info = get_baserel_parampathinfo(root, relation, relation->lateral_relids);
  path->path.parallel_safe = scans[place].parallel_safe && plain->parallel_safe;
  path->path.rows = plain->rows;
  path->path.startup_cost = plain->startup_cost;
  path->path.total_cost = plain->total_cost;
  path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
  path->methods = &kPathMethods;
  path->custom_private = list_make1(makeInteger(place));
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
  const FunctionScan* scan = find_scan(reinterpret_cast<FuncExpr*>(call->funcexpr));
  if (scan != nullptr && !reads_whole_row(relation)) {
    replace_paths(root, relation, static_cast<int>(scan - scans));
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
  const FunctionScan& replaced = scans[intVal(linitial(path->custom_private))];
  const TupleDesc descriptor = result_of(call->funcexpr);
  CustomScan* scan = makeNode(CustomScan);
  scan->scan.plan.targetlist = targets;
  scan->scan.plan.qual = extract_actual_clauses(clauses, false);
  scan->scan.scanrelid = 0;
  scan->flags = path->flags;
  scan->methods = replaced.methods;
  scan->custom_exprs = static_cast<List*>(copyObjectImpl(function->args));
  List* columns = columns_read(relation, scan->scan.plan.qual, descriptor->natts);
  scan->custom_scan_tlist = describe_rows(relation, columns, column_types(descriptor));
  scan->custom_private = list_make3(makeInteger(static_cast<int>(replaced.function)), columns,
                                    list_make1_oid(function->funcid));
  return &scan->scan.plan;
}

}  // namespace

void register_function_scan(const FunctionScan& scan) {
  if (scan_count == 0) {
    previous_hook = set_rel_pathlist_hook;
    set_rel_pathlist_hook = pathlist_hook;
  }
  Assert(scan_count < kMostScans);
  scans[scan_count++] = scan;
}

Datum learn_from_request(FunctionCallInfo call, KnownFunction function) {
  const auto* request = reinterpret_cast<Node*>(DatumGetPointer(call->args[0].value));
  if (IsA(request, SupportRequestRows)) {
    learn_function(function, reinterpret_cast<const SupportRequestRows*>(request)->funcid);
  }
  PG_RETURN_POINTER(nullptr);
}

FunctionScanParts open_function_scan(CustomScanState* node) {
  const auto* scan = reinterpret_cast<CustomScan*>(node->ss.ps.plan);
  const List* columns = static_cast<List*>(lsecond(scan->custom_private));
  FunctionScanParts parts;
  parts.function = static_cast<KnownFunction>(intVal(linitial(scan->custom_private)));
  parts.arguments = ExecInitExprList(scan->custom_exprs, &node->ss.ps);
  parts.identifier = linitial_oid(static_cast<List*>(lthird(scan->custom_private)));
  require_execute(parts.identifier);
  parts.column_count = list_length(columns);
  parts.columns = static_cast<int*>(palloc(sizeof(int) * (parts.column_count + 1)));
  for (int k = 0; k < parts.column_count; k++) {
    parts.columns[k] = list_nth_int(columns, k) - 1;
  }
  return parts;
}

TupleDesc describe_function(const FunctionScanParts& parts) {
  TupleDesc descriptor = nullptr;
  Oid type;
  FmgrInfo info;
  fmgr_info(parts.identifier, &info);
  LOCAL_FCINFO(call, 0);
  InitFunctionCallInfoData(*call, &info, 0, InvalidOid, nullptr, nullptr);
  get_call_result_type(call, &type, &descriptor);
  return CreateTupleDescCopy(descriptor);
}

Datum evaluate_argument(const FunctionScanParts& parts, CustomScanState* node, int argument,
                        bool* is_null) {
  auto* expression = static_cast<ExprState*>(list_nth(parts.arguments, argument));
  return ExecEvalExprSwitchContext(expression, node->ss.ps.ps_ExprContext, is_null);
}

void evaluate_arguments(const FunctionScanParts& parts, CustomScanState* node, Datum* values,
                        bool* nulls) {
  for (int i = 0; i < list_length(parts.arguments); i++) {
    values[i] = evaluate_argument(parts, node, i, &nulls[i]);
  }
}

bool known_when_planned(const CustomScanState* node) {
  if ((node->ss.ps.state->es_top_eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0) {
    return false;
  }
  ListCell* cell;
  foreach (cell, reinterpret_cast<CustomScan*>(node->ss.ps.plan)->custom_exprs) {
    const auto* argument = static_cast<Node*>(lfirst(cell));
    const bool parameter =
        IsA(argument, Param) && reinterpret_cast<const Param*>(argument)->paramkind == PARAM_EXTERN;
    if (!IsA(argument, Const) && !parameter) {
      return false;
    }
  }
  return true;
}

}  // namespace simpg
