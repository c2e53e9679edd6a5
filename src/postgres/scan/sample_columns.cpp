/*
 * sample_columns.cpp -- reads and checks column definition lists of sim.samples.
 */
#include "scan/sample_columns.hpp"

#include <cstring>

#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <nodes/value.h>
#include <utils/lsyscache.h>
SIM_SERVER_END

namespace simpg {

namespace {

ColumnKind kind_of(const char* name) {
  if (strcmp(name, "trial") == 0) {
    return ColumnKind::trial;
  }
  return strcmp(name, "step") == 0 ? ColumnKind::step : ColumnKind::output;
}

Oid type_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::trial:
      return INT8OID;
    case ColumnKind::step:
      return INT4OID;
    case ColumnKind::output:
      return FLOAT8OID;
  }
  return InvalidOid;
}

void check_type(const char* name, ColumnKind kind, Oid type) {
  if (type == type_of(kind)) {
    return;
  }
  ereport(
      ERROR,
      (errcode(ERRCODE_DATATYPE_MISMATCH),
       errmsg("column \"%s\" of sim.samples is %s, not %s", name, format_type_be(type_of(kind)),
              format_type_be(type)),
       errdetail("trial is bigint, step is integer, outputs are double precision."),
       errhint("Write AS s(trial bigint, total float8), with the names of the model's outputs.")));
}

SampleColumns make_columns(int count) {
  return {count, static_cast<SampleColumn*>(palloc(sizeof(SampleColumn) * (count + 1)))};
}

SampleColumn make_column(const char* name, Oid type) {
  const ColumnKind kind = kind_of(name);
  check_type(name, kind, type);
  return {to_utf8(name), kind, true};
}

}  // namespace

SampleColumns columns_of_descriptor(TupleDesc descriptor) {
  SampleColumns columns = make_columns(descriptor->natts);
  for (int i = 0; i < columns.count; i++) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    columns.columns[i] = make_column(NameStr(attribute->attname), attribute->atttypid);
  }
  return columns;
}

SampleColumns columns_of_definition(const List* names, const List* types) {
  SampleColumns columns = make_columns(list_length(names));
  for (int i = 0; i < columns.count; i++) {
    columns.columns[i] = make_column(strVal(list_nth(names, i)), list_nth_oid(types, i));
  }
  return columns;
}

List* columns_to_plan(const SampleColumns& columns) {
  List* names = NIL;
  List* needed = NIL;
  for (int i = 0; i < columns.count; i++) {
    names = lappend(names, makeString(pstrdup(columns.columns[i].name)));
    needed = lappend_int(needed, columns.columns[i].needed ? 1 : 0);
  }
  return list_make2(names, needed);
}

SampleColumns columns_of_plan(const List* plan) {
  const List* names = static_cast<List*>(linitial(plan));
  const List* needed = static_cast<List*>(lsecond(plan));
  SampleColumns columns = make_columns(list_length(names));
  for (int i = 0; i < columns.count; i++) {
    const char* name = strVal(list_nth(names, i));
    columns.columns[i] = {name, kind_of(name), list_nth_int(needed, i) != 0};
  }
  return columns;
}

}  // namespace simpg
