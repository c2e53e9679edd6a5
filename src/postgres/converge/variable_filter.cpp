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

bool is_column(const FunctionScanParts& parts, const Node* node, int column) {
  if (!IsA(node, Var)) {
    return false;
  }
  const auto* variable = reinterpret_cast<const Var*>(node);
  return variable->varno == INDEX_VAR && variable->varattno >= 1 &&
         parts.columns[variable->varattno - 1] == column;
}

/* Equal bytes are equality for these alone. */
bool compares_bytes(const OpExpr* clause) {
  return clause->opno == TextEqualOperator && list_length(clause->args) == 2 &&
         get_collation_isdeterministic(clause->inputcollid);
}

const text* constant_name(const FunctionScanParts& parts, const OpExpr* clause, int column) {
  const auto* left = static_cast<Node*>(linitial(clause->args));
  const auto* right = static_cast<Node*>(lsecond(clause->args));
  if (!is_column(parts, left, column) || !IsA(right, Const)) {
    return nullptr;
  }
  const auto* constant = reinterpret_cast<const Const*>(right);
  return constant->constisnull ? nullptr : DatumGetTextPP(constant->constvalue);
}

}  // namespace

const text* find_wanted_name(const CustomScanState* node, const FunctionScanParts& parts,
                             int column) {
  ListCell* cell;
  foreach (cell, node->ss.ps.plan->qual) {
    const auto* clause = static_cast<Node*>(lfirst(cell));
    if (!IsA(clause, OpExpr) || !compares_bytes(reinterpret_cast<const OpExpr*>(clause))) {
      continue;
    }
    const text* name = constant_name(parts, reinterpret_cast<const OpExpr*>(clause), column);
    if (name != nullptr) {
      return name;
    }
  }
  return nullptr;
}

const bool* wanted_variables(const text* name, std::span<const Datum> names) {
  if (name == nullptr) {
    return nullptr;
  }
  const std::size_t size = VARSIZE_ANY_EXHDR(name);
  auto* wanted = static_cast<bool*>(palloc(names.size() + 1));
  for (std::size_t i = 0; i < names.size(); i++) {
    const char* each = DatumGetPointer(names[i]);
    wanted[i] = VARSIZE_ANY_EXHDR(each) == size &&
                std::memcmp(VARDATA_ANY(each), VARDATA_ANY(name), size) == 0;
  }
  return wanted;
}

}  // namespace simpg
