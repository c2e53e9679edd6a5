/*
 * references.cpp -- what foreign keys would do for the tables that pg_dump carries: sim.cascade,
 * sim.hold_model and sim.hold_run.
 *
 * These tables have no foreign keys.  They are part of the extension, so their constraints are
 * there before their rows are, and pg_restore in parallel, which loads tables in any order, would
 * lose the rows that come before those they refer to.
 *
 * As for a foreign key, all is done with the rights of the tables' owner, whom no policy binds.
 */
#include "as_owner.hpp"
#include "boundary.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <commands/trigger.h>
#include <utils/acl.h>
#include <utils/rel.h>
#include <utils/rls.h>
#include <utils/snapmgr.h>
#include <utils/tuplestore.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Until the transaction ends, nobody deletes the row, or changes what is referred to. */
SqlQuery lock_model = {
    "SELECT FROM sim.stored_models WHERE model_id OPERATOR(pg_catalog.=) $1 FOR KEY SHARE",
    true,
    1,
    {INT4OID}};
SqlQuery lock_run = {
    "SELECT FROM sim.stored_runs WHERE run_id OPERATOR(pg_catalog.=) $1"
    " AND owner OPERATOR(pg_catalog.=) $2 FOR SHARE",
    true,
    2,
    {INT8OID, REGROLEOID}};

TriggerData* require_trigger(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("only a trigger of the extension calls this function")));
  }
  return reinterpret_cast<TriggerData*>(fcinfo->context);
}

Datum new_value(const TriggerData* trigger, const char* column) {
  TupleDesc columns = RelationGetDescr(trigger->tg_relation);
  HeapTuple row =
      TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
  bool is_null;
  return heap_getattr(row, SPI_fnumber(columns, column), columns, &is_null);
}

/* Waits for whoever is deleting it. */
bool lock_row(const TriggerData* trigger, SqlQuery& query, const Datum* key) {
  const OwnerOperation operation = begin_as_owner(trigger->tg_relation->rd_rel->relowner);
  open_sql();
  const bool found = run_sql(query, key) == 1;
  close_sql();
  end_as_owner(operation);
  return found;
}

/* Sees all rows that are committed, also those that a REPEATABLE READ transaction does not see:
 * that one fails (40001). */
void run_statement(const char* words) {
  SPIPlanPtr plan = SPI_prepare(words, 0, nullptr);
  if (plan == nullptr) {
    elog(ERROR, "cannot prepare \"%s\": %s", words, SPI_result_code_string(SPI_result));
  }
  Snapshot seen = InvalidSnapshot;
  Snapshot crosscheck = InvalidSnapshot;
  if (IsolationUsesXactSnapshot()) {
    CommandCounterIncrement();
    seen = GetLatestSnapshot();
    crosscheck = GetTransactionSnapshot();
  }
  // What it fires waits for the end of the caller's statement, and runs with his rights.
  const int result =
      SPI_execute_snapshot(plan, nullptr, nullptr, seen, crosscheck, false, false, 0);
  if (result < 0) {
    elog(ERROR, "cannot run \"%s\": %s", words, SPI_result_code_string(result));
  }
}

void run_statements(TriggerData* trigger) {
  const OwnerOperation operation = begin_as_owner(trigger->tg_relation->rd_rel->relowner);
  SPI_connect();
  SPI_register_trigger_data(trigger);
  for (int i = 0; i < trigger->tg_trigger->tgnargs; i++) {
    run_statement(trigger->tg_trigger->tgargs[i]);
  }
  SPI_finish();
  end_as_owner(operation);
}

/* pg_restore, which turns row_security off, brings together what belongs together.  Others may turn
 * it off as well, but not have it off. */
bool is_restoring(const TriggerData* trigger) {
  return !row_security && (has_bypassrls_privilege(GetUserId()) ||
                           owns_relation(RelationGetRelid(trigger->tg_relation)));
}

}  // namespace

}  // namespace simpg

/* sim.cascade(statement, ...): a statement trigger; its statements read the transition tables. */
SIM_FUNCTION(sim_cascade) {
  TriggerData* trigger = simpg::require_trigger(fcinfo);
  if (trigger->tg_oldtable == nullptr || tuplestore_tuple_count(trigger->tg_oldtable) > 0) {
    simpg::run_statements(trigger);
  }
  return PointerGetDatum(nullptr);
}

/* Row trigger of what belongs to a model. */
SIM_FUNCTION(sim_hold_model) {
  const TriggerData* trigger = simpg::require_trigger(fcinfo);
  const Datum key[] = {simpg::new_value(trigger, "model_id")};
  if (!simpg::is_restoring(trigger) && !simpg::lock_row(trigger, simpg::lock_model, key)) {
    ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                    errmsg("the model does not exist, or was dropped meanwhile")));
  }
  return PointerGetDatum(nullptr);
}

/* Row trigger of grants on runs. */
SIM_FUNCTION(sim_hold_run) {
  const TriggerData* trigger = simpg::require_trigger(fcinfo);
  const Datum key[] = {simpg::new_value(trigger, "run_id"), simpg::new_value(trigger, "owner")};
  if (!simpg::is_restoring(trigger) && !simpg::lock_row(trigger, simpg::lock_run, key)) {
    ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                    errmsg("the run does not exist, or got another owner meanwhile")));
  }
  return PointerGetDatum(nullptr);
}
