/*
 * store_binding_rows.hpp -- reads the rows of a binding's view as its owner.
 */
#pragma once

#include "store_binding.hpp"

namespace simpg {

struct BoundColumn {
  const char* name;  // in the database's encoding
  bool is_boolean;
};

/* A view whose columns were checked. */
struct BoundView {
  const char* name;
  Oid owner;
  int column_count;
  BoundColumn* columns;
};

/* See read_binding. Memory: the values, and a thousand rows at a time of what the query gives. */
StoredTable read_bound_rows(const BindingTarget& target, const BoundView& view);

}  // namespace simpg
