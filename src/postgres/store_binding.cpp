/*
 * store_binding.cpp -- checks what a binding's view gives, and finds what a model wants of it.
 */
#include "store_binding.hpp"

#include <cstring>

#include "store_binding_rows.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"
#include "tracking/binding_state.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <catalog/dependency.h>
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <parser/parse_coerce.h>
#include <storage/lmgr.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery list_bindings = {
    "SELECT name, view::pg_catalog.oid, ordered, sources, source_owners,"
    " owner::pg_catalog.oid FROM sim.stored_bindings"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 ORDER BY name COLLATE pg_catalog.\"C\"",
    false,
    1,
    {INT4OID}};

const char* target_name(const BindingTarget& target) { return from_utf8(target.name); }

[[noreturn]] void report_broken(const BindingTarget& target, const char* reason) {
  ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                  errmsg("the query that supplies \"%s\" cannot be read", target_name(target)),
                  errdetail("%s.", reason),
                  errhint("Bind it to what is there now with sim.rebind, or anew with sim.bind.")));
  pg_unreachable();
}

[[noreturn]] void report_missing_view(const BindingTarget& target, const BindingRow& binding) {
  const char* foreign =
      why_not_made_again(binding.view, binding.sources, {binding.source_owners, binding.owner});
  if (foreign != nullptr) {
    report_broken(target, foreign);
  }
  ereport(ERROR,
          (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
           errmsg("the view that supplies \"%s\" is gone", target_name(target)),
           errdetail("All that its query names is there, but the view was dropped, or could not "
                     "be made again over what has these names now."),
           errhint("Bind \"%s\" again with sim.rebind, which tells what stands in the way.",
                   target_name(target))));
  pg_unreachable();
}

/* Opens the view, which stays locked until the transaction ends. */
Relation open_view(const BindingTarget& target, const BindingRow& binding) {
  const char* reason = why_broken(binding.view, binding.sources);
  if (reason != nullptr) {
    report_broken(target, reason);
  }
  Relation relation = try_relation_open(binding.view, AccessShareLock);
  if (relation == nullptr || relation->rd_rel->relkind != RELKIND_VIEW ||
      relation->rd_rel->relnamespace != get_namespace_oid("sim_bindings", false)) {
    report_missing_view(target, binding);
  }
  return relation;
}

/* "stock, bond, inflation" */
const char* list_columns(TupleDesc columns) {
  StringInfoData list;
  initStringInfo(&list);
  for (int i = 0; i < columns->natts; i++) {
    appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", NameStr(TupleDescAttr(columns, i)->attname));
  }
  return list.data;
}

[[noreturn]] void report_missing_column(const BindingTarget& target, TupleDesc columns,
                                        const char* name) {
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
                  errmsg("the query for \"%s\" gives no column \"%s\"", target_name(target), name),
                  errdetail("It gives %s.", list_columns(columns)),
                  errhint("Name it in the query: ... AS %s.", quote_identifier(name))));
  pg_unreachable();
}

bool is_number_type(Oid type) {
  const Oid base = getBaseType(type);
  Oid function;
  const CoercionPathType path =
      find_coercion_pathway(FLOAT8OID, base, COERCION_ASSIGNMENT, &function);
  return base == BOOLOID || path == COERCION_PATH_FUNC || path == COERCION_PATH_RELABELTYPE;
}

BoundColumn check_column(const BindingTarget& target, Form_pg_attribute column) {
  if (!is_number_type(column->atttypid)) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("column \"%s\" of the query for \"%s\" is no number",
                           NameStr(column->attname), target_name(target)),
                    errdetail("Its type is %s.", format_type_be(column->atttypid)),
                    errhint("Cast it in the query, or name another column.")));
  }
  return {pstrdup(NameStr(column->attname)), getBaseType(column->atttypid) == BOOLOID};
}

BoundColumn find_column(const BindingTarget& target, TupleDesc columns, const char* name) {
  for (int i = 0; i < columns->natts; i++) {
    if (strcmp(NameStr(TupleDescAttr(columns, i)->attname), name) == 0) {
      return check_column(target, TupleDescAttr(columns, i));
    }
  }
  report_missing_column(target, columns, name);
}

void require_single_column(const BindingTarget& target, TupleDesc columns) {
  if (columns->natts != 1) {
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
         errmsg("the query for input \"%s\" gives %d columns", target_name(target), columns->natts),
         errdetail("It gives %s.", list_columns(columns)), errhint("An input takes one column.")));
  }
}

void require_order(const BindingTarget& target, bool ordered) {
  const bool order_matters = target.block != nullptr ? target.block->ordered : target.input->timed;
  if (order_matters && !ordered) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("the query for \"%s\" has no ORDER BY", target_name(target)),
                    errdetail("Rows are read in their order by historical, series, bootstrap with "
                              "block > 1 and inputs "
                              "with [t]."),
                    errhint("Add an ORDER BY to the query.")));
  }
}

BoundView shape_view(const BindingTarget& target, const BindingRow& binding) {
  require_order(target, binding.ordered);
  Relation relation = open_view(target, binding);
  TupleDesc columns = RelationGetDescr(relation);
  const int count = target.block != nullptr ? static_cast<int>(target.block->columns.size()) : 1;
  BoundView view = {pstrdup(RelationGetRelationName(relation)), relation->rd_rel->relowner, count,
                    static_cast<BoundColumn*>(palloc(sizeof(BoundColumn) * count))};
  if (target.block == nullptr) {
    require_single_column(target, columns);
    view.columns[0] = check_column(target, TupleDescAttr(columns, 0));
  } else {
    for (int i = 0; i < count; i++) {
      view.columns[i] = find_column(target, columns, from_utf8(target.block->columns[i].c_str()));
    }
  }
  relation_close(relation, NoLock);
  return view;
}

}  // namespace

BindingRows read_binding_rows(int32 model_id) {
  MemoryContext caller = open_sql();
  const Datum arguments[] = {Int32GetDatum(model_id)};
  const int count = static_cast<int>(run_sql(list_bindings, arguments));
  BindingRow* rows =
      static_cast<BindingRow*>(MemoryContextAlloc(caller, sizeof(BindingRow) * (count + 1)));
  for (int i = 0; i < count; i++) {
    rows[i] = {sql_text(i, 1, caller),  sql_oid(i, 2),           sql_boolean(i, 3),
               sql_array(i, 4, caller), sql_array(i, 5, caller), sql_oid(i, 6)};
  }
  close_sql();
  return {count, rows};
}

bool find_target(const sim::ModelDescription& description, const char* name,
                 BindingTarget* target) {
  *target = {name, nullptr, nullptr, description.steps};
  for (const sim::DataRow& block : description.data) {
    if (block.name == name) {
      target->block = &block;
      return true;
    }
  }
  for (const sim::VariableRow& variable : description.variables) {
    if (variable.kind == "input" && variable.name == name) {
      target->input = &variable;
      return true;
    }
  }
  return false;
}

void check_binding(const BindingTarget& target, const BindingRow& binding) {
  shape_view(target, binding);
}

StoredTable read_binding(const BindingTarget& target, const BindingRow& binding) {
  return read_bound_rows(target, shape_view(target, binding));
}

void drop_binding_view(Oid view) {
  LockRelationOid(view, AccessExclusiveLock);
  HeapTuple found = SearchSysCache1(RELOID, ObjectIdGetDatum(view));
  if (!HeapTupleIsValid(found)) {
    UnlockRelationOid(view, AccessExclusiveLock);
    return;
  }
  const Form_pg_class relation = reinterpret_cast<Form_pg_class>(GETSTRUCT(found));
  const bool is_binding = relation->relkind == RELKIND_VIEW &&
                          relation->relnamespace == get_namespace_oid("sim_bindings", false);
  ReleaseSysCache(found);
  if (is_binding) {
    const ObjectAddress address = {RelationRelationId, view, 0};
    performDeletion(&address, DROP_RESTRICT, 0);
  }
}

}  // namespace simpg
