/*
 * wanted_names.cpp -- finds clauses on names in the filter of a scan, and narrows experiments.
 */
#include "scan/wanted_names.hpp"

#include <cstring>
#include <utility>

#include "boundary.hpp"
#include "experiment/inspect.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_operator.h>
#include <catalog/pg_type.h>
#include <executor/executor.h>
#include <nodes/primnodes.h>
#include <optimizer/clauses.h>
#include <optimizer/optimizer.h>
#include <utils/array.h>
#include <utils/lsyscache.h>
#include <utils/pg_locale.h>
SIM_SERVER_END

namespace simpg {

namespace {

bool is_column(const FunctionScanParts& parts, const Node* node, int column) {
  if (!IsA(node, Var)) {
    return false;
  }
  const auto* variable = reinterpret_cast<const Var*>(node);
  return variable->varno == INDEX_VAR && variable->varattno >= 1 &&
         parts.columns[variable->varattno - 1] == column;
}

/* Operator, collation and the two sides of "a = b" or "a = ANY (b)"; equal bytes are equality for
 * texts under a deterministic collation. */
bool sides_of(const Node* clause, const Node** left, const Node** right) {
  Oid op = InvalidOid;
  Oid collation = InvalidOid;
  const List* sides = NIL;
  if (IsA(clause, OpExpr)) {
    const auto* comparison = reinterpret_cast<const OpExpr*>(clause);
    op = comparison->opno;
    collation = comparison->inputcollid;
    sides = comparison->args;
  } else if (IsA(clause, ScalarArrayOpExpr)) {
    const auto* comparison = reinterpret_cast<const ScalarArrayOpExpr*>(clause);
    op = comparison->useOr ? comparison->opno : InvalidOid;
    collation = comparison->inputcollid;
    sides = comparison->args;
  }
  if (op != TextEqualOperator || list_length(sides) != 2 ||
      !get_collation_isdeterministic(collation)) {
    return false;
  }
  *left = static_cast<const Node*>(linitial(sides));
  *right = static_cast<const Node*>(lsecond(sides));
  return true;
}

bool is_fixed(const CustomScanState* node, const Node* value) {
  const bool given = IsA(value, Param) && node->ss.ps.state->es_param_list_info != nullptr &&
                     reinterpret_cast<const Param*>(value)->paramkind == PARAM_EXTERN;
  return IsA(value, Const) || given;
}

/* Before a query runs it has computed nothing. */
bool is_running(const CustomScanState* node) {
  return (node->ss.ps.state->es_top_eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0;
}

/* What the column is compared with; null where the clause is of another kind. */
Node* other_side(const FunctionScanParts& parts, const Node* clause, int column) {
  const Node* left;
  const Node* right;
  if (!sides_of(clause, &left, &right)) {
    return nullptr;
  }
  if (IsA(clause, OpExpr) && is_column(parts, right, column)) {
    std::swap(left, right);
  }
  auto* value = const_cast<Node*>(right);
  const bool known = is_column(parts, left, column) && !contain_var_clause(value) &&
                     !contain_volatile_functions(value) && !contain_subplans(value);
  return known ? value : nullptr;
}

List* names_of(Datum value, bool is_array) {
  if (!is_array) {
    return list_make1(const_cast<char*>(to_utf8(TextDatumGetCString(value))));
  }
  Datum* elements;
  bool* nulls;
  int count;
  ArrayType* array = DatumGetArrayTypeP(value);
  deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  List* names = NIL;
  for (int i = 0; i < count; i++) {
    if (!nulls[i]) {
      names = lappend(names, const_cast<char*>(to_utf8(TextDatumGetCString(elements[i]))));
    }
  }
  return names;
}

/* Of the model asked for last: a scan may ask for one again and again. */
struct ReportedNames {
  MemoryContext context;
  int64 content;
  bool converging;
  List* names;  // UTF-8, char*
} reported = {};

void add_reported(const char* utf8) { reported.names = lappend(reported.names, pstrdup(utf8)); }

/* What the experiment reports of itself, in its order; valid until the next call. */
const List* reported_names(const StoredExperiment& stored) {
  const bool converging = stored.trials == 0;
  if (stored.content != 0 && reported.content == stored.content &&
      reported.converging == converging) {
    return reported.names;
  }
  const sim::ModelDescription* description = describe(stored.model.label, stored.model.source);
  if (reported.context == nullptr) {
    reported.context =
        AllocSetContextCreate(TopMemoryContext, "sim reported names", ALLOCSET_SMALL_SIZES);
  }
  MemoryContextReset(reported.context);
  reported = {reported.context, 0, converging, NIL};
  MemoryContext caller = MemoryContextSwitchTo(reported.context);
  if (converging) {
    for (const sim::VariableRow& row : description->variables) {
      if (row.kind != "input") add_reported(row.name.c_str());
    }
  } else {
    for (const std::string& output : description->outputs) {
      add_reported(output.c_str());
    }
  }
  MemoryContextSwitchTo(caller);
  reported.content = stored.content;
  return reported.names;
}

List* find_names(CustomScanState* node, const FunctionScanParts& parts, int column, bool computed) {
  ListCell* cell;
  foreach (cell, node->ss.ps.plan->qual) {
    const auto* clause = static_cast<const Node*>(lfirst(cell));
    Node* value = other_side(parts, clause, column);
    if (value == nullptr || !(is_fixed(node, value) || computed)) {
      continue;
    }
    bool is_null;
    const Datum datum =
        ExecEvalExprSwitchContext(ExecInitExpr(reinterpret_cast<Expr*>(value), &node->ss.ps),
                                  node->ss.ps.ps_ExprContext, &is_null);
    if (!is_null) {
      return names_of(datum, IsA(clause, ScalarArrayOpExpr));
    }
  }
  return NIL;
}

}  // namespace

List* find_wanted_names(CustomScanState* node, const FunctionScanParts& parts, int column) {
  return find_names(node, parts, column, is_running(node));
}

List* find_fixed_names(CustomScanState* node, const FunctionScanParts& parts, int column) {
  return find_names(node, parts, column, false);
}

bool is_wanted(const List* names, const char* utf8) {
  ListCell* cell;
  foreach (cell, names) {
    if (strcmp(static_cast<const char*>(lfirst(cell)), utf8) == 0) {
      return true;
    }
  }
  return names == NIL;
}

const bool* wanted_variables(const List* names, std::span<const Datum> variables) {
  if (names == NIL) {
    return nullptr;
  }
  auto* marks = static_cast<bool*>(palloc(variables.size() + 1));
  for (std::size_t i = 0; i < variables.size(); i++) {
    marks[i] = is_wanted(names, to_utf8(TextDatumGetCString(variables[i])));
  }
  return marks;
}

void want_outputs(StoredExperiment* stored, const List* names) {
  if (names == NIL) {
    return;
  }
  const List* all = reported_names(*stored);
  auto* outputs = static_cast<const char**>(palloc(sizeof(char*) * (list_length(all) + 1)));
  int count = 0;
  ListCell* cell;
  foreach (cell, all) {
    const auto* name = static_cast<const char*>(lfirst(cell));
    if (is_wanted(names, name)) {
      outputs[count++] = pstrdup(name);
    }
  }
  stored->outputs = outputs;
  stored->output_count = count;
}

bool wants_nothing(const StoredExperiment& stored) {
  return stored.outputs != nullptr && stored.output_count == 0;
}

void want_scenarios(StoredExperiment* stored, const List* names, int kept) {
  auto* scenarios =
      static_cast<StoredScenario*>(palloc(sizeof(StoredScenario) * stored->scenario_count));
  int count = 0;
  for (int i = 0; i < stored->scenario_count; i++) {
    if (i < kept || is_wanted(names, stored->scenarios[i].name)) {
      scenarios[count++] = stored->scenarios[i];
    }
  }
  if (count > 0) {
    stored->scenarios = scenarios;
    stored->scenario_count = count;
  }
}

}  // namespace simpg
