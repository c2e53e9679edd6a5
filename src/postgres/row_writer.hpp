/*
 * row_writer.hpp -- writes the rows of a set-returning function or of a scan that stands for one,
 * and reads arguments that may be NULL.
 *
 * A row is filled from left to right and then put.  Texts come in UTF-8 from the engine; values of
 * a row live in a context that put() empties.
 */
#pragma once

#include "postgres.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace simpg {

inline constexpr int kMaxRowColumns = 24;

struct RowWriter {
  Tuplestorestate* store;
  TupleDesc descriptor;
  MemoryContext row_context;
  int filled;
  Datum values[kMaxRowColumns];
  bool nulls[kMaxRowColumns];
};

/* Makes the function return a set whose rows are written now. */
RowWriter open_rows(FunctionCallInfo fcinfo);
/* The same for a function that returns a set of a plain type. */
RowWriter open_values(FunctionCallInfo fcinfo);
/* Rows for whoever reads the store. */
RowWriter open_rows(Tuplestorestate* store, TupleDesc descriptor);

void add_datum(RowWriter& row, Datum value);
void add_text(RowWriter& row, const char* utf8);
void add_text(RowWriter& row, std::string_view utf8);  // NULL when empty
void add_texts(RowWriter& row, const std::vector<std::string>& utf8);
void add_integer(RowWriter& row, int32 value);
void add_bigint(RowWriter& row, int64 value);
void add_step(RowWriter& row, int64 step);      // NULL when negative
void add_number(RowWriter& row, double value);  // NULL for NaN
void add_value(RowWriter& row, double value);   // NaN as it is
void add_boolean(RowWriter& row, bool value);
void add_null(RowWriter& row);

/* Puts the row; the next begins at the left. */
void put(RowWriter& row);

/* Null for NULL. */
text* text_argument(FunctionCallInfo fcinfo, int index);
Jsonb* jsonb_argument(FunctionCallInfo fcinfo, int index);
/* False for NULL. */
bool flag_argument(FunctionCallInfo fcinfo, int index);
/* The first `count` as they are, for code that serves a scan in the function's place as well. */
void copy_arguments(FunctionCallInfo fcinfo, int count, Datum* values, bool* nulls);

}  // namespace simpg
