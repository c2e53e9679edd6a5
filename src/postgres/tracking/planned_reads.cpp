/*
 * planned_reads.cpp -- a hook of the planner on calls of the extension's functions.
 */
#include "tracking/planned_reads.hpp"

#include "scan/function_relation.hpp"
#include "scan/known_functions.hpp"
#include "store_session.hpp"

SIM_SERVER_BEGIN
#include <optimizer/paths.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Result views that this session has read, the places given away in turn. */
constexpr int kMostViews = 32;

struct ViewModel {
  Oid relation;
  SessionName model;
};

ViewModel views[kMostViews] = {};
int next_view = 0;
set_rel_pathlist_hook_type previous_hook = nullptr;

ViewModel* find_view(Oid relation) {
  for (ViewModel& view : views) {
    if (view.relation == relation) {
      return &view;
    }
  }
  return nullptr;
}

void hold_tables(KnownFunction function, const Const* argument) {
  if (function == KnownFunction::result_keys && argument->consttype == REGCLASSOID) {
    const ViewModel* view = find_view(DatumGetObjectId(argument->constvalue));
    if (view != nullptr) {
      hold_session_tables(view->model);
    }
  } else if (argument->consttype == TEXTOID) {
    hold_session_tables({TextDatumGetCString(argument->constvalue), GetUserId()});
  }
}

void pathlist_hook(PlannerInfo* root, RelOptInfo* relation, Index index, RangeTblEntry* entry) {
  if (previous_hook != nullptr) {
    previous_hook(root, relation, index, entry);
  }
  const RangeTblFunction* call = single_call(entry);
  if (call == nullptr) {
    return;
  }
  const auto* function = reinterpret_cast<FuncExpr*>(call->funcexpr);
  const KnownFunction known = find_function(function->funcid);
  if (known == KnownFunction::none) {
    return;
  }
  const auto* argument = static_cast<const Const*>(linitial(function->args));
  if (IsA(argument, Const) && !argument->constisnull) {
    hold_tables(known, argument);
  }
}

}  // namespace

void note_result_model(Oid relation) {
  ViewModel* view = find_view(relation);
  if (view == nullptr) {
    view = &views[next_view];
    next_view = (next_view + 1) % kMostViews;
  }
  const SessionName latest = latest_session_model();
  const char* before = view->model.given;
  *view = {relation, {MemoryContextStrdup(TopMemoryContext, latest.given), latest.user}};
  if (before != nullptr) {
    pfree(const_cast<char*>(before));
  }
}

void register_planned_reads() {
  previous_hook = set_rel_pathlist_hook;
  set_rel_pathlist_hook = pathlist_hook;
}

}  // namespace simpg
