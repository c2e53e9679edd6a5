/*
 * fn_model.cpp -- sim.create_model, sim.drop_model and sim.rename_model.
 */
#include "fn_change.hpp"

#include <cstring>

#include "as_owner.hpp"
#include "boundary.hpp"
#include "fn_source.hpp"
#include "row_writer.hpp"
#include "store_relation.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"
#include "tracking/change_triggers.hpp"

namespace simpg {

namespace {

SqlQuery insert_model = {
    "INSERT INTO sim.stored_models (name, owner, current_version, comment) VALUES ($1, $2, 1, $3)"
    " ON CONFLICT (name) DO NOTHING RETURNING model_id",
    true,
    3,
    {TEXTOID, REGROLEOID, TEXTOID}};

SqlQuery insert_version = {
    "INSERT INTO sim.stored_versions (model_id, version, source, created_by) VALUES ($1, $2, $3, "
    "$4)",
    true,
    4,
    {INT4OID, INT4OID, TEXTOID, REGROLEOID}};

SqlQuery advance_model = {
    "UPDATE sim.stored_models SET current_version = $2, comment = COALESCE($3, comment)"
    " WHERE model_id OPERATOR(pg_catalog.=) $1",
    true,
    3,
    {INT4OID, INT4OID, TEXTOID}};

SqlQuery last_version = {
    "SELECT pg_catalog.max(version) FROM sim.stored_versions WHERE model_id OPERATOR(pg_catalog.=) "
    "$1",
    false,
    1,
    {INT4OID}};

SqlQuery delete_model = {
    "DELETE FROM sim.stored_models WHERE model_id OPERATOR(pg_catalog.=) $1", true, 1, {INT4OID}};

SqlQuery rename_model = {
    "UPDATE sim.stored_models SET name = $2 WHERE model_id OPERATOR(pg_catalog.=) $1",
    true,
    2,
    {INT4OID, TEXTOID}};

/* By the name that is kept with them runs and result views are known when the model is gone. */
SqlQuery rename_in_runs = {
    "UPDATE sim.stored_runs SET model = $2 WHERE model_id OPERATOR(pg_catalog.=) $1",
    true,
    2,
    {INT4OID, TEXTOID}};
SqlQuery rename_in_result_views = {
    "UPDATE sim.stored_result_views SET model = sim.model_reference($2, model)"
    " WHERE model_id OPERATOR(pg_catalog.=) $1",
    true,
    2,
    {INT4OID, TEXTOID}};

/* A text to be stored: as it was given, and as the engine reads it. */
struct NewText {
  text* given;
  const char* source;
  text* comment;  // null: none
};

const sim::ModelDescription& check_text(const char* name, const char* source) {
  const sim::ModelDescription* description = describe(to_utf8(name), source);
  check_steps(*description);
  for (const sim::CheckRow& warning : *check_source(source)) {
    ereport(NOTICE, (errmsg("line %d, column %d: %s", warning.line, warning.column,
                            from_utf8(warning.message.c_str())),
                     warning.hint.empty() ? 0 : errhint("%s", from_utf8(warning.hint.c_str()))));
  }
  return *description;
}

void store_version(int32 model, int32 version, text* source) {
  const Datum arguments[] = {Int32GetDatum(model), Int32GetDatum(version), PointerGetDatum(source),
                             ObjectIdGetDatum(GetUserId())};
  run_sql(insert_version, arguments);
}

/* The number of a model without versions; 0 when the name is in use, be it by a model that the
 * current user may not see. */
int32 take_name(const char* name, text* comment) {
  const Datum arguments[] = {CStringGetTextDatum(name), ObjectIdGetDatum(GetUserId()),
                             PointerGetDatum(comment)};
  return run_sql(insert_model, arguments, comment == nullptr ? "  n" : nullptr) == 1
             ? sql_integer(0, 1)
             : 0;
}

/* False when the name is in use. */
bool store_model(const char* name, const NewText& next) {
  open_sql();
  const int32 model = take_name(name, next.comment);
  if (model != 0) {
    store_version(model, 1, next.given);
  }
  close_sql();
  return model != 0;
}

int32 next_version(const StoredModel& current) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(current.id)};
  run_sql(last_version, arguments);
  const int32 version = sql_integer(0, 1) + 1;
  close_sql();
  return version;
}

void advance(const StoredModel& current, int32 version, const NewText& next) {
  open_sql();
  if (version != current.version) {
    store_version(current.id, version, next.given);
  }
  const Datum arguments[] = {Int32GetDatum(current.id), Int32GetDatum(version),
                             PointerGetDatum(next.comment)};
  run_sql(advance_model, arguments, next.comment == nullptr ? "  n" : nullptr);
  close_sql();
}

/* Returns the version that is current then. */
int32 replace_model(text* name, const NewText& next, const sim::ModelDescription& description) {
  const StoredModel current = begin_model_change(name);
  int32 version = current.version;
  if (strcmp(current.source, next.source) == 0) {
    ereport(NOTICE, (errmsg("model \"%s\" already has this text: version %d stays",
                            from_utf8(current.name), version)));
  } else {
    version = next_version(current);
    StoredModel changed = current;
    changed.version = version;
    changed.label = psprintf("%s@%d", current.name, version);
    changed.source = next.source;
    check_dependents(changed, description);
  }
  advance(current, version, next);
  end_change();
  return version;
}

bool model_exists(const char* name) {
  begin_change();
  StoredModel found;
  const bool exists = find_model(name, &found);
  end_change();
  return exists;
}

int32 create_model(text* name, const NewText& next, bool replace) {
  const char* given = require_text(name, "name");
  const char* folded = read_new_name(name, "name", "model");
  const sim::ModelDescription& description = check_text(folded, next.source);
  if (!model_exists(given) && store_model(folded, next)) {
    return 1;
  }
  // Asked again: another session may just have stored it.
  const bool exists = model_exists(given);
  if (!exists || !replace) {
    report_name_in_use(
        folded, exists ? "Use replace => true for another version of it, or take another name."
                       : "It belongs to another role: take another name.");
  }
  return replace_model(name, next, description);
}

void delete_stored(const StoredModel& model) {
  const BindingRows bindings = read_binding_rows(model.id);
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id)};
  run_sql(delete_model, arguments);
  close_sql();
  List* followed = NIL;
  for (int i = 0; i < bindings.count; i++) {
    followed = list_concat_unique_oid(followed, binding_tables(bindings.rows[i].view));
    drop_binding_view(bindings.rows[i].view);
  }
  release_tables(followed);
}

/* True, with a notice, when there is no such model and that is all right. */
bool may_be_missing(text* name, bool if_exists) {
  begin_change();
  StoredModel found;
  const char* given = require_text(name, "name");
  const bool missing = if_exists && strchr(given, '@') == nullptr && !find_model(given, &found);
  end_change();
  if (missing) {
    ereport(NOTICE, (errmsg("model \"%s\" does not exist, skipping", given)));
  }
  return missing;
}

/* The index knows names in use also among models that nobody may see. */
void store_name(const StoredModel& model, const char* name) {
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(name)};
  PG_TRY();
  { run_sql(rename_model, arguments); }
  PG_CATCH();
  {
    if (geterrcode() == ERRCODE_UNIQUE_VIOLATION) {
      FlushErrorState();
      report_name_in_use(name, "Take another name.");
    }
    PG_RE_THROW();
  }
  PG_END_TRY();
  close_sql();
}

/* Runs and result views may be others', who need not see the rename: as the owner of the tables. */
void keep_name(const StoredModel& model, const char* name) {
  const OwnerOperation operation = begin_as_owner(owner_of_relation(own_relation("stored_runs")));
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(name)};
  run_sql(rename_in_runs, arguments);
  run_sql(rename_in_result_views, arguments);
  close_sql();
  end_as_owner(operation);
}

void change_name(text* name, text* new_name) {
  const char* folded = read_new_name(new_name, "new_name", "model");
  const StoredModel model = begin_owner_change(name);
  if (strcmp(to_utf8(folded), model.name) != 0) {
    store_name(model, folded);
    keep_name(model, folded);
  }
  end_change();
}

}  // namespace

}  // namespace simpg

/* sim.create_model(name, source, comment, replace): the version that the name stands for. */
SIM_FUNCTION(sim_create_model) {
  text* name = simpg::text_argument(fcinfo, 0);
  simpg::require_text(name, "name");
  text* source = simpg::text_argument(fcinfo, 1);
  const simpg::NewText next = {source, simpg::read_source(source), simpg::text_argument(fcinfo, 2)};
  PG_RETURN_INT32(simpg::create_model(name, next, simpg::flag_argument(fcinfo, 3)));
}

/* sim.drop_model(name, if_exists) */
SIM_FUNCTION(sim_drop_model) {
  text* name = simpg::text_argument(fcinfo, 0);
  if (!simpg::may_be_missing(name, simpg::flag_argument(fcinfo, 1))) {
    simpg::delete_stored(simpg::begin_owner_change(name));
    simpg::end_change();
  }
  PG_RETURN_VOID();
}

/* sim.rename_model(name, new_name) */
SIM_FUNCTION(sim_rename_model) {
  simpg::change_name(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1));
  PG_RETURN_VOID();
}
