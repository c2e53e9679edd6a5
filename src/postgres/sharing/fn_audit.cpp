/*
 * fn_audit.cpp -- sim.record_audit: the trigger that keeps who did what.
 *
 * A row is written with the rights of the table's owner, as what a foreign key cascades to is:
 * users read sim.stored_audit and cannot write it.  Only the extension puts the trigger on tables,
 * so nobody makes up rows.
 *
 * Nothing is recorded while row_security is off: whom the policies hold for can change nothing
 * then, and pg_restore, which sets it, brings the rows as they were recorded.
 */
#include "postgres.hpp"

#include "boundary.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <commands/trigger.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/rls.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* What belongs to a model that is being deleted goes after it: the row about the model, which was
 * written before, knows its name and owner. */
SqlQuery insert_audit = {
    "INSERT INTO sim.stored_audit"
    " (who, session_role, action, kind, model_id, model, owner, object, before, after)"
    " SELECT $1, SESSION_USER, $2, $3, $4, COALESCE(m.name, a.model),"
    " COALESCE($5, m.owner, a.owner), $6, c.before, c.after"
    " FROM (SELECT pg_catalog.to_jsonb($7) AS before, pg_catalog.to_jsonb($8) AS after) AS c"
    " LEFT JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) $4"
    " LEFT JOIN LATERAL (SELECT l.model, l.owner FROM sim.stored_audit AS l"
    " WHERE l.model_id OPERATOR(pg_catalog.=) $4 AND m.model_id IS NULL"
    " ORDER BY l.audit_id DESC LIMIT 1) AS a ON true"
    " WHERE (c.before OPERATOR(pg_catalog.=) c.after) IS NOT TRUE",
    true,
    8,
    {TEXTOID, TEXTOID, TEXTOID, INT4OID, REGROLEOID, TEXTOID, RECORDOID, RECORDOID}};

/* One change of one row. */
struct Change {
  TupleDesc columns;
  const char* action;
  HeapTuple before;  // null: the row is new
  HeapTuple after;   // null: the row is deleted

  /* What tells best whose row it is. */
  HeapTuple first() const { return before != nullptr ? before : after; }
};

struct Argument {
  Datum value;
  bool is_null;
};

constexpr Argument kNull = {0, true};

Argument column(const Change& change, const char* name) {
  const int number = SPI_fnumber(change.columns, name);
  if (number <= 0) {
    return kNull;
  }
  Argument argument;
  argument.value = heap_getattr(change.first(), number, change.columns, &argument.is_null);
  return argument;
}

Argument column_text(const Change& change, const char* name) {
  const char* words =
      SPI_getvalue(change.first(), change.columns, SPI_fnumber(change.columns, name));
  return words == nullptr ? kNull : Argument{CStringGetTextDatum(words), false};
}

Argument whole_row(const Change& change, HeapTuple row) {
  return row == nullptr ? kNull : Argument{heap_copy_tuple_as_datum(row, change.columns), false};
}

/* A cascade runs as the owner of the table: the user is who began it. */
Oid acting_role() { return InNoForceRLSOperation() ? GetOuterUserId() : GetUserId(); }

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

void run_insert(const Argument* arguments) {
  Datum values[kMaxSqlArguments];
  char nulls[kMaxSqlArguments];
  for (int i = 0; i < insert_audit.argument_count; i++) {
    values[i] = arguments[i].value;
    nulls[i] = arguments[i].is_null ? 'n' : ' ';
  }
  run_sql(insert_audit, values, nulls);
}

/* The names of the role and of the object are kept as they are now: both may go. */
void record(const Change& change, Oid role, const char* kind, const char* name_column) {
  open_sql();
  const char* who = GetUserNameFromId(role, true);
  const Argument arguments[] = {who != nullptr ? Argument{CStringGetTextDatum(who), false} : kNull,
                                {CStringGetTextDatum(change.action), false},
                                {CStringGetTextDatum(kind), false},
                                column(change, "model_id"),
                                column(change, "owner"),
                                column_text(change, name_column),
                                whole_row(change, change.before),
                                whole_row(change, change.after)};
  run_insert(arguments);
  close_sql();
}

Oid audit_owner() {
  const Oid table = get_relname_relid("stored_audit", get_namespace_oid("sim", false));
  HeapTuple found = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
  if (!HeapTupleIsValid(found)) {
    elog(ERROR, "table sim.stored_audit is missing");
  }
  const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(found))->relowner;
  ReleaseSysCache(found);
  return owner;
}

void record_as_owner(const Change& change, const Trigger* trigger) {
  Oid caller;
  int caller_flags;
  const Oid role = acting_role();
  const Oid owner = audit_owner();
  GetUserIdAndSecContext(&caller, &caller_flags);
  SetUserIdAndSecContext(owner, caller_flags | SECURITY_LOCAL_USERID_CHANGE);
  record(change, role, trigger->tgargs[0], trigger->tgargs[1]);
  SetUserIdAndSecContext(caller, caller_flags);
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
    simpg::record_as_owner(change, trigger->tg_trigger);
  }
  return PointerGetDatum(change.after != nullptr ? change.after : change.before);
}
