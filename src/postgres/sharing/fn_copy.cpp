/*
 * fn_copy.cpp -- sim.copy_model: what one sees of a model, made again as one's own.
 */
#include "fn_change.hpp"

#include "boundary.hpp"
#include "row_writer.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

SqlQuery create_copy = {
    "SELECT sim.create_model($3, v.source, m.comment)"
    " FROM sim.stored_models AS m JOIN sim.stored_versions AS v"
    " ON v.model_id OPERATOR(pg_catalog.=) m.model_id"
    " WHERE m.model_id OPERATOR(pg_catalog.=) $1 AND v.version OPERATOR(pg_catalog.=) $2",
    true,
    3,
    {INT4OID, INT4OID, TEXTOID}};

SqlQuery copy_scenarios = {
    "INSERT INTO sim.stored_scenarios (model_id, name, parent, overrides)"
    " SELECT $2, name, parent, overrides FROM sim.stored_scenarios"
    " WHERE model_id OPERATOR(pg_catalog.=) $1",
    true,
    2,
    {INT4OID, INT4OID}};

/* The caller's search_path holds, as when he calls sim.bind himself. What is stored is folded: in
 * double quotes it stays as it is. */
SqlQuery copy_bindings = {
    "SELECT sim.bind($2, pg_catalog.concat('\"', pg_catalog.replace(name, '\"', '\"\"'), '\"'),"
    " query) FROM sim.stored_bindings"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 ORDER BY name COLLATE pg_catalog.\"C\"",
    true,
    2,
    {INT4OID, TEXTOID}};

void run_and_close(SqlQuery& query, const Datum* arguments) {
  open_sql();
  run_sql(query, arguments);
  close_sql();
}

StoredModel find_original(const text* model) {
  begin_change();
  const StoredModel original = load_model(model);
  end_change();
  return original;
}

/* sim.create_model would propose to replace the other model, which a copy never does. */
void require_free_name(text* new_name) {
  begin_change();
  StoredModel other;
  if (find_model(text_to_cstring(new_name), &other)) {
    report_name_in_use(other.name, "Take another name.");
  }
  end_change();
}

/* Scenarios belong to the current version: another one may have no use for them. */
void copy_and_check_scenarios(const StoredModel& original, const text* new_name) {
  begin_change();
  const StoredModel copy = load_current_model(new_name);
  const Datum arguments[] = {Int32GetDatum(original.id), Int32GetDatum(copy.id)};
  run_and_close(copy_scenarios, arguments);
  end_change();
  begin_change();
  check_dependents(copy, *describe(copy.label, copy.source));
  end_change();
}

void copy_model(const text* model, text* new_name, bool bindings) {
  read_new_name(new_name, "new_name", "model");
  const StoredModel original = find_original(model);
  require_free_name(new_name);
  const Datum text_arguments[] = {Int32GetDatum(original.id), Int32GetDatum(original.version),
                                  PointerGetDatum(new_name)};
  run_and_close(create_copy, text_arguments);
  copy_and_check_scenarios(original, new_name);
  if (bindings) {
    const Datum arguments[] = {Int32GetDatum(original.id), PointerGetDatum(new_name)};
    run_and_close(copy_bindings, arguments);
  }
}

}  // namespace

}  // namespace simpg

/* sim.copy_model(model, new_name, bindings) */
SIM_FUNCTION(sim_copy_model) {
  simpg::copy_model(simpg::text_argument(fcinfo, 0), simpg::text_argument(fcinfo, 1),
                    simpg::flag_argument(fcinfo, 2));
  PG_RETURN_VOID();
}
