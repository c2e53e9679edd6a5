/*
 * fn_binding.cpp -- sim.bind and sim.unbind.
 */
#include "fn_change.hpp"

#include <cstring>

#include "boundary.hpp"
#include "fn_binding_view.hpp"
#include "row_writer.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

SqlQuery insert_binding = {
    "INSERT INTO sim.stored_bindings (model_id, name, view, query, ordered) VALUES ($1, $2, $3, "
    "$4, $5)",
    true,
    5,
    {INT4OID, TEXTOID, REGCLASSOID, TEXTOID, BOOLOID}};

SqlQuery delete_binding = {
    "DELETE FROM sim.stored_bindings"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2",
    true,
    2,
    {INT4OID, TEXTOID}};

SqlQuery list_followed = {
    "SELECT pg_catalog.concat(d.refobjid::pg_catalog.regclass, '.', "
    "pg_catalog.quote_ident(a.attname))"
    " FROM pg_catalog.pg_rewrite AS r"
    " JOIN pg_catalog.pg_depend AS d ON d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " AND d.objid OPERATOR(pg_catalog.=) r.oid"
    " AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) d.refobjid"
    " AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid"
    " WHERE r.ev_class OPERATOR(pg_catalog.=) $1 ORDER BY d.refobjid, d.refobjsubid",
    false,
    1,
    {OIDOID}};

/* The binding of that name, or null. */
const BindingRow* find_binding(const BindingRows& bindings, const char* name) {
  for (int i = 0; i < bindings.count; i++) {
    if (strcmp(bindings.rows[i].name, name) == 0) {
      return &bindings.rows[i];
    }
  }
  return nullptr;
}

bool is_formula(const sim::ModelDescription& description, const char* name) {
  for (const sim::VariableRow& variable : description.variables) {
    if (variable.kind != "input" && variable.name == name) {
      return true;
    }
  }
  return false;
}

/* What of the model has the name nearest to it; null when nothing has. */
const char* nearest_target(const sim::ModelDescription& description, const char* name) {
  const size_t most = description.variables.size() + description.data.size();
  const char** names = static_cast<const char**>(palloc(sizeof(char*) * (most + 1)));
  int count = 0;
  for (const sim::DataRow& block : description.data) {
    names[count++] = block.name.c_str();
  }
  for (const sim::VariableRow& variable : description.variables) {
    if (variable.kind == "input") {
      names[count++] = variable.name.c_str();
    }
  }
  return nearest(name, names, count);
}

[[noreturn]] void report_missing_target(const StoredModel& model,
                                        const sim::ModelDescription& description,
                                        const char* name) {
  const char* shown = from_utf8(name);
  if (is_formula(description, name)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"%s\" is a formula", shown),
                    errdetail("A query supplies a data block or an input."),
                    errhint("Make it an input of the model, with the formula as its default.")));
  }
  const char* near = nearest_target(description, name);
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                  errmsg("model \"%s\" has neither a data block nor an input \"%s\"",
                         from_utf8(model.name), shown),
                  near != nullptr ? errhint("Did you mean \"%s\"?", from_utf8(near))
                                  : errhint("Views sim.data_blocks and sim.variables list them.")));
  pg_unreachable();
}

BindingTarget require_target(const StoredModel& model, const char* name) {
  const sim::ModelDescription* description = describe(model.label, model.source);
  BindingTarget target;
  if (!find_target(*description, to_utf8(name), &target)) {
    report_missing_target(model, *description, to_utf8(name));
  }
  return target;
}

void tell_what_it_follows(const char* name, Oid view) {
  open_sql();
  const Datum arguments[] = {ObjectIdGetDatum(view)};
  const uint64 count = run_sql(list_followed, arguments);
  StringInfoData list;
  initStringInfo(&list);
  for (uint64 i = 0; i < count; i++) {
    appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", sql_text(i, 1, CurrentMemoryContext));
  }
  ereport(NOTICE, (count > 0 ? errmsg("\"%s\" follows %s", name, list.data)
                             : errmsg("\"%s\" follows no table", name)));
  close_sql();
}

void remove(const StoredModel& model, const BindingRow& binding) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(binding.name)};
  run_sql(delete_binding, arguments);
  close_sql();
  drop_binding_view(binding.view);
}

void bind(text* model_name, const text* given_name, const text* given_query) {
  const char* name = fold(require_text(given_name, "name"), "data block or input");
  const char* query = require_text(given_query, "query");
  const StoredModel model = begin_model_change(model_name);
  const BindingTarget target = require_target(model, name);
  const BindingRow* before = find_binding(read_binding_rows(model.id), name);
  if (before != nullptr) {
    remove(model, *before);
  }
  const MadeView made = make_binding_view(from_utf8(model.name), name, query);
  read_binding(target, {name, made.view, made.ordered});
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(name),
                             ObjectIdGetDatum(made.view), CStringGetTextDatum(query),
                             BoolGetDatum(made.ordered)};
  run_sql(insert_binding, arguments);
  close_sql();
  end_change();
  begin_change();
  tell_what_it_follows(name, made.view);
  end_change();
}

void unbind(text* model_name, const text* given_name, bool if_exists) {
  const char* name = fold(require_text(given_name, "name"), "data block or input");
  const StoredModel model = begin_model_change(model_name);
  const BindingRow* binding = find_binding(read_binding_rows(model.id), name);
  if (binding == nullptr && !if_exists) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                    errmsg("no query supplies \"%s\" of model \"%s\"", name, from_utf8(model.name)),
                    errhint("View sim.bindings lists the bindings.")));
  }
  if (binding == nullptr) {
    ereport(NOTICE, (errmsg("no query supplies \"%s\", skipping", name)));
  } else {
    remove(model, *binding);
  }
  end_change();
}

}  // namespace

}  // namespace simpg

/* sim.bind(model, name, query) */
SIM_FUNCTION(sim_bind) {
  simpg::bind(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
              simpg::text_argument(fcinfo, 2));
  PG_RETURN_VOID();
}

/* sim.unbind(model, name, if_exists) */
SIM_FUNCTION(sim_unbind) {
  simpg::unbind(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
                simpg::flag_argument(fcinfo, 2));
  PG_RETURN_VOID();
}
