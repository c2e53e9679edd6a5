/*
 * table_writer.hpp -- puts the rows of a statistics function into a tuple store, whoever reads it:
 * the caller of the function, or SimStatistics in its place.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

inline constexpr int kMaxTableColumns = 24;

struct TableWriter {
  Tuplestorestate* store;
  TupleDesc descriptor;
  MemoryContext row_context;  // of the row's values
  int column;                 // next to be filled
  Datum values[kMaxTableColumns];
  bool nulls[kMaxTableColumns];
};

TableWriter open_table(Tuplestorestate* store, TupleDesc descriptor);
/* The rows of the set-returning function that is being called. */
TableWriter open_result(FunctionCallInfo call);
/* The same for a function that returns a set of a plain type. */
TableWriter open_values(FunctionCallInfo call);

/* UTF-8. */
void fill_text(TableWriter& table, const char* utf8_text);
void fill_integer(TableWriter& table, int32 value);
void fill_bigint(TableWriter& table, int64 value);
/* NULL when negative: no time. */
void fill_step(TableWriter& table, int64 step);
/* NULL for NaN: there is no such number. */
void fill_double(TableWriter& table, double value);
void fill_null(TableWriter& table);

/* Stores the row. Requires: every column was filled. */
void end_row(TableWriter& table);

}  // namespace simpg
