/*
 * store_sql.cpp -- the glue's own queries.
 */
#include "store_sql.hpp"

SIM_SERVER_BEGIN
#include <utils/guc.h>
#include <utils/rls.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The extension's own names are there, unless its SQL is that of another version. */
void explain_missing_name(void*) {
  const int code = geterrcode();
  if (code == ERRCODE_UNDEFINED_COLUMN || code == ERRCODE_UNDEFINED_TABLE ||
      code == ERRCODE_UNDEFINED_FUNCTION || code == ERRCODE_UNDEFINED_OBJECT) {
    errhint(
        "Library and SQL of pg_simulate are of different versions: call ALTER EXTENSION "
        "pg_simulate UPDATE in this database.");
  }
}

void prepare(SqlQuery& query) {
  ErrorContextCallback context = {error_context_stack, explain_missing_name, nullptr};
  error_context_stack = &context;
  SPIPlanPtr plan = SPI_prepare(query.words, query.argument_count, query.argument_types);
  if (plan == nullptr) {
    elog(ERROR, "cannot prepare \"%s\": %s", query.words, SPI_result_code_string(SPI_result));
  }
  SPI_keepplan(plan);
  query.plan = plan;
  error_context_stack = context.previous;
}

uint64 execute(SqlQuery& query, const Datum* arguments, const char* nulls) {
  if (query.plan == nullptr) {
    prepare(query);
  }
  // The interface takes its arguments by pointers to non-const, and does not write to them.
  const int result =
      SPI_execute_plan(query.plan, const_cast<Datum*>(arguments), nulls, !query.writes, 0);
  if (result < 0) {
    elog(ERROR, "cannot run \"%s\": %s", query.words, SPI_result_code_string(result));
  }
  return SPI_processed;
}

}  // namespace

MemoryContext open_sql() {
  MemoryContext caller = CurrentMemoryContext;
  SPI_connect();
  return caller;
}

void close_sql() { SPI_finish(); }

uint64 run_sql(SqlQuery& query, const Datum* arguments, const char* nulls) {
  // pg_restore turns row_security off, and refreshes materialized views that call us.  What the
  // policies hide does not exist for who asks, then as ever.
  const int level = row_security ? 0 : NewGUCNestLevel();
  if (level > 0) {
    set_config_option("row_security", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                      false);
  }
  const uint64 count = execute(query, arguments, nulls);
  if (level > 0) {
    AtEOXact_GUC(false, level);
  }
  return count;
}

Datum sql_value(uint64 row, int column, bool* is_null) {
  return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

char* sql_text(uint64 row, int column, MemoryContext context) {
  bool is_null;
  const Datum value = sql_value(row, column, &is_null);
  if (is_null) {
    return nullptr;
  }
  MemoryContext before = MemoryContextSwitchTo(context);
  char* copy = TextDatumGetCString(value);
  MemoryContextSwitchTo(before);
  return copy;
}

ArrayType* sql_array(uint64 row, int column, MemoryContext context) {
  bool is_null;
  const Datum value = sql_value(row, column, &is_null);
  MemoryContext before = MemoryContextSwitchTo(context);
  ArrayType* copy = DatumGetArrayTypePCopy(value);
  MemoryContextSwitchTo(before);
  return copy;
}

int32 sql_integer(uint64 row, int column) {
  bool is_null;
  return DatumGetInt32(sql_value(row, column, &is_null));
}

Oid sql_oid(uint64 row, int column) {
  bool is_null;
  return DatumGetObjectId(sql_value(row, column, &is_null));
}

bool sql_boolean(uint64 row, int column) {
  bool is_null;
  return DatumGetBool(sql_value(row, column, &is_null));
}

}  // namespace simpg
