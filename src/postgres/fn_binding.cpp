/*
 * fn_binding.cpp -- sim.bind, sim.rebind and sim.unbind.
 */
#include "fn_change.hpp"

#include <cstring>

#include "boundary.hpp"
#include "fn_binding_view.hpp"
#include "row_writer.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"
#include "tracking/binding_state.hpp"
#include "tracking/change_triggers.hpp"
#include "tracking/rebind.hpp"
#include "tracking/recording.hpp"

namespace simpg {

namespace {

SqlQuery insert_binding = {
    "INSERT INTO sim.stored_bindings"
    " (model_id, name, view, query, ordered, owner, qualified_query, sources, source_owners)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    true,
    9,
    {INT4OID, TEXTOID, REGCLASSOID, TEXTOID, BOOLOID, REGROLEOID, TEXTOID, TEXTARRAYOID,
     REGROLEARRAYOID}};

SqlQuery find_query = {
    "SELECT query, qualified_query, ordered, owner::pg_catalog.oid FROM sim.stored_bindings"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2",
    false,
    2,
    {INT4OID, TEXTOID}};

SqlQuery delete_binding = {
    "DELETE FROM sim.stored_bindings"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2",
    true,
    2,
    {INT4OID, TEXTOID}};

SqlQuery list_followed = {
    "SELECT pg_catalog.concat_ws('.', d.refobjid::pg_catalog.regclass, "
    "pg_catalog.quote_ident(a.attname))"
    " FROM pg_catalog.pg_rewrite AS r"
    " JOIN pg_catalog.pg_depend AS d ON d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " AND d.objid OPERATOR(pg_catalog.=) r.oid"
    " AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class"
    " LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) d.refobjid"
    " AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid"
    " WHERE r.ev_class OPERATOR(pg_catalog.=) $1 ORDER BY d.refobjid, d.refobjsubid",
    false,
    1,
    {OIDOID}};

/* What is stored of a query besides its words. */
struct StoredQuery {
  Oid view;
  bool ordered;
  const char* qualified;
  ArrayType* sources;
  ArrayType* source_owners;
};

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

/* "prices.item, prices.price", "prices" where only its rows are counted, "no table" */
const char* list_followed_columns(Oid view) {
  StringInfoData list;
  initStringInfo(&list);
  open_sql();
  const Datum arguments[] = {ObjectIdGetDatum(view)};
  const uint64 count = run_sql(list_followed, arguments);
  for (uint64 i = 0; i < count; i++) {
    appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", sql_text(i, 1, CurrentMemoryContext));
  }
  close_sql();
  return count > 0 ? list.data : "no table";
}

/* The table whose triggers alone are missing; null: none, or they would not help. */
const char* trackable_table(const ViewSources& sources) {
  ListCell* cell;
  foreach (cell, sources.hidden == nullptr ? sources.tables : NIL) {
    const auto* table = static_cast<SourceTable*>(lfirst(cell));
    if (find_missing_trigger(*table) != nullptr) {
      return qualified_name(table->relation);
    }
  }
  return nullptr;
}

void tell_what_it_follows(const char* name, const StoredQuery& stored) {
  const char* columns = list_followed_columns(stored.view);
  const StateReport report = report_state(stored.view, stored.sources);
  if (report.reason == nullptr) {
    const char* state = report.sources.tables == NIL ? "" : " (tracked)";
    ereport(NOTICE, (errmsg("\"%s\" follows %s%s", name, columns, state)));
  } else {
    const char* table = trackable_table(report.sources);
    ereport(NOTICE, (errmsg("\"%s\" follows %s (untracked: %s)", name, columns, report.reason),
                     errdetail("Its rows are read again at each use."),
                     table == nullptr ? 0
                                      : errhint("Have the owner of %s call sim.track(%s).", table,
                                                quote_literal_cstr(table))));
  }
}

void remove(const StoredModel& model, const BindingRow& binding) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(binding.name)};
  run_sql(delete_binding, arguments);
  close_sql();
  drop_binding_view(binding.view);
}

/* A query as it is given, or as it was stored. */
struct QueryText {
  const char* given;
  const char* words;  // what is run
  bool known_order;   // `ordered` is known, and `words` are ordered anyhow
  bool ordered;
};

void insert(const StoredModel& model, const char* name, const QueryText& query,
            const StoredQuery& stored) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id),
                             CStringGetTextDatum(name),
                             ObjectIdGetDatum(stored.view),
                             CStringGetTextDatum(query.given),
                             BoolGetDatum(stored.ordered),
                             ObjectIdGetDatum(GetUserId()),
                             CStringGetTextDatum(stored.qualified),
                             PointerGetDatum(stored.sources),
                             PointerGetDatum(stored.source_owners)};
  run_sql(insert_binding, arguments);
  close_sql();
}

/* Rows are read before triggers are looked for: from then on nobody drops any. */
StoredQuery make_binding(const StoredModel& model, const BindingTarget& target, const char* name,
                         const QueryText& query) {
  const MadeView made = make_binding_view(from_utf8(model.name), name, query.words);
  const bool ordered = query.known_order ? query.ordered : made.ordered;
  const StoredQuery stored = {made.view, ordered, qualified_query(made.view),
                              source_names(made.view), source_owners(made.view)};
  read_binding(target, {name, stored.view, stored.ordered, stored.sources, stored.source_owners,
                        GetUserId()});
  place_source_triggers(find_sources(stored.view));
  insert(model, name, query, stored);
  return stored;
}

void replace_binding(const StoredModel& model, const char* name, const QueryText& query) {
  const BindingTarget target = require_target(model, name);
  const BindingRow* before = find_binding(read_binding_rows(model.id), name);
  List* followed = NIL;
  if (before != nullptr) {
    followed = binding_tables(before->view);
    remove(model, *before);
  }
  const StoredQuery stored = make_binding(model, target, name, query);
  release_tables(followed);
  end_change();
  begin_change();
  tell_what_it_follows(name, stored);
  end_change();
}

void bind(text* model_name, const text* given_name, const text* given_query) {
  const char* name = fold(require_text(given_name, "name"), "data block or input");
  const char* query = require_text(given_query, "query");
  replace_binding(begin_model_change(model_name), name, {query, query, false, false});
}

[[noreturn]] void report_missing_binding(const StoredModel& model, const char* name) {
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                  errmsg("no query supplies \"%s\" of model \"%s\"", name, from_utf8(model.name)),
                  errhint("View sim.bindings lists the bindings.")));
  pg_unreachable();
}

/* Only views that the current user might drop himself: others go on blocking the change. */
void drop_views_of(List* tables) {
  ListCell* cell;
  foreach (cell, dependent_bindings(tables)) {
    if (owns_relation(lfirst_oid(cell))) {
      drop_binding_view(lfirst_oid(cell));
    }
  }
}

void run_change(const char* change) {
  open_sql();
  const int result = SPI_execute(change, false, 0);
  if (result < 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("cannot run the change"),
                    errdetail("%s.", SPI_result_code_string(result)),
                    errhint("Give statements that change tables, such as ALTER TABLE.")));
  }
  close_sql();
}

/* Views of bindings and triggers that name columns stand in the way of a change of their types. */
void change_tables(const BindingRow& binding, const char* change) {
  List* tables = binding_tables(binding.view);
  drop_views_of(tables);
  release_tables(tables);
  run_change(change);
  end_change();
  begin_change();
  rebind_broken(NIL);
  end_change();
  begin_change();
}

/* Who binds a query lets it do what he may: he ought to have read it. */
void require_binder(const char* name, Oid owner) {
  if (owner != GetUserId()) {
    ereport(ERROR,
            (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
             errmsg("the query for \"%s\" is of another role", name),
             errdetail("It was bound by %s; you would run it with your own rights.",
                       GetUserNameFromId(owner, true) != nullptr ? GetUserNameFromId(owner, true)
                                                                 : "a role that is gone"),
             errhint("View sim.bindings shows it; bind it as your own with sim.bind.")));
  }
}

QueryText read_query(const StoredModel& model, const char* name) {
  MemoryContext caller = open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(name)};
  if (run_sql(find_query, arguments) == 0) {
    report_missing_binding(model, name);
  }
  const QueryText query = {sql_text(0, 1, caller), sql_text(0, 2, caller), true, sql_boolean(0, 3)};
  const Oid owner = sql_oid(0, 4);
  close_sql();
  require_binder(name, owner);
  return query;
}

void rebind(text* model_name, const text* given_name, const text* change) {
  const char* name = fold(require_text(given_name, "name"), "data block or input");
  const StoredModel model = begin_model_change(model_name);
  const QueryText query = read_query(model, name);
  if (change != nullptr) {
    change_tables(*find_binding(read_binding_rows(model.id), name), text_to_cstring(change));
  }
  replace_binding(model, name, query);
}

void unbind(text* model_name, const text* given_name, bool if_exists) {
  const char* name = fold(require_text(given_name, "name"), "data block or input");
  const StoredModel model = begin_model_change(model_name);
  const BindingRow* binding = find_binding(read_binding_rows(model.id), name);
  if (binding == nullptr && !if_exists) {
    report_missing_binding(model, name);
  }
  if (binding == nullptr) {
    ereport(NOTICE, (errmsg("no query supplies \"%s\", skipping", name)));
  } else {
    List* followed = binding_tables(binding->view);
    remove(model, *binding);
    release_tables(followed);
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

/* sim.rebind(model, name, change) */
SIM_FUNCTION(sim_rebind) {
  simpg::rebind(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
                simpg::text_argument(fcinfo, 2));
  PG_RETURN_VOID();
}

/* sim.unbind(model, name, if_exists) */
SIM_FUNCTION(sim_unbind) {
  simpg::unbind(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
                simpg::flag_argument(fcinfo, 2));
  PG_RETURN_VOID();
}
