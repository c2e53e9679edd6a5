/*
 * kept_rows.cpp -- the rows of a result view as they are, for pg_dump: sim.kept_rows.
 *
 * A dump must not fail because of what somebody did to a materialized view of his: what does not
 * look like one of a result view has no rows.  Its columns count by their places, since they may
 * get other names, and are read without a query, for the reason that sim.kept_keys has.
 */
#include "boundary.hpp"
#include "row_writer.hpp"

SIM_SERVER_BEGIN
#include <access/relation.h>
#include <access/tableam.h>
#include <catalog/pg_class.h>
#include <catalog/pg_type.h>
#include <utils/acl.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

/* Before the columns of percentiles, as sim.result_rows gives them; after those there is the key.
 */
constexpr Oid kFirstColumns[] = {TEXTOID,   TEXTOID,   INT4OID,   INT8OID,   INT8OID,   FLOAT8OID,
                                 FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID,
                                 FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID};
constexpr int kFirstCount = lengthof(kFirstColumns);

Oid expected_type(int column, int count) {
  if (column < kFirstCount) {
    return kFirstColumns[column];
  }
  return column < count - 1 ? FLOAT8OID : BYTEAOID;
}

bool is_result(Relation stored) {
  if (stored->rd_rel->relkind != RELKIND_MATVIEW || !RelationIsPopulated(stored)) {
    return false;
  }
  TupleDesc columns = RelationGetDescr(stored);
  bool fits = columns->natts > kFirstCount;
  for (int i = 0; fits && i < columns->natts; i++) {
    fits = TupleDescAttr(columns, i)->atttypid == expected_type(i, columns->natts);
  }
  return fits;
}

void add_column(RowWriter& rows, const TupleTableSlot* slot, int column) {
  slot->tts_isnull[column] ? add_null(rows) : add_datum(rows, slot->tts_values[column]);
}

/* NULL where there are none. */
void add_percentiles(RowWriter& rows, TupleTableSlot* slot) {
  int count = slot->tts_tupleDescriptor->natts - kFirstCount - 1;
  if (count == 0) {
    add_null(rows);
    return;
  }
  MemoryContext before = MemoryContextSwitchTo(rows.row_context);
  const int lower_bound = 1;
  int length = count;
  ArrayType* percentiles = construct_md_array(
      slot->tts_values + kFirstCount, slot->tts_isnull + kFirstCount, 1, &length,
      const_cast<int*>(&lower_bound), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
  MemoryContextSwitchTo(before);
  add_datum(rows, PointerGetDatum(percentiles));
}

void put_rows(Relation stored, RowWriter& rows) {
  TupleTableSlot* slot = table_slot_create(stored, nullptr);
  TableScanDesc scan = table_beginscan(stored, GetActiveSnapshot(), 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    CHECK_FOR_INTERRUPTS();
    slot_getallattrs(slot);
    for (int column = 0; column < kFirstCount; column++) {
      add_column(rows, slot, column);
    }
    add_percentiles(rows, slot);
    add_column(rows, slot, slot->tts_tupleDescriptor->natts - 1);
    put(rows);
  }
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
}

}  // namespace

}  // namespace simpg

/* sim.kept_rows(relation): a row a row. */
SIM_FUNCTION(sim_kept_rows) {
  const Oid relation = PG_GETARG_OID(0);
  simpg::RowWriter rows = simpg::open_rows(fcinfo);
  Relation stored = try_relation_open(relation, AccessShareLock);
  if (stored == nullptr) {
    return 0;
  }
  if (simpg::is_result(stored) &&
      pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK) {
    simpg::put_rows(stored, rows);
  }
  relation_close(stored, AccessShareLock);
  return 0;
}
