/*
 * audit.cpp -- the statement that writes the audit, and whose rights it runs with.
 */
#include "sharing/audit.hpp"

#include "store_relation.hpp"
#include "store_sql.hpp"

SIM_SERVER_BEGIN
SIM_SERVER_END

namespace simpg {

namespace {

/*
 * Every operator is named in full: the path is the user's, the rights are not.  What belongs to a
 * model that is being deleted goes after it: the row about the model, which was written before,
 * knows its name and owner.
 */
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

Oid table_owner() {
  const Oid owner = owner_of_relation(own_relation("stored_audit"));
  if (!OidIsValid(owner)) {
    elog(ERROR, "table sim.stored_audit is missing");
  }
  return owner;
}

AuditValue text_value(const char* words) {
  return words == nullptr ? kAuditNull : AuditValue{CStringGetTextDatum(words), false};
}

/* Names, not numbers: roles may go. */
void insert(const AuditEntry& entry, Oid role) {
  open_sql();
  const AuditValue values[] = {text_value(GetUserNameFromId(role, true)),
                               text_value(entry.action),
                               text_value(entry.kind),
                               entry.model_id,
                               entry.owner,
                               entry.object,
                               entry.before,
                               entry.after};
  Datum arguments[kMaxSqlArguments];
  char nulls[kMaxSqlArguments];
  for (int i = 0; i < insert_audit.argument_count; i++) {
    arguments[i] = values[i].value;
    nulls[i] = values[i].is_null ? 'n' : ' ';
  }
  run_sql(insert_audit, arguments, nulls);
  close_sql();
}

}  // namespace

void write_audit(const AuditEntry& entry) {
  Oid caller;
  int caller_flags;
  const Oid owner = table_owner();
  GetUserIdAndSecContext(&caller, &caller_flags);
  SetUserIdAndSecContext(owner, caller_flags | SECURITY_LOCAL_USERID_CHANGE);
  insert(entry, caller);
  SetUserIdAndSecContext(caller, caller_flags);
}

}  // namespace simpg
