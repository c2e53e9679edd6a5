/*
 * store_sql.hpp -- the glue's own queries: prepared at their first use, kept for the session, run
 * as the current user.
 *
 * Every name and operator in them is qualified, so the caller's search_path means nothing to them.
 * They run between open_sql and close_sql; what is to outlive close_sql is copied into the context
 * that open_sql returned.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

inline constexpr int kMaxSqlArguments = 9;

struct SqlQuery {
  const char* words;
  bool writes;
  int argument_count;
  Oid argument_types[kMaxSqlArguments];
  SPIPlanPtr plan = nullptr;  // null until it is first run
};

/* Connects to the server programming interface. Returns the context that was current. */
MemoryContext open_sql();
void close_sql();

/*
 * Runs the query and returns how many rows it gave or changed.  A query that does not write sees
 * what the caller's statement sees.  `nulls` holds 'n' for a null argument and ' ' for others; null
 * for no nulls.
 */
uint64 run_sql(SqlQuery& query, const Datum* arguments, const char* nulls = nullptr);

/* Column `column`, from 1, of row `row`, from 0, of the query that ran last. */
Datum sql_value(uint64 row, int column, bool* is_null);
/* Null for an SQL null; palloc'd in `context`, in the database's encoding. */
char* sql_text(uint64 row, int column, MemoryContext context);
/* Requires: not null; palloc'd in `context`. */
ArrayType* sql_array(uint64 row, int column, MemoryContext context);
/* Requires: not null. */
int32 sql_integer(uint64 row, int column);
Oid sql_oid(uint64 row, int column);
bool sql_boolean(uint64 row, int column);

}  // namespace simpg
