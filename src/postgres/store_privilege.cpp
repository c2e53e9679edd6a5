/*
 * store_privilege.cpp -- asks who owns a model and what was granted to the user.
 *
 * Rows are looked up by their indexes, without a query: policies ask for each row of a model.
 */
#include "store_privilege.hpp"

#include "store_relation.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/stratnum.h>
#include <access/table.h>
#include <utils/acl.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The rows of one model, or run, in a table whose primary key begins with its number. */
struct NumberedRows {
  Relation table;
  SysScanDesc scan;
};

AttrNumber find_column(Relation table, const char* name) {
  return get_attnum(RelationGetRelid(table), name);
}

NumberedRows open_rows(const char* table, const char* index, const char* column, RegProcedure equal,
                       Datum number) {
  NumberedRows rows;
  rows.table = table_open(own_relation(table), AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, find_column(rows.table, column), BTEqualStrategyNumber, equal, number);
  rows.scan =
      systable_beginscan(rows.table, own_relation(index), true, GetActiveSnapshot(), 1, &key);
  return rows;
}

NumberedRows open_model_rows(const char* table, const char* index, int32 model_id) {
  return open_rows(table, index, "model_id", F_INT4EQ, Int32GetDatum(model_id));
}

void close_rows(const NumberedRows& rows) {
  systable_endscan(rows.scan);
  table_close(rows.table, AccessShareLock);
}

Datum value_of(const NumberedRows& rows, HeapTuple row, const char* column) {
  bool is_null;
  return heap_getattr(row, find_column(rows.table, column), RelationGetDescr(rows.table), &is_null);
}

bool has_role(Oid role) { return is_member_of_role(GetUserId(), role); }

bool owns(int32 model_id) {
  const NumberedRows rows = open_model_rows("stored_models", "stored_models_pkey", model_id);
  HeapTuple row = systable_getnext(rows.scan);
  const bool found =
      HeapTupleIsValid(row) && has_role(DatumGetObjectId(value_of(rows, row, "owner")));
  close_rows(rows);
  return found;
}

Privilege granted_privilege(const NumberedRows& rows, HeapTuple row) {
  const char* name = TextDatumGetCString(value_of(rows, row, "privilege"));
  return name[0] == 'e' ? Privilege::edit : name[1] == 'u' ? Privilege::run : Privilege::read;
}

bool is_grantee(const NumberedRows& rows, HeapTuple row) {
  const Oid grantee = DatumGetObjectId(value_of(rows, row, "grantee"));
  return grantee == ACL_ID_PUBLIC || has_role(grantee);
}

bool was_granted(int32 model_id, Privilege privilege) {
  const NumberedRows rows = open_model_rows("stored_grants", "stored_grants_pkey", model_id);
  bool found = false;
  HeapTuple row;
  while (!found && HeapTupleIsValid(row = systable_getnext(rows.scan))) {
    found = granted_privilege(rows, row) >= privilege && is_grantee(rows, row);
  }
  close_rows(rows);
  return found;
}

bool role_exists(Oid role) { return SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role)); }

/* As an argument of sim.grant. */
const char* quote_name(const char* name) { return quote_literal_cstr(quote_identifier(name)); }

[[noreturn]] void refuse(const StoredModel& model, const char* privilege) {
  const char* name = from_utf8(model.name);
  if (!role_exists(model.owner)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("permission denied for model \"%s\"", name),
                    errowner(model.owner, quote_identifier(name))));
  }
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                  errmsg("permission denied for model \"%s\"", name),
                  errdetail("This needs privilege %s.", privilege),
                  errhint("Its owner grants it: SELECT sim.grant(%s, %s, '%s');", quote_name(name),
                          quote_name(GetUserNameFromId(GetUserId(), false)), privilege)));
  pg_unreachable();
}

}  // namespace

bool may(int32 model_id, Privilege privilege) {
  return owns(model_id) || was_granted(model_id, privilege);
}

bool was_granted_run(int64 run_id) {
  const NumberedRows rows = open_rows("stored_run_grants", "stored_run_grants_pkey", "run_id",
                                      F_INT8EQ, Int64GetDatum(run_id));
  bool found = false;
  HeapTuple row;
  while (!found && HeapTupleIsValid(row = systable_getnext(rows.scan))) {
    found = is_grantee(rows, row);
  }
  close_rows(rows);
  return found;
}

void require_run(const StoredModel& model) {
  if (!acts_as(model.owner) && !was_granted(model.id, Privilege::run)) {
    refuse(model, "run");
  }
}

bool may_edit(const StoredModel& model) {
  return acts_as(model.owner) || was_granted(model.id, Privilege::edit);
}

void require_owner(const StoredModel& model) {
  if (!acts_as(model.owner)) {
    const char* name = from_utf8(model.name);
    ereport(ERROR,
            (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("must be owner of model \"%s\"", name),
             errowner(model.owner, quote_identifier(name))));
  }
}

/* Whoever row-level security does not hold for may do to the tables what an owner may. */
bool acts_as(Oid owner) { return has_role(owner) || has_bypassrls_privilege(GetUserId()); }

int errowner(Oid owner, const char* object) {
  if (role_exists(owner)) {
    return 0;
  }
  errdetail("Role %u, which owns it, no longer exists.", owner);
  return errhint("A superuser gives it to another: SELECT sim.set_owner(%s, 'role');",
                 quote_literal_cstr(object));
}

void refuse_edit(const StoredModel& model) { refuse(model, "edit"); }

}  // namespace simpg
