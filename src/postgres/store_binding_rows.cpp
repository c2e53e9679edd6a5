/*
 * store_binding_rows.cpp -- reads the rows of a binding's view as its owner.
 */
#include "store_binding_rows.hpp"

#include <cmath>

#include "as_owner.hpp"
#include "boundary.hpp"
#include "experiment/content_key.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <utils/guc.h>
SIM_SERVER_END

namespace simpg {

namespace {

constexpr long kRowsAtOnce = 1000;

/* What grows while rows arrive: an array a column, in the context of the caller. */
struct Columns {
  MemoryContext context;
  int count;
  double** values;
  int64 rows;
  int64 capacity;
};

Columns make_columns(int count) {
  Columns columns = {CurrentMemoryContext, count,
                     static_cast<double**>(palloc(sizeof(double*) * count)), 0, kRowsAtOnce};
  for (int i = 0; i < count; i++) {
    columns.values[i] = static_cast<double*>(palloc(sizeof(double) * kRowsAtOnce));
  }
  return columns;
}

void make_room(Columns& columns, int64 more) {
  if (columns.rows + more <= columns.capacity) {
    return;
  }
  columns.capacity *= 2;
  for (int i = 0; i < columns.count; i++) {
    columns.values[i] =
        static_cast<double*>(repalloc_huge(columns.values[i], sizeof(double) * columns.capacity));
  }
}

/* SELECT v.stock::float8, v.happened::int4::float8 FROM sim_bindings.m1_market AS v: the view
 * carries the order of rows. */
const char* select_columns(const BoundView& view) {
  StringInfoData query;
  initStringInfo(&query);
  for (int i = 0; i < view.column_count; i++) {
    appendStringInfo(&query, "%s v.%s%s::pg_catalog.float8", i == 0 ? "SELECT" : ",",
                     quote_identifier(view.columns[i].name),
                     view.columns[i].is_boolean ? "::pg_catalog.int4" : "");
  }
  appendStringInfo(&query, " FROM sim_bindings.%s AS v", quote_identifier(view.name));
  return query.data;
}

[[noreturn]] void report_value(const BindingTarget& target, const BoundColumn& column, int64 row,
                               int code, const char* found) {
  ereport(ERROR, (errcode(code),
                  errmsg("row " INT64_FORMAT " of the query for \"%s\" has %s in column \"%s\"",
                         row, from_utf8(target.name), found, column.name),
                  errdetail("Models compute with finite numbers only."),
                  errhint("Leave such rows out, or give them a value, in the query.")));
  pg_unreachable();
}

double read_value(const BindingTarget& target, const BoundView& view, uint64 row, int column,
                  int64 number) {
  bool is_null;
  const Datum datum = sql_value(row, column + 1, &is_null);
  if (is_null) {
    report_value(target, view.columns[column], number, ERRCODE_NULL_VALUE_NOT_ALLOWED, "NULL");
  }
  const double value = DatumGetFloat8(datum);
  if (!std::isfinite(value)) {
    report_value(target, view.columns[column], number, ERRCODE_DATA_EXCEPTION,
                 std::isnan(value) ? "NaN" : "an infinity");
  }
  return value;
}

void take_rows(const BindingTarget& target, const BoundView& view, Columns& columns) {
  make_room(columns, kRowsAtOnce);
  for (uint64 row = 0; row < SPI_processed; row++) {
    for (int i = 0; i < columns.count; i++) {
      columns.values[i][columns.rows] = read_value(target, view, row, i, columns.rows + 1);
    }
    columns.rows++;
  }
}

/* Enough rows to know that there are too many; 0 for all. */
int64 rows_of_interest(const BindingTarget& target) {
  if (target.block != nullptr) {
    return 0;
  }
  return target.input->timed ? target.steps : 2;
}

void fetch_rows(const BindingTarget& target, const BoundView& view, Columns& columns) {
  const int64 wanted = rows_of_interest(target);
  SPIPlanPtr plan = SPI_prepare(select_columns(view), 0, nullptr);
  if (plan == nullptr) {
    elog(ERROR, "cannot read view %s: %s", view.name, SPI_result_code_string(SPI_result));
  }
  Portal portal = SPI_cursor_open(nullptr, plan, nullptr, nullptr, true);
  do {
    const int64 left = wanted == 0 ? kRowsAtOnce : wanted - columns.rows;
    SPI_cursor_fetch(portal, true, left < kRowsAtOnce ? static_cast<long>(left) : kRowsAtOnce);
    take_rows(target, view, columns);
    SPI_freetuptable(SPI_tuptable);
  } while (SPI_processed > 0 && columns.rows != wanted);
  SPI_cursor_close(portal);
}

void name_query_in_context(void* argument) {
  errcontext("query bound to \"%s\"", from_utf8(static_cast<BindingTarget*>(argument)->name));
}

/* Reads as the view's owner, with a path that holds nothing the caller could have made. */
void fetch_as_owner(const BindingTarget& target, const BoundView& view, Columns& columns) {
  ErrorContextCallback context = {error_context_stack, name_query_in_context,
                                  const_cast<BindingTarget*>(&target)};
  error_context_stack = &context;
  const OwnerOperation operation = begin_as_owner(view.owner);
  // A scan that begins where another one is gives rows in another order, and sums other last bits.
  set_config_option("synchronize_seqscans", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                    true, 0, false);
  SPI_connect();
  fetch_rows(target, view, columns);
  SPI_finish();
  end_as_owner(operation);
  error_context_stack = context.previous;
}

void check_row_count(const BindingTarget& target, int64 rows) {
  const char* name = from_utf8(target.name);
  if (rows == 0) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION), errmsg("the query for \"%s\" gives no row", name),
             errhint("A data block needs one row at least, an input exactly one, an input with [t] "
                     "one for each step.")));
  }
  if (target.input != nullptr && !target.input->timed && rows > 1) {
    ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                    errmsg("the query for input \"%s\" gives more than one row", name),
                    errhint("An input without [t] takes exactly one row.")));
  }
  if (target.input != nullptr && target.input->timed && rows < target.steps) {
    ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                    errmsg("the query for input \"%s\" gives " INT64_FORMAT
                           " rows for " INT64_FORMAT " steps",
                           name, rows, target.steps),
                    errhint("Row i is the value at step i: give one for each step.")));
  }
}

/* Only inputs have a range. */
void check_range(const BindingTarget& target, const double* values, int64 rows) {
  if (target.input == nullptr || std::isnan(target.input->range_low)) {
    return;
  }
  for (int64 i = 0; i < rows; i++) {
    if (values[i] < target.input->range_low || values[i] > target.input->range_high) {
      ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                      errmsg("input \"%s\" is %.15g in row " INT64_FORMAT
                             " of its query, outside its range %.15g to %.15g",
                             from_utf8(target.name), values[i], i + 1, target.input->range_low,
                             target.input->range_high),
                      errhint("Mend the value, or the range in the model.")));
    }
  }
}

const sim::Sha256Digest* digest(const Columns& columns) {
  auto* digests =
      static_cast<sim::Sha256Digest*>(palloc(sizeof(sim::Sha256Digest) * columns.count));
  guarded([&] {
    for (int i = 0; i < columns.count; i++) {
      digests[i] = sim::digest_values({columns.values[i], static_cast<std::size_t>(columns.rows)});
    }
  });
  return digests;
}

}  // namespace

StoredTable read_bound_rows(const BindingTarget& target, const BoundView& view) {
  Columns columns = make_columns(view.column_count);
  fetch_as_owner(target, view, columns);
  check_row_count(target, columns.rows);
  check_range(target, columns.values[0], columns.rows);
  const char** names = static_cast<const char**>(palloc(sizeof(char*) * view.column_count));
  for (int i = 0; i < view.column_count; i++) {
    names[i] = to_utf8(view.columns[i].name);
  }
  return {target.name,  target.input != nullptr, view.column_count, names,
          columns.rows, columns.values,          digest(columns),   nullptr};
}

}  // namespace simpg
