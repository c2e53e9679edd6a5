/*
 * table_writer.cpp -- puts rows into a tuple store.
 */
#include "statistics/table_writer.hpp"

#include <cmath>

#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <utils/tuplestore.h>
SIM_SERVER_END

namespace simpg {

namespace {

void fill(TableWriter& table, Datum value, bool is_null) {
  table.values[table.column] = value;
  table.nulls[table.column] = is_null;
  table.column++;
}

TableWriter open_set(FunctionCallInfo call, bits32 flags) {
  InitMaterializedSRF(call, flags);
  const auto* result = reinterpret_cast<ReturnSetInfo*>(call->resultinfo);
  return open_table(result->setResult, result->setDesc);
}

}  // namespace

TableWriter open_table(Tuplestorestate* store, TupleDesc descriptor) {
  Assert(descriptor->natts <= kMaxTableColumns);
  TableWriter table{};
  table.store = store;
  table.descriptor = descriptor;
  table.row_context =
      AllocSetContextCreate(CurrentMemoryContext, "sim statistics row", ALLOCSET_SMALL_SIZES);
  return table;
}

TableWriter open_result(FunctionCallInfo call) { return open_set(call, 0); }

TableWriter open_values(FunctionCallInfo call) { return open_set(call, MAT_SRF_USE_EXPECTED_DESC); }

void fill_text(TableWriter& table, const char* utf8_text) {
  MemoryContext caller = MemoryContextSwitchTo(table.row_context);
  fill(table, text_from_utf8(utf8_text), false);
  MemoryContextSwitchTo(caller);
}

void fill_integer(TableWriter& table, int32 value) { fill(table, Int32GetDatum(value), false); }

void fill_bigint(TableWriter& table, int64 value) { fill(table, Int64GetDatum(value), false); }

void fill_step(TableWriter& table, int64 step) {
  fill(table, Int32GetDatum(static_cast<int32>(step)), step < 0);
}

void fill_double(TableWriter& table, double value) {
  fill(table, Float8GetDatum(value), std::isnan(value));
}

void fill_null(TableWriter& table) { fill(table, Datum{0}, true); }

void end_row(TableWriter& table) {
  Assert(table.column == table.descriptor->natts);
  CHECK_FOR_INTERRUPTS();
  tuplestore_putvalues(table.store, table.descriptor, table.values, table.nulls);
  table.column = 0;
  MemoryContextReset(table.row_context);
}

}  // namespace simpg
