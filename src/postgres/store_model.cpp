/*
 * store_model.cpp -- finds the model that a call names.
 */
#include "store.hpp"

#include <cstring>

#include "store_sql.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

SqlQuery find_version = {
    "SELECT m.model_id, m.owner::pg_catalog.oid, m.current_version, v.version, v.source"
    " FROM sim.stored_models AS m"
    " LEFT JOIN sim.stored_versions AS v"
    " ON v.model_id OPERATOR(pg_catalog.=) m.model_id"
    " AND v.version OPERATOR(pg_catalog.=) COALESCE($2, m.current_version)"
    " WHERE m.name OPERATOR(pg_catalog.=) $1",
    false,
    2,
    {TEXTOID, INT4OID}};

SqlQuery list_names = {
    "SELECT name FROM sim.stored_models ORDER BY name COLLATE pg_catalog.\"C\" LIMIT 1000",
    false,
    0,
    {}};

/* A name as a call gives it, taken apart. */
struct ModelName {
  const char* folded;
  int32 version;  // 0: the current one
};

ModelName read_name(const char* given) {
  char* name = pstrdup(given);
  char* at = strrchr(name, '@');
  if (at == nullptr) {
    return {fold(name, "model"), 0};
  }
  *at = '\0';
  char* end;
  errno = 0;
  const long version = strtol(at + 1, &end, 10);
  if (end == at + 1 || *end != '\0' || errno != 0 || version < 1 || version > PG_INT32_MAX) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("\"%s\" does not name a version", given),
                    errhint("A version is written as model@1, model@2, ...")));
  }
  return {fold(name, "model"), static_cast<int32>(version)};
}

/* The nearest name of a model that the current user may see; null when none is near. */
const char* nearest_model(const char* name) {
  MemoryContext caller = open_sql();
  const int count = static_cast<int>(run_sql(list_names, nullptr));
  const char** names =
      static_cast<const char**>(MemoryContextAlloc(caller, sizeof(char*) * (count + 1)));
  for (int i = 0; i < count; i++) {
    names[i] = sql_text(i, 1, caller);
  }
  close_sql();
  return nearest(name, names, count);
}

[[noreturn]] void report_missing_model(const char* name) {
  const char* near = nearest_model(name);
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" does not exist", name),
                  near != nullptr ? errhint("Did you mean \"%s\"?", near)
                                  : errhint("View sim.models lists the models you may use.")));
  pg_unreachable();
}

[[noreturn]] void report_missing_version(const ModelName& name, int32 newest) {
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                  errmsg("model \"%s\" has no version %d", name.folded, name.version),
                  errdetail("Its versions are 1 to %d.", newest),
                  errhint("View sim.model_versions lists them.")));
  pg_unreachable();
}

}  // namespace

bool find_model(const char* given, StoredModel* model) {
  const ModelName name = read_name(given);
  MemoryContext caller = open_sql();
  const Datum arguments[] = {CStringGetTextDatum(name.folded), Int32GetDatum(name.version)};
  const bool exists = run_sql(find_version, arguments, name.version == 0 ? " n" : nullptr) == 1;
  int32 newest = 0;
  char* source = nullptr;
  if (exists) {
    model->id = sql_integer(0, 1);
    model->owner = sql_oid(0, 2);
    newest = sql_integer(0, 3);
    source = sql_text(0, 5, caller);
    model->version = source != nullptr ? sql_integer(0, 4) : 0;
  }
  close_sql();
  if (!exists) {
    return false;
  }
  if (source == nullptr) {
    report_missing_version(name, newest);
  }
  model->name = to_utf8(name.folded);
  model->label = psprintf("%s@%d", model->name, model->version);
  model->source = to_utf8(source);
  return true;
}

StoredModel load_model(const text* name) {
  const char* given = require_text(name, "model");
  StoredModel model;
  if (!find_model(given, &model)) {
    report_missing_model(read_name(given).folded);
  }
  return model;
}

StoredModel load_current_model(const text* name) {
  const char* given = require_text(name, "model");
  if (strchr(given, '@') != nullptr) {
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
         errmsg("\"%s\" names a version, not a model", given),
         errdetail(
             "Names, scenarios and bindings belong to the model, not to one of its versions.")));
  }
  return load_model(name);
}

}  // namespace simpg
