/*
 * variable_filter.cpp -- finds the clause in the plan of a scan.
 */
#include "converge/variable_filter.hpp"

#include <cstring>

SIM_SERVER_BEGIN
#include <catalog/pg_operator.h>
#include <nodes/primnodes.h>
#include <utils/lsyscache.h>
#include <utils/pg_locale.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Which column of the function a column of the scan is: custom_private holds them, from 1. */
bool is_column(const CustomScan* scan, const Node* node, int column) {
  if (!IsA(node, Var)) {
    return false;
  }
  const auto* variable = reinterpret_cast<const Var*>(node);
  const List* columns = static_cast<List*>(lsecond(scan->custom_private));
  return variable->varno == INDEX_VAR && variable->varattno >= 1 &&
         list_nth_int(columns, variable->varattno - 1) == column + 1;
}

/* Equal bytes are equality for these alone. */
bool compares_bytes(const OpExpr* clause) {
  return clause->opno == TextEqualOperator && list_length(clause->args) == 2 &&
         get_collation_isdeterministic(clause->inputcollid);
}

const text* constant_name(const CustomScan* scan, const OpExpr* clause, int column) {
  const auto* left = static_cast<Node*>(linitial(clause->args));
  const auto* right = static_cast<Node*>(lsecond(clause->args));
  if (!is_column(scan, left, column) || !IsA(right, Const)) {
    return nullptr;
  }
  const auto* constant = reinterpret_cast<const Const*>(right);
  return constant->constisnull ? nullptr : DatumGetTextPP(constant->constvalue);
}

}  // namespace

VariableFilter* find_filter(const CustomScanState* node, int column) {
  const auto* scan = reinterpret_cast<CustomScan*>(node->ss.ps.plan);
  ListCell* cell;
  foreach (cell, scan->scan.plan.qual) {
    const auto* clause = static_cast<Node*>(lfirst(cell));
    if (!IsA(clause, OpExpr) || !compares_bytes(reinterpret_cast<const OpExpr*>(clause))) {
      continue;
    }
    const text* name = constant_name(scan, reinterpret_cast<const OpExpr*>(clause), column);
    if (name != nullptr) {
      auto* filter = static_cast<VariableFilter*>(palloc(sizeof(VariableFilter)));
      filter->name = name;
      return filter;
    }
  }
  return nullptr;
}

const bool* wanted_variables(const VariableFilter* filter, std::span<const Datum> names) {
  if (filter == nullptr) {
    return nullptr;
  }
  const std::size_t size = VARSIZE_ANY_EXHDR(filter->name);
  auto* wanted = static_cast<bool*>(palloc(names.size() + 1));
  for (std::size_t i = 0; i < names.size(); i++) {
    const char* name = DatumGetPointer(names[i]);
    wanted[i] = VARSIZE_ANY_EXHDR(name) == size &&
                std::memcmp(VARDATA_ANY(name), VARDATA_ANY(filter->name), size) == 0;
  }
  return wanted;
}

}  // namespace simpg
