/*
 * function_relation.cpp -- a function in FROM, as the planner knows it.
 */
#include "scan/function_relation.hpp"

SIM_SERVER_BEGIN
#include <access/sysattr.h>
#include <catalog/objectaccess.h>
#include <catalog/pg_collation.h>
#include <nodes/makefuncs.h>
#include <optimizer/optimizer.h>
#include <optimizer/restrictinfo.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Columns in these expressions, counted as the server counts them: system columns first. */
Bitmapset* add_columns(Bitmapset* columns, List* expressions, Index relation) {
  pull_varattnos(reinterpret_cast<Node*>(expressions), relation, &columns);
  return columns;
}

bool is_member(int column, const Bitmapset* columns) {
  return bms_is_member(column - FirstLowInvalidHeapAttributeNumber, columns);
}

}  // namespace

RangeTblFunction* single_call(const RangeTblEntry* entry) {
  if (entry->rtekind != RTE_FUNCTION || entry->funcordinality ||
      list_length(entry->functions) != 1) {
    return nullptr;
  }
  auto* call = static_cast<RangeTblFunction*>(linitial(entry->functions));
  return IsA(call->funcexpr, FuncExpr) ? call : nullptr;
}

bool reads_whole_row(const RelOptInfo* relation) {
  Bitmapset* columns = add_columns(nullptr, relation->reltarget->exprs, relation->relid);
  columns = add_columns(columns, extract_actual_clauses(relation->baserestrictinfo, false),
                        relation->relid);
  return is_member(0, columns) || !bms_is_empty(relation->attr_needed[0 - relation->min_attr]);
}

List* columns_read(const RelOptInfo* relation, List* quals, int count) {
  Bitmapset* used = add_columns(nullptr, relation->reltarget->exprs, relation->relid);
  used = add_columns(used, quals, relation->relid);
  List* columns = NIL;
  for (int column = 1; column <= count; column++) {
    if (is_member(column, used)) {
      columns = lappend_int(columns, column);
    }
  }
  return columns;
}

List* describe_rows(const RelOptInfo* relation, const List* columns, const Oid* types) {
  List* rows = NIL;
  for (int i = 0; i < list_length(columns); i++) {
    const int column = list_nth_int(columns, i);
    const Oid type = types[column - 1];
    const Oid collation = type == TEXTOID ? DEFAULT_COLLATION_OID : InvalidOid;
    Var* variable =
        makeVar(relation->relid, static_cast<AttrNumber>(column), type, -1, collation, 0);
    rows = lappend(rows, makeTargetEntry(reinterpret_cast<Expr*>(variable),
                                         static_cast<AttrNumber>(i + 1), nullptr, false));
  }
  return rows;
}

void require_execute(Oid function) {
  const AclResult access = function_access(function, GetUserId());
  if (access != ACLCHECK_OK) {
    aclcheck_error(access, OBJECT_FUNCTION, get_func_name(function));
  }
  InvokeFunctionExecuteHook(function);
}

}  // namespace simpg
