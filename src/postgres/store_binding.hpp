/*
 * store_binding.hpp -- bindings: which view supplies which name of a model, and what its rows are.
 *
 * A binding is a view in schema sim_bindings.  Its rows are read as the view's owner, in a
 * security-restricted operation and with search_path pinned, whoever runs the model: nobody lends
 * the query more rights than its owner has, and nobody can slip functions or tables of his own
 * under it.  When an error leaves such a read, the server itself restores user and settings, as
 * after any statement that failed.
 */
#pragma once

#include "store.hpp"

#include "experiment/inspect.hpp"

namespace simpg {

/* A row of sim.stored_bindings; the name is in the database's encoding. */
struct BindingRow {
  const char* name;
  Oid view;
  bool ordered;              // the query had an ORDER BY
  ArrayType* sources;        // qualified names of what the query reads: text[]
  ArrayType* source_owners;  // regrole[]
  Oid owner;                 // who bound it
};

struct BindingRows {
  int count;
  BindingRow* rows;
};

BindingRows read_binding_rows(int32 model_id);

/* What a model's text wants of a name that a query may supply: either a data block or an input. */
struct BindingTarget {
  const char* name;  // UTF-8
  const sim::DataRow* block;
  const sim::VariableRow* input;
  int64 steps;
};

/* False when the text has neither a data block nor an input of that (UTF-8) name. */
bool find_target(const sim::ModelDescription& description, const char* name, BindingTarget* target);

/*
 * Checks that the view's columns fit: their names for a data block, one alone for an input, types
 * that are numbers, an ORDER BY where the order of rows matters.  Raises 42703, 42804, 22023; 55000
 * when the view is gone.
 */
void check_binding(const BindingTarget& target, const BindingRow& binding);

/*
 * Checks and reads the rows.  Raises besides: 22004 for NULL with row and column, 22000 for values
 * that are not finite and for too few or too many rows, 22003 for an input outside its range, and
 * what the query itself raises.
 */
StoredTable read_binding(const BindingTarget& target, const BindingRow& binding);

/* Drops the view, if it is still there. Raises 2BP01 when something else uses it. */
void drop_binding_view(Oid view);

}  // namespace simpg
