/*
 * result_keys.cpp -- what the rows of a result view would be computed from now: sim.result_keys,
 * and sim.refresh_for_reader.
 *
 * Whoever may read a result view learns from it whether its numbers are current, whether or not he
 * may see the model and the data below it.  So the keys are found, as the rows are, with the rights
 * of the view's owner.
 */
#include "as_role.hpp"

#include "boundary.hpp"
#include "row_writer.hpp"
#include "scan/known_functions.hpp"
#include "store_relation.hpp"
#include "store_sql.hpp"
#include "tracking/planned_reads.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_class.h>
#include <miscadmin.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery find_result_view = {
    "SELECT v.view_id, v.view::pg_catalog.oid, v.relation::pg_catalog.oid, v.refreshed_at"
    " FROM sim.stored_result_views AS v"
    " WHERE v.relation OPERATOR(pg_catalog.=) $1 OR v.view OPERATOR(pg_catalog.=) $1",
    false,
    1,
    {OIDOID}};

SqlQuery list_keys = {
    "SELECT k.scenario, k.output, k.key FROM sim.stored_result_views AS v"
    " LEFT JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) v.model_id"
    " CROSS JOIN LATERAL sim.output_keys(sim.model_reference(m.name, v.model),"
    " v.trials, v.seed, v.scenarios, v.overrides) AS k"
    " WHERE v.view_id OPERATOR(pg_catalog.=) $1",
    false,
    1,
    {INT4OID}};

SqlQuery refresh_view = {"SELECT sim.refresh_view($1, $2)", true, 2, {INT4OID, INTERVALOID}};

struct ResultView {
  int32 id;      // 0: it is none
  Oid view;      // the plain one
  Oid relation;  // the materialized one
  Oid owner;
  Datum refreshed_at;
  bool refreshed;
};

struct Search {
  Oid relation;
  ResultView found;
};

struct RefreshWork {
  int32 id;
  Datum max_staleness;
};

struct KeysWork {
  RowWriter rows;
  const ResultView* view;
};

void find_view(void* argument) {
  auto* search = static_cast<Search*>(argument);
  const Datum arguments[] = {ObjectIdGetDatum(search->relation)};
  open_sql();
  if (run_sql(find_result_view, arguments) > 0) {
    ResultView& view = search->found;
    bool is_null;
    view.id = sql_integer(0, 1);
    view.view = sql_oid(0, 2);
    view.relation = sql_oid(0, 3);
    view.owner = owner_of_relation(view.relation);
    view.refreshed_at = sql_value(0, 4, &is_null);
    view.refreshed = !is_null;
  }
  close_sql();
}

bool may_read(Oid relation) {
  return OidIsValid(owner_of_relation(relation)) &&
         pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/* That of either relation. Raises 42704 where there is none, 42501 where the caller may not read
 * it, or its owner may not use the extension. */
ResultView require_view(Oid relation) {
  Search search = {relation, {}};
  const Oid owner = owner_of_relation(relation);
  const char* problem =
      OidIsValid(owner) ? run_as_role({owner, true, false, find_view, &search}) : nullptr;
  if (problem != nullptr) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("role \"%s\", which owns \"%s\", cannot look for its result view",
                           GetUserNameFromId(owner, false), get_rel_name(relation)),
                    errdetail("%s", problem)));
  }
  if (search.found.id == 0 || !OidIsValid(search.found.owner)) {
    const char* name = get_rel_name(relation);
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                    errmsg("\"%s\" is no result view", name != nullptr ? name : "?"),
                    errhint("View sim.result_views lists the result views.")));
  }
  if (!may_read(search.found.view) && !may_read(search.found.relation)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("permission denied for result view %s", get_rel_name(relation))));
  }
  return search.found;
}

void put_row(RowWriter& rows, const ResultView& view, bool failed) {
  add_boolean(rows, failed);
  if (view.refreshed) {
    add_datum(rows, view.refreshed_at);
  } else {
    add_null(rows);
  }
  put(rows);
}

void put_keys(void* argument) {
  auto* work = static_cast<KeysWork*>(argument);
  const Datum arguments[] = {Int32GetDatum(work->view->id)};
  open_sql();
  const uint64 count = run_sql(list_keys, arguments);
  for (uint64 i = 0; i < count; i++) {
    bool is_null;
    for (int column = 1; column <= 3; column++) {
      const Datum value = sql_value(i, column, &is_null);
      is_null ? add_null(work->rows) : add_datum(work->rows, value);
    }
    put_row(work->rows, *work->view, is_null);
  }
  close_sql();
}

void refresh(void* argument) {
  const auto* work = static_cast<RefreshWork*>(argument);
  const Datum arguments[] = {Int32GetDatum(work->id), work->max_staleness};
  open_sql();
  run_sql(refresh_view, arguments);
  close_sql();
}

}  // namespace

}  // namespace simpg

/* sim.result_keys(relation): rows without a key have failed; where no keys can be found, one row
 * alone without names. */
SIM_FUNCTION(sim_result_keys) {
  const simpg::ResultView view = simpg::require_view(PG_GETARG_OID(0));
  simpg::learn_function(simpg::KnownFunction::result_keys, fcinfo->flinfo->fn_oid);
  simpg::KeysWork work = {simpg::open_rows(fcinfo), &view};
  if (simpg::run_as_role({view.owner, true, false, simpg::put_keys, &work}) != nullptr) {
    simpg::RowWriter& rows = work.rows;
    rows.filled = 0;
    for (int column = 0; column < 3; column++) {
      simpg::add_null(rows);
    }
    simpg::put_row(rows, view, true);
  }
  simpg::note_result_model(PG_GETARG_OID(0));
  return 0;
}

/* sim.refresh_for_reader(relation, max_staleness): NULL, or why it failed. */
SIM_FUNCTION(sim_refresh_for_reader) {
  const simpg::ResultView view = simpg::require_view(PG_GETARG_OID(0));
  simpg::RefreshWork work = {view.id, PG_GETARG_DATUM(1)};
  const char* problem = simpg::run_as_role({view.owner, false, false, simpg::refresh, &work});
  if (problem == nullptr) {
    PG_RETURN_NULL();
  }
  PG_RETURN_TEXT_P(cstring_to_text(problem));
}
