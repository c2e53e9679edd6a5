/*
 * sample_columns.hpp -- the columns a caller of sim.samples asks for, from its column definition
 * list.
 *
 * trial is bigint, step is integer, every other name is an output or another variable of the model
 * and double precision.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

enum class ColumnKind { trial, step, output };

struct SampleColumn {
  const char* name;  // UTF-8
  ColumnKind kind;
  bool needed;  // whether the query reads it; what it does not read is not computed
};

struct SampleColumns {
  int count;
  SampleColumn* columns;
};

/* All columns needed. Raises 42804 for a column of another type than it must have. */
SampleColumns columns_of_descriptor(TupleDesc descriptor);

/* The same from the lists that a query's range table holds: names (String) and types (OID). */
SampleColumns columns_of_definition(const List* names, const List* types);

/* As a node that a plan can carry: a list of names, and one of integers that tell which are needed;
 * and back. */
List* columns_to_plan(const SampleColumns& columns);
SampleColumns columns_of_plan(const List* plan);

}  // namespace simpg
