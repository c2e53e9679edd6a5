/*
 * fn_scenario.cpp -- sim.create_scenario and sim.drop_scenario.
 */
#include "fn_change.hpp"

#include <cstring>

#include "boundary.hpp"
#include "row_writer.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

SqlQuery store_scenario = {
    "INSERT INTO sim.stored_scenarios (model_id, name, parent, overrides) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (model_id, name) DO UPDATE SET parent = excluded.parent, overrides = "
    "excluded.overrides",
    true,
    4,
    {INT4OID, TEXTOID, TEXTOID, JSONBOID}};

SqlQuery delete_scenario = {
    "DELETE FROM sim.stored_scenarios"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2",
    true,
    2,
    {INT4OID, TEXTOID}};

const char* read_scenario_name(const text* given) {
  const char* name = fold(require_text(given, "scenario"), "scenario");
  if (strcmp(name, "base") == 0 || strcmp(name, "*") == 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("\"%s\" cannot be the name of a scenario", name),
                    errdetail("base is the model without overrides, * stands for all scenarios.")));
  }
  return name;
}

/* Null for the base. */
const char* read_parent(const StoredModel& model, const text* given,
                        const ScenarioRows& scenarios) {
  const char* name = given == nullptr ? "base" : fold(text_to_cstring(given), "scenario");
  if (strcmp(name, "base") == 0) {
    return nullptr;
  }
  if (find_scenario(scenarios, name) == nullptr) {
    report_missing_scenario(model.name, name, scenarios);
  }
  return name;
}

/* The scenarios as they will be with this one, in the order of their names. */
ScenarioRows with_scenario(const ScenarioRows& scenarios, const ScenarioRow& added) {
  ScenarioRows all = {
      0, static_cast<ScenarioRow*>(palloc(sizeof(ScenarioRow) * (scenarios.count + 1)))};
  bool placed = false;
  for (int i = 0; i < scenarios.count; i++) {
    const int order = strcmp(scenarios.rows[i].name, added.name);
    if (order >= 0 && !placed) {
      all.rows[all.count++] = added;
      placed = true;
    }
    if (order != 0) {
      all.rows[all.count++] = scenarios.rows[i];
    }
  }
  if (!placed) {
    all.rows[all.count++] = added;
  }
  return all;
}

void check_scenario(const StoredModel& model, const ScenarioRows& scenarios,
                    const ScenarioRow& added) {
  const sim::ModelDescription* description = describe(model.label, model.source);
  const char* whose = psprintf("scenario \"%s\"", added.name);
  check_keys(*description, read_layer(added.overrides, whose), whose);
  const StoredScenario layered =
      layer_scenario(with_scenario(scenarios, added), added.name, {0, nullptr});
  check_scenarios(model, *description, &layered, 1);
}

void store(const StoredModel& model, const ScenarioRow& added) {
  open_sql();
  const Datum arguments[] = {
      Int32GetDatum(model.id), CStringGetTextDatum(added.name),
      added.parent != nullptr ? CStringGetTextDatum(added.parent) : static_cast<Datum>(0),
      JsonbPGetDatum(added.overrides)};
  run_sql(store_scenario, arguments, added.parent == nullptr ? "  n " : nullptr);
  close_sql();
}

/* "high", "low" */
const char* children_of(const ScenarioRows& scenarios, const char* name) {
  StringInfoData list;
  initStringInfo(&list);
  for (int i = 0; i < scenarios.count; i++) {
    if (scenarios.rows[i].parent != nullptr && strcmp(scenarios.rows[i].parent, name) == 0) {
      appendStringInfo(&list, "%s\"%s\"", list.len > 0 ? ", " : "", scenarios.rows[i].name);
    }
  }
  return list.data;
}

void remove(const StoredModel& model, const ScenarioRows& scenarios, const char* name) {
  const char* children = children_of(scenarios, name);
  if (children[0] != '\0') {
    ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
                    errmsg("scenario \"%s\" is the parent of others", name),
                    errdetail("They are %s.", children),
                    errhint("Drop these first, or give them another parent.")));
  }
  open_sql();
  const Datum arguments[] = {Int32GetDatum(model.id), CStringGetTextDatum(name)};
  run_sql(delete_scenario, arguments);
  close_sql();
}

}  // namespace

}  // namespace simpg

/* sim.create_scenario(model, scenario, overrides, parent, replace) */
SIM_FUNCTION(sim_create_scenario) {
  const char* name = simpg::read_scenario_name(simpg::text_argument(fcinfo, 1));
  Jsonb* overrides = simpg::jsonb_argument(fcinfo, 2);
  if (overrides == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("overrides must not be null"),
                    errhint("'{}' overrides nothing.")));
  }
  const simpg::StoredModel model = simpg::begin_model_change(simpg::text_argument(fcinfo, 0));
  const simpg::ScenarioRows scenarios = simpg::read_scenario_rows(model.id);
  if (simpg::find_scenario(scenarios, name) != nullptr && !simpg::flag_argument(fcinfo, 4)) {
    ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
                    errmsg("model \"%s\" already has a scenario \"%s\"",
                           simpg::from_utf8(model.name), name),
                    errhint("Use replace => true to give it other overrides.")));
  }
  const char* parent = simpg::read_parent(model, simpg::text_argument(fcinfo, 3), scenarios);
  const simpg::ScenarioRow added = {name, parent, overrides};
  simpg::check_scenario(model, scenarios, added);
  simpg::store(model, added);
  simpg::end_change();
  PG_RETURN_VOID();
}

/* sim.drop_scenario(model, scenario, if_exists) */
SIM_FUNCTION(sim_drop_scenario) {
  const char* name = simpg::read_scenario_name(simpg::text_argument(fcinfo, 1));
  const simpg::StoredModel model = simpg::begin_model_change(simpg::text_argument(fcinfo, 0));
  const simpg::ScenarioRows scenarios = simpg::read_scenario_rows(model.id);
  const bool exists = simpg::find_scenario(scenarios, name) != nullptr;
  if (!exists && !simpg::flag_argument(fcinfo, 2)) {
    simpg::report_missing_scenario(model.name, name, scenarios);
  }
  if (exists) {
    simpg::remove(model, scenarios, name);
  } else {
    ereport(NOTICE, (errmsg("scenario \"%s\" does not exist, skipping", name)));
  }
  simpg::end_change();
  PG_RETURN_VOID();
}
