/*
 * stored_readings.cpp -- reads and writes sim.stored_readings.
 */
#include "tracking/stored_readings.hpp"

#include <cstring>

#include "store_relation.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <access/genam.h>
#include <access/heapam.h>
#include <access/table.h>
#include <access/tableam.h>
#include <catalog/indexing.h>
#include <utils/fmgroids.h>
#include <utils/fmgrprotos.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
#include <utils/timestamp.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* The columns of the table, in their order. */
enum Column {
  kModel = 1,
  kVersion,
  kName,
  kView,
  kIsInput,
  kColumns,
  kRows,
  kDigests,
  kSingle,
  kRelations,
  kFiles,
  kSnapshot,
  kReadAt,
  kColumnCount = kReadAt
};

/* "10:20:10,14,15" */
Datum snapshot_datum(const SeenTransactions& seen) {
  StringInfoData words;
  initStringInfo(&words);
  appendStringInfo(&words, UINT64_FORMAT ":" UINT64_FORMAT ":", seen.xmin, seen.xmax);
  for (int i = 0; i < seen.count; i++) {
    appendStringInfo(&words, "%s" UINT64_FORMAT, i > 0 ? "," : "", seen.running[i]);
  }
  return DirectFunctionCall1(pg_snapshot_in, CStringGetDatum(words.data));
}

SeenTransactions read_snapshot(Datum snapshot) {
  char* place = DatumGetCString(DirectFunctionCall1(pg_snapshot_out, snapshot));
  SeenTransactions seen = {};
  seen.running = static_cast<uint64*>(palloc(sizeof(uint64) * (strlen(place) / 2 + 1)));
  seen.xmin = strtoull(place, &place, 10);
  seen.xmax = strtoull(place + 1, &place, 10);
  while (*place != '\0' && place[1] != '\0') {
    seen.running[seen.count++] = strtoull(place + 1, &place, 10);
  }
  return seen;
}

Datum oid_array(const Oid* values, int count) {
  Datum* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; i++) {
    elements[i] = ObjectIdGetDatum(values[i]);
  }
  return PointerGetDatum(construct_array(elements, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

Datum text_array(const char* const* utf8, int count) {
  Datum* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; i++) {
    elements[i] = text_from_utf8(utf8[i]);
  }
  return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The only row of each column. */
Datum single_row(const StoredTable& table) {
  Datum* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (table.column_count + 1)));
  for (int i = 0; i < table.column_count; i++) {
    elements[i] = Float8GetDatum(table.values[i][0]);
  }
  return PointerGetDatum(construct_array(elements, table.column_count, FLOAT8OID, sizeof(float8),
                                         FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

Datum digest_bytes(const StoredTable& table) {
  const size_t size = sizeof(sim::Sha256Digest) * table.column_count;
  bytea* bytes = static_cast<bytea*>(palloc(VARHDRSZ + size));
  SET_VARSIZE(bytes, VARHDRSZ + size);
  memcpy(VARDATA(bytes), table.digests, size);
  return PointerGetDatum(bytes);
}

/* A row of the table, taken apart. */
struct StoredRow {
  Datum values[kColumnCount];
  bool nulls[kColumnCount];
};

Datum value_of(const StoredRow& row, Column column) { return row.values[column - 1]; }

void read_columns(const StoredRow& row, StoredTable* table) {
  Datum* names;
  deconstruct_array(DatumGetArrayTypePCopy(value_of(row, kColumns)), TEXTOID, -1, false,
                    TYPALIGN_INT, &names, nullptr, &table->column_count);
  auto** columns = static_cast<const char**>(palloc(sizeof(char*) * (table->column_count + 1)));
  for (int i = 0; i < table->column_count; i++) {
    columns[i] = to_utf8(TextDatumGetCString(names[i]));
  }
  table->columns = columns;
}

void read_single_row(const StoredRow& row, StoredTable* table) {
  Datum* elements;
  int count;
  deconstruct_array(DatumGetArrayTypePCopy(value_of(row, kSingle)), FLOAT8OID, sizeof(float8),
                    FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, nullptr, &count);
  auto** values = static_cast<double**>(palloc(sizeof(double*) * (count + 1)));
  for (int i = 0; i < count; i++) {
    values[i] = static_cast<double*>(palloc(sizeof(double)));
    *values[i] = DatumGetFloat8(elements[i]);
  }
  table->values = values;
}

Oid* read_oids(const StoredRow& row, Column column, int* count) {
  ArrayType* array = DatumGetArrayTypePCopy(value_of(row, column));
  *count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
  return reinterpret_cast<Oid*>(ARR_DATA_PTR(array));
}

/* In the current memory context. */
Reading* read_row(const StoredRow& row) {
  auto* reading = static_cast<Reading*>(palloc0(sizeof(Reading)));
  reading->context = CurrentMemoryContext;
  reading->name = TextDatumGetCString(value_of(row, kName));
  reading->view = DatumGetObjectId(value_of(row, kView));
  reading->table.name = to_utf8(reading->name);
  reading->table.is_input = DatumGetBool(value_of(row, kIsInput));
  reading->table.rows = DatumGetInt64(value_of(row, kRows));
  read_columns(row, &reading->table);
  reading->table.digests = reinterpret_cast<const sim::Sha256Digest*>(
      VARDATA(DatumGetByteaPCopy(value_of(row, kDigests))));
  if (!row.nulls[kSingle - 1]) {
    read_single_row(row, &reading->table);
  }
  reading->relations = read_oids(row, kRelations, &reading->relation_count);
  reading->files = read_oids(row, kFiles, &reading->relation_count);
  reading->tracked = true;
  reading->seen = read_snapshot(value_of(row, kSnapshot));
  return reading;
}

/* A scan of the rows of one binding. */
SysScanDesc begin_scan(Relation table, int32 model, int32 version, Datum name) {
  ScanKeyData keys[3];
  ScanKeyInit(&keys[0], kModel, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(model));
  ScanKeyInit(&keys[1], kVersion, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(version));
  ScanKeyInit(&keys[2], kName, BTEqualStrategyNumber, F_TEXTEQ, name);
  return systable_beginscan(table, own_relation("stored_readings_by_binding"), true,
                            GetActiveSnapshot(), 3, keys);
}

/* Another session may be at it: it is not waited for, and what it leaves does no harm. */
void delete_rows(Relation table, int32 model, int32 version, Datum name) {
  SysScanDesc scan = begin_scan(table, model, version, name);
  HeapTuple row;
  while (HeapTupleIsValid(row = systable_getnext(scan))) {
    TM_FailureData failure;
    table_tuple_delete(table, &row->t_self, GetCurrentCommandId(true), GetActiveSnapshot(),
                       InvalidSnapshot, false, &failure, false);
  }
  systable_endscan(scan);
}

}  // namespace

Reading* find_stored_reading(MemoryContext parent, int32 model, int32 version,
                             const BindingRow& binding) {
  MemoryContext context = AllocSetContextCreate(parent, "sim reading", ALLOCSET_SMALL_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(context);
  Relation table = table_open(own_relation("stored_readings"), AccessShareLock);
  SysScanDesc scan = begin_scan(table, model, version, CStringGetTextDatum(binding.name));
  Reading* found = nullptr;
  HeapTuple tuple;
  while (found == nullptr && HeapTupleIsValid(tuple = systable_getnext(scan))) {
    StoredRow row;
    heap_deform_tuple(tuple, RelationGetDescr(table), row.values, row.nulls);
    Reading* reading = read_row(row);
    found = still_holds(reading, binding.view) ? reading : nullptr;
  }
  systable_endscan(scan);
  table_close(table, AccessShareLock);
  MemoryContextSwitchTo(caller);
  if (found == nullptr) {
    MemoryContextDelete(context);
  }
  return found;
}

void store_reading(int32 model, int32 version, const Reading& reading) {
  Relation table = table_open(own_relation("stored_readings"), RowExclusiveLock);
  const Datum name = CStringGetTextDatum(reading.name);
  delete_rows(table, model, version, name);
  const bool single = reading.table.rows == 1 && reading.table.values != nullptr;
  Datum values[kColumnCount] = {Int32GetDatum(model),
                                Int32GetDatum(version),
                                name,
                                ObjectIdGetDatum(reading.view),
                                BoolGetDatum(reading.table.is_input),
                                text_array(reading.table.columns, reading.table.column_count),
                                Int64GetDatum(reading.table.rows),
                                digest_bytes(reading.table),
                                single ? single_row(reading.table) : Datum{0},
                                oid_array(reading.relations, reading.relation_count),
                                oid_array(reading.files, reading.relation_count),
                                snapshot_datum(reading.seen),
                                TimestampTzGetDatum(GetCurrentTimestamp())};
  bool nulls[kColumnCount] = {};
  nulls[kSingle - 1] = !single;
  CatalogTupleInsert(table, heap_form_tuple(RelationGetDescr(table), values, nulls));
  CommandCounterIncrement();
  table_close(table, NoLock);
}

}  // namespace simpg
