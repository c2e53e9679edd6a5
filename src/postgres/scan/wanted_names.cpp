/*
 * wanted_names.cpp -- finds the clause in the plan of a scan.
 */
#include "scan/wanted_names.hpp"

#include <algorithm>
#include <cstring>

SIM_SERVER_BEGIN
#include <catalog/pg_operator.h>
#include <nodes/params.h>
#include <nodes/primnodes.h>
#include <utils/array.h>
#include <utils/lsyscache.h>
#include <utils/pg_locale.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* "column = value" or "column = ANY (value)". */
struct Comparison {
  Node* value;
  bool any;
};

bool is_column(const FunctionScanParts& parts, const Node* node, int column) {
  if (!IsA(node, Var)) {
    return false;
  }
  const auto* variable = reinterpret_cast<const Var*>(node);
  return variable->varno == INDEX_VAR && variable->varattno >= 1 &&
         parts.columns[variable->varattno - 1] == column;
}

/* Equal bytes are equality for these alone. */
bool compares_bytes(Oid operation, Oid collation) {
  return operation == TextEqualOperator && get_collation_isdeterministic(collation);
}

/* False for clauses of another form, and of other columns. */
bool read_comparison(const FunctionScanParts& parts, int column, const Node* clause,
                     Comparison* comparison) {
  const List* sides = NIL;
  if (IsA(clause, OpExpr)) {
    const auto* plain = reinterpret_cast<const OpExpr*>(clause);
    sides = compares_bytes(plain->opno, plain->inputcollid) ? plain->args : NIL;
    comparison->any = false;
  } else if (IsA(clause, ScalarArrayOpExpr)) {
    const auto* array = reinterpret_cast<const ScalarArrayOpExpr*>(clause);
    sides = array->useOr && compares_bytes(array->opno, array->inputcollid) ? array->args : NIL;
    comparison->any = true;
  }
  if (list_length(sides) != 2) {
    return false;
  }
  auto* left = static_cast<Node*>(linitial(sides));
  auto* right = static_cast<Node*>(lsecond(sides));
  const bool column_left = is_column(parts, left, column);
  comparison->value = column_left ? right : left;
  return column_left || is_column(parts, right, column);
}

/* False where it is not known before the query runs. */
bool read_value(CustomScanState* node, Node* given, Datum* value, bool* null) {
  if (IsA(given, Const)) {
    const auto* constant = reinterpret_cast<const Const*>(given);
    *value = constant->constvalue;
    *null = constant->constisnull;
    return true;
  }
  const bool known = IsA(given, Param) && node->ss.ps.state->es_param_list_info != nullptr &&
                     reinterpret_cast<const Param*>(given)->paramkind == PARAM_EXTERN;
  if (known) {
    ExprState* parameter = ExecInitExpr(reinterpret_cast<Expr*>(given), &node->ss.ps);
    *value = ExecEvalExprSwitchContext(parameter, node->ss.ps.ps_ExprContext, null);
  }
  return known;
}

/* NULL equals nothing. */
WantedNames* make_names(const Datum* values, const bool* nulls, int count) {
  auto* names = static_cast<const text**>(palloc(sizeof(text*) * (count + 1)));
  auto* wanted = static_cast<WantedNames*>(palloc(sizeof(WantedNames)));
  *wanted = {0, names};
  for (int i = 0; i < count; i++) {
    if (!nulls[i]) {
      names[wanted->count++] = DatumGetTextPP(values[i]);
    }
  }
  return wanted;
}

WantedNames* make_names(Datum array) {
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
                    &count);
  return make_names(values, nulls, count);
}

WantedNames* read_names(CustomScanState* node, const Comparison& comparison) {
  Datum value = 0;
  bool null = false;
  if (!read_value(node, comparison.value, &value, &null)) {
    return nullptr;
  }
  return comparison.any && !null ? make_names(value) : make_names(&value, &null, 1);
}

}  // namespace

const WantedNames* find_wanted_names(CustomScanState* node, const FunctionScanParts& parts,
                                     int column) {
  ListCell* cell;
  foreach (cell, node->ss.ps.plan->qual) {
    Comparison comparison{};
    if (read_comparison(parts, column, static_cast<Node*>(lfirst(cell)), &comparison)) {
      const WantedNames* names = read_names(node, comparison);
      if (names != nullptr) {
        return names;
      }
    }
  }
  return nullptr;
}

bool is_wanted(const WantedNames& wanted, const text* name) {
  const std::size_t size = VARSIZE_ANY_EXHDR(name);
  return std::any_of(wanted.names, wanted.names + wanted.count, [&](const text* each) {
    return VARSIZE_ANY_EXHDR(each) == size &&
           std::memcmp(VARDATA_ANY(each), VARDATA_ANY(name), size) == 0;
  });
}

const bool* wanted_variables(const WantedNames* wanted, std::span<const Datum> names) {
  if (wanted == nullptr) {
    return nullptr;
  }
  auto* marks = static_cast<bool*>(palloc(names.size() + 1));
  for (std::size_t i = 0; i < names.size(); i++) {
    marks[i] = is_wanted(*wanted, reinterpret_cast<const text*>(DatumGetPointer(names[i])));
  }
  return marks;
}

}  // namespace simpg
