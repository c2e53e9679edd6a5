/*
 * kept_keys.cpp -- the keys that the rows of a result view were computed from: sim.kept_keys.
 *
 * The rows are read without a query.  To plan one evaluates what the owner of the materialized view
 * has put beside it, such as the expressions of an index, with the rights of whoever asks.
 */
#include "boundary.hpp"
#include "row_writer.hpp"

SIM_SERVER_BEGIN
#include <access/table.h>
#include <access/tableam.h>
#include <catalog/pg_class.h>
#include <catalog/pg_type.h>
#include <miscadmin.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

struct KeyColumn {
  const char* name;
  Oid type;
};

constexpr KeyColumn kColumns[] = {{"scenario", TEXTOID}, {"output", TEXTOID}, {"key", BYTEAOID}};

Relation open_stored(Oid relation) {
  if (pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) != ACLCHECK_OK) {
    aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_MATVIEW, get_rel_name(relation));
  }
  Relation stored = table_open(relation, AccessShareLock);
  if (stored->rd_rel->relkind != RELKIND_MATVIEW) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                    errmsg("\"%s\" is not a materialized view", RelationGetRelationName(stored))));
  }
  return stored;
}

AttrNumber find_column(Relation stored, const KeyColumn& column) {
  const AttrNumber number = get_attnum(RelationGetRelid(stored), column.name);
  if (number == InvalidAttrNumber || get_atttype(RelationGetRelid(stored), number) != column.type) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
                    errmsg("\"%s\" has no column \"%s\" of a result view",
                           RelationGetRelationName(stored), column.name)));
  }
  return number;
}

void put_keys(Relation stored, RowWriter& rows) {
  AttrNumber numbers[lengthof(kColumns)];
  for (size_t i = 0; i < lengthof(kColumns); i++) {
    numbers[i] = find_column(stored, kColumns[i]);
  }
  TupleTableSlot* slot = table_slot_create(stored, nullptr);
  TableScanDesc scan = table_beginscan(stored, GetActiveSnapshot(), 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    CHECK_FOR_INTERRUPTS();
    for (const AttrNumber number : numbers) {
      bool is_null;
      const Datum value = slot_getattr(slot, number, &is_null);
      is_null ? add_null(rows) : add_datum(rows, value);
    }
    put(rows);
  }
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
}

}  // namespace

}  // namespace simpg

/* sim.kept_keys(relation): a row a row. */
SIM_FUNCTION(sim_kept_keys) {
  Relation stored = simpg::open_stored(PG_GETARG_OID(0));
  simpg::RowWriter rows = simpg::open_rows(fcinfo);
  simpg::put_keys(stored, rows);
  table_close(stored, AccessShareLock);
  return 0;
}
