/*
 * row_writer.cpp -- puts rows into a tuple store.
 */
#include "row_writer.hpp"

#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <utils/tuplestore.h>
SIM_SERVER_END

namespace simpg {

namespace {

Datum make_text(RowWriter& row, std::string_view utf8) {
  MemoryContext before = MemoryContextSwitchTo(row.row_context);
  const char* terminated = pnstrdup(utf8.data(), utf8.size());
  const Datum value = text_from_utf8(terminated);
  MemoryContextSwitchTo(before);
  return value;
}

RowWriter open_set(FunctionCallInfo fcinfo, bits32 flags) {
  InitMaterializedSRF(fcinfo, flags);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  return open_rows(result->setResult, result->setDesc);
}

}  // namespace

RowWriter open_rows(FunctionCallInfo fcinfo) { return open_set(fcinfo, 0); }

RowWriter open_values(FunctionCallInfo fcinfo) {
  return open_set(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
}

RowWriter open_rows(Tuplestorestate* store, TupleDesc descriptor) {
  Assert(descriptor->natts <= kMaxRowColumns);
  RowWriter row = {};
  row.store = store;
  row.descriptor = descriptor;
  row.row_context =
      AllocSetContextCreate(CurrentMemoryContext, "row of a simulation", ALLOCSET_SMALL_SIZES);
  return row;
}

void add_datum(RowWriter& row, Datum value) {
  row.nulls[row.filled] = false;
  row.values[row.filled++] = value;
}

void add_text(RowWriter& row, const char* utf8) { add_datum(row, make_text(row, utf8)); }

void add_text(RowWriter& row, std::string_view utf8) {
  if (utf8.empty()) {
    add_null(row);
  } else {
    add_datum(row, make_text(row, utf8));
  }
}

void add_texts(RowWriter& row, const std::vector<std::string>& utf8) {
  MemoryContext before = MemoryContextSwitchTo(row.row_context);
  Datum* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (utf8.size() + 1)));
  int count = 0;
  for (const std::string& element : utf8) {
    elements[count++] = make_text(row, element);
  }
  add_datum(row,
            PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT)));
  MemoryContextSwitchTo(before);
}

void add_integer(RowWriter& row, int32 value) { add_datum(row, Int32GetDatum(value)); }

void add_bigint(RowWriter& row, int64 value) { add_datum(row, Int64GetDatum(value)); }

void add_step(RowWriter& row, int64 step) {
  if (step < 0) {
    add_null(row);
  } else {
    add_integer(row, static_cast<int32>(step));
  }
}

void add_number(RowWriter& row, double value) {
  if (value != value) {
    add_null(row);
  } else {
    add_value(row, value);
  }
}

void add_value(RowWriter& row, double value) { add_datum(row, Float8GetDatum(value)); }

void add_null(RowWriter& row) {
  row.nulls[row.filled] = true;
  row.values[row.filled++] = static_cast<Datum>(0);
}

void add_boolean(RowWriter& row, bool value) { add_datum(row, BoolGetDatum(value)); }

void put(RowWriter& row) {
  Assert(row.filled == row.descriptor->natts);
  CHECK_FOR_INTERRUPTS();
  tuplestore_putvalues(row.store, row.descriptor, row.values, row.nulls);
  MemoryContextReset(row.row_context);
  row.filled = 0;
}

text* text_argument(FunctionCallInfo fcinfo, int index) {
  return PG_ARGISNULL(index) ? nullptr : PG_GETARG_TEXT_PP(index);
}

Jsonb* jsonb_argument(FunctionCallInfo fcinfo, int index) {
  return PG_ARGISNULL(index) ? nullptr : PG_GETARG_JSONB_P(index);
}

bool flag_argument(FunctionCallInfo fcinfo, int index) {
  return !PG_ARGISNULL(index) && PG_GETARG_BOOL(index);
}

void copy_arguments(FunctionCallInfo fcinfo, int count, Datum* values, bool* nulls) {
  for (int i = 0; i < count; i++) {
    values[i] = fcinfo->args[i].value;
    nulls[i] = fcinfo->args[i].isnull;
  }
}

}  // namespace simpg
