/*
 * sample_view.cpp -- sim.create_sample_view: a plain view with typed columns over sim.samples.
 *
 * The view is made as the caller, in the schema that he names or that is first on his path.  It
 * names the model as the caller named it: "model" follows new versions, "model@1" stays.
 */
#include "row_writer.hpp"

#include <string>
#include <vector>

#include "boundary.hpp"
#include "scan/compiled.hpp"
#include "store.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <catalog/namespace.h>
#include <nodes/makefuncs.h>
#include <utils/varlena.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Names of what the model reports, in order, and whether any has time. */
struct ReportedColumns {
  std::vector<std::string> names;
  bool timed = false;
};

const ReportedColumns* reported_columns(const StoredExperiment& stored) {
  const bytea* experiment = experiment_bytes(stored);
  Holder<ReportedColumns>* columns = make_holder<ReportedColumns>(CurrentMemoryContext);
  guarded([&] {
    ReportedColumns& held = hold(columns);
    for (const sim::Slot& slot :
         compile(bytes_of(experiment), current_knobs())->simulation.slots()) {
      if (held.names.empty() || held.names.back() != slot.output) {
        held.names.push_back(slot.output);
      }
      held.timed = held.timed || slot.step >= 0;
    }
  });
  return columns->object;
}

const char* view_name(const text* given) {
  if (given == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("view must not be null")));
  }
  const RangeVar* name =
      makeRangeVarFromNameList(textToQualifiedNameList(const_cast<text*>(given)));
  return quote_qualified_identifier(name->schemaname, name->relname);
}

const char* literal_or_null(const char* value) {
  return value == nullptr ? "NULL" : quote_literal_cstr(value);
}

void append_columns(StringInfo statement, const ReportedColumns& columns) {
  appendStringInfoString(statement, "trial bigint");
  if (columns.timed) {
    appendStringInfoString(statement, ", step integer");
  }
  for (const std::string& name : columns.names) {
    appendStringInfo(statement, ", %s double precision", quote_identifier(from_utf8(name.c_str())));
  }
}

/* The statement that makes the view. Arguments: view, model, trials, seed, scenario, overrides. */
const char* view_statement(FunctionCallInfo call, const ExperimentRequest& request,
                           const ReportedColumns& columns) {
  StringInfoData statement;
  initStringInfo(&statement);
  appendStringInfo(&statement, "CREATE VIEW %s AS SELECT * FROM sim.samples(",
                   view_name(text_argument(call, 0)));
  appendStringInfo(&statement, "model => %s::pg_catalog.text, ",
                   quote_literal_cstr(text_to_cstring(request.model)));
  if (request.has_trials) {
    appendStringInfo(&statement, "trials => " INT64_FORMAT "::bigint, ", request.trials);
  }
  appendStringInfo(&statement, "seed => '" INT64_FORMAT "'::bigint, ", request.seed);
  const char* scenario = request.scenario == nullptr ? nullptr : text_to_cstring(request.scenario);
  appendStringInfo(&statement, "scenario => %s::pg_catalog.text, ", literal_or_null(scenario));
  Jsonb* overrides = request.overrides;
  const char* json =
      overrides == nullptr ? "{}" : JsonbToCString(nullptr, &overrides->root, VARSIZE(overrides));
  appendStringInfo(&statement, "overrides => %s::pg_catalog.jsonb) AS samples(",
                   quote_literal_cstr(json));
  append_columns(&statement, columns);
  appendStringInfoChar(&statement, ')');
  return statement.data;
}

}  // namespace

/* sim.create_sample_view(view, model, trials, seed, scenario, overrides) */
SIM_FUNCTION(sim_create_sample_view) {
  if (PG_ARGISNULL(3)) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("seed must not be null"),
                    errhint("Leave it out for seed 1.")));
  }
  ExperimentRequest request;
  request.model = text_argument(fcinfo, 1);
  request.has_trials = !PG_ARGISNULL(2);
  request.trials = request.has_trials ? PG_GETARG_INT64(2) : 0;
  request.seed = PG_GETARG_INT64(3);
  request.scenario = text_argument(fcinfo, 4);
  request.overrides = jsonb_argument(fcinfo, 5);
  const ReportedColumns* columns = reported_columns(*load_experiment(request));
  const char* statement = view_statement(fcinfo, request, *columns);
  SPI_connect();
  SPI_execute(statement, false, 0);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace simpg
