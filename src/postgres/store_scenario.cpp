/*
 * store_scenario.cpp -- which scenarios a call asks for, and what speaks for each.
 */
#include "store_scenario.hpp"

#include <cstring>

#include "settings.hpp"
#include "store_session.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

namespace simpg {

namespace {

SqlQuery list_scenarios = {
    "SELECT name, parent, overrides FROM sim.stored_scenarios"
    " WHERE model_id OPERATOR(pg_catalog.=) $1 ORDER BY name COLLATE pg_catalog.\"C\"",
    false,
    1,
    {INT4OID}};

bool is_base(const char* name) { return strcmp(name, "base") == 0; }

/* The names of a request, '*' resolved, each once. */
struct NameList {
  int count;
  const char** names;
};

void add_name(NameList& list, const char* name) {
  if (list.count >= max_scenarios()) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("the call asks for more scenarios than sim.max_scenarios allows"),
                    errdetail("sim.max_scenarios is %d.", max_scenarios()),
                    errhint("Ask for fewer in one call, or have a superuser raise the setting.")));
  }
  list.names[list.count++] = name;
}

bool has_name(const NameList& list, const char* name) {
  for (int i = 0; i < list.count; i++) {
    if (strcmp(list.names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

/* '*' adds the base and all scenarios that the names before it have not named. */
void add_all(NameList& list, const ScenarioRows& scenarios) {
  if (!has_name(list, "base")) {
    add_name(list, "base");
  }
  const NameList named = list;
  for (int i = 0; i < scenarios.count; i++) {
    if (!has_name(named, scenarios.rows[i].name)) {
      add_name(list, scenarios.rows[i].name);
    }
  }
}

void add_given(NameList& list, const char* given, const StoredModel& model,
               const ScenarioRows& scenarios) {
  const char* name = fold(given, "scenario");
  if (has_name(list, name)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("scenario \"%s\" is asked for twice", name),
                    errhint("Name each scenario once.")));
  }
  if (!is_base(name) && find_scenario(scenarios, name) == nullptr) {
    report_missing_scenario(model.name, name, scenarios);
  }
  add_name(list, name);
}

NameList read_names(const StoredModel& model, ArrayType* given, const ScenarioRows& scenarios) {
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(given, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  NameList list = {
      0, static_cast<const char**>(palloc(sizeof(char*) * (count + scenarios.count + 2)))};
  for (int i = 0; i < count; i++) {
    const text* element = nulls[i] ? nullptr : DatumGetTextPP(elements[i]);
    const char* name = require_text(element, "the name of a scenario");
    if (strcmp(name, "*") == 0) {
      add_all(list, scenarios);
    } else {
      add_given(list, name, model, scenarios);
    }
  }
  if (list.count == 0) {
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("scenarios is an empty array"),
         errhint("NULL stands for the base alone, ARRAY['*'] for the base and all scenarios.")));
  }
  return list;
}

/* Null for the base. */
const ScenarioRow* parent_of(const ScenarioRows& scenarios, const ScenarioRow& row) {
  if (row.parent == nullptr) {
    return nullptr;
  }
  const ScenarioRow* parent = find_scenario(scenarios, row.parent);
  if (parent == nullptr) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT),
             errmsg("the parent \"%s\" of scenario \"%s\" does not exist", row.parent, row.name),
             errhint("Give it another parent with sim.create_scenario(..., replace => true).")));
  }
  return parent;
}

/* How many scenarios speak for this one, itself included; 0 for the base. */
int count_generations(const ScenarioRows& scenarios, const ScenarioRow* row) {
  int generations = 0;
  for (const ScenarioRow* at = row; at != nullptr; at = parent_of(scenarios, *at)) {
    if (++generations > scenarios.count) {
      ereport(
          ERROR,
          (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
           errmsg("the parents of scenario \"%s\" lead back to itself", row->name),
           errhint(
               "Give one of them another parent with sim.create_scenario(..., replace => true).")));
    }
  }
  return generations;
}

NameList requested_names(const StoredModel& model, const ExperimentRequest& request,
                         const ScenarioRows& scenarios) {
  if (request.scenario == nullptr && request.scenarios != nullptr) {
    return read_names(model, request.scenarios, scenarios);
  }
  NameList one = {0, static_cast<const char**>(palloc(sizeof(char*)))};
  if (request.scenario == nullptr) {
    add_name(one, "base");
  } else {
    add_given(one, text_to_cstring(request.scenario), model, scenarios);
  }
  return one;
}

}  // namespace

ScenarioRows read_scenario_rows(int32 model_id) {
  MemoryContext caller = open_sql();
  const Datum arguments[] = {Int32GetDatum(model_id)};
  const int count = static_cast<int>(run_sql(list_scenarios, arguments));
  ScenarioRow* rows =
      static_cast<ScenarioRow*>(MemoryContextAlloc(caller, sizeof(ScenarioRow) * (count + 1)));
  for (int i = 0; i < count; i++) {
    bool is_null;
    const Datum overrides = sql_value(i, 3, &is_null);
    rows[i].name = sql_text(i, 1, caller);
    rows[i].parent = sql_text(i, 2, caller);
    MemoryContext before = MemoryContextSwitchTo(caller);
    rows[i].overrides = DatumGetJsonbPCopy(overrides);
    MemoryContextSwitchTo(before);
  }
  close_sql();
  return {count, rows};
}

const ScenarioRow* find_scenario(const ScenarioRows& scenarios, const char* name) {
  int first = 0;
  int end = scenarios.count;
  while (first < end) {
    const int middle = first + (end - first) / 2;
    const int order = strcmp(name, scenarios.rows[middle].name);
    if (order == 0) {
      return &scenarios.rows[middle];
    }
    first = order > 0 ? middle + 1 : first;
    end = order > 0 ? end : middle;
  }
  return nullptr;
}

void report_missing_scenario(const char* model, const char* name, const ScenarioRows& scenarios) {
  const char** names = static_cast<const char**>(palloc(sizeof(char*) * (scenarios.count + 1)));
  for (int i = 0; i < scenarios.count; i++) {
    names[i] = scenarios.rows[i].name;
  }
  const char* near = nearest(name, names, scenarios.count);
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                  errmsg("model \"%s\" has no scenario \"%s\"", from_utf8(model), name),
                  near != nullptr ? errhint("Did you mean \"%s\"?", near)
                                  : errhint("View sim.scenarios lists the scenarios.")));
  pg_unreachable();
}

StoredScenario layer_scenario(const ScenarioRows& scenarios, const char* name,
                              const StoredLayer& call) {
  const ScenarioRow* row = is_base(name) ? nullptr : find_scenario(scenarios, name);
  const int depth = count_generations(scenarios, row);
  StoredLayer* layers = static_cast<StoredLayer*>(palloc(sizeof(StoredLayer) * (depth + 1)));
  layers[depth] = call;
  for (int place = depth - 1; place >= 0; place--) {
    layers[place] = read_layer(row->overrides, psprintf("scenario \"%s\"", row->name));
    row = parent_of(scenarios, *row);
  }
  return {to_utf8(pstrdup(name)), depth + 1, layers};
}

const StoredScenario* choose_scenarios(const SessionModel* model, const ExperimentRequest& request,
                                       int* count) {
  const bool only_base = request.scenario == nullptr && request.scenarios == nullptr;
  const ScenarioRows scenarios = only_base ? ScenarioRows{0, nullptr} : *session_scenarios(model);
  const NameList list = requested_names(model->model, request, scenarios);
  const StoredLayer call = read_layer(request.overrides, "overrides");
  StoredScenario* chosen =
      static_cast<StoredScenario*>(palloc(sizeof(StoredScenario) * list.count));
  for (int i = 0; i < list.count; i++) {
    chosen[i] = layer_scenario(scenarios, list.names[i], call);
  }
  *count = list.count;
  return chosen;
}

}  // namespace simpg
