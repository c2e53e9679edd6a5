/*
 * fn_audit.cpp -- sim.record_audit, the trigger that keeps changes, and sim.record_export.
 *
 * Nothing is recorded while row_security is off: whom the policies hold for can change nothing
 * then, and pg_restore, which sets it, brings the rows as they were recorded.
 */
#include "sharing/audit.hpp"

#include "boundary.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <access/xact.h>
#include <commands/trigger.h>
#include <utils/rel.h>
#include <utils/rls.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery find_run = {
    "SELECT model_id, owner::pg_catalog.oid FROM sim.stored_runs"
    " WHERE run_id OPERATOR(pg_catalog.=) $1",
    false,
    1,
    {INT8OID}};

/* One change of one row. */
struct Change {
  TupleDesc columns;
  const char* action;
  HeapTuple before;  // null: the row is new
  HeapTuple after;   // null: the row is deleted

  /* What tells best whose row it is. */
  HeapTuple first() const { return before != nullptr ? before : after; }
};

Change read_change(const TriggerData* trigger) {
  TupleDesc columns = RelationGetDescr(trigger->tg_relation);
  if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event)) {
    return {columns, "create", nullptr, trigger->tg_trigtuple};
  }
  if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event)) {
    return {columns, "drop", trigger->tg_trigtuple, nullptr};
  }
  return {columns, "change", trigger->tg_trigtuple, trigger->tg_newtuple};
}

/* NULL also for a table that has no such column. */
AuditValue column(const Change& change, const char* name) {
  const int number = SPI_fnumber(change.columns, name);
  if (number <= 0) {
    return kAuditNull;
  }
  AuditValue found;
  found.value = heap_getattr(change.first(), number, change.columns, &found.is_null);
  return found;
}

AuditValue column_text(const Change& change, const char* name) {
  const char* words =
      SPI_getvalue(change.first(), change.columns, SPI_fnumber(change.columns, name));
  return words == nullptr ? kAuditNull : AuditValue{CStringGetTextDatum(words), false};
}

AuditValue whole_row(const Change& change, HeapTuple row) {
  return row == nullptr ? kAuditNull
                        : AuditValue{heap_copy_tuple_as_datum(row, change.columns), false};
}

void record_change(const Change& change, const char* kind, const char* name_column) {
  write_audit({change.action, kind, column(change, "model_id"), column(change, "owner"),
               column_text(change, name_column), whole_row(change, change.before),
               whole_row(change, change.after)});
}

void record_export(int64 run) {
  open_sql();
  const Datum arguments[] = {Int64GetDatum(run)};
  if (run_sql(find_run, arguments) != 1) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("run " INT64_FORMAT " does not exist", run),
             errhint("View sim.runs lists the runs you may see.")));
  }
  const AuditEntry entry = {"export",
                            "run",
                            {Int32GetDatum(sql_integer(0, 1)), false},
                            {ObjectIdGetDatum(sql_oid(0, 2)), false},
                            {CStringGetTextDatum(psprintf(INT64_FORMAT, run)), false},
                            kAuditNull,
                            kAuditNull};
  write_audit(entry);
  close_sql();
}

}  // namespace

}  // namespace simpg

/* sim.record_audit(kind, name_column): a row trigger. It returns the row as it is, so that it may
 * also be one that fires before. */
SIM_FUNCTION(sim_record_audit) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("sim.record_audit is a trigger function")));
  }
  const TriggerData* trigger = reinterpret_cast<const TriggerData*>(fcinfo->context);
  const simpg::Change change = simpg::read_change(trigger);
  if (row_security) {
    simpg::record_change(change, trigger->tg_trigger->tgargs[0], trigger->tg_trigger->tgargs[1]);
  }
  return PointerGetDatum(change.after != nullptr ? change.after : change.before);
}

/* sim.record_export(run): where nothing can be written, an export goes unrecorded. */
SIM_FUNCTION(sim_record_export) {
  if (!XactReadOnly && !PG_ARGISNULL(0)) {
    simpg::record_export(PG_GETARG_INT64(0));
  }
  PG_RETURN_VOID();
}
