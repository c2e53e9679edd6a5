/*
 * built_numbers.hpp -- overrides that a query builds out of names and numbers, read without the
 * JSON in between.
 *
 * jsonb_build_object('energy', e.price) for each row of a table is how one converges a model over
 * the table, and building the object takes longer than solving a small model.
 */
#pragma once

#include "store.hpp"

SIM_SERVER_BEGIN
#include <nodes/execnodes.h>
SIM_SERVER_END

namespace simpg {

/* One key of the object. */
struct BuiltNumber {
  const char* key;  // in the database's encoding
  Oid type;
  ExprState* value;
  int place;  // among the overrides of a layer
};

struct BuiltNumbers {
  int count;  // 0: the argument is something else
  BuiltNumber* numbers;
  bool placed;  // their places have been found
};

/* What the expression builds, in the current memory context. It must not be of those whose values
 * change when they are evaluated twice. */
BuiltNumbers find_built_numbers(Expr* argument, PlanState* parent);

/* Finds the places of the keys in the layer that the object has given, where that is not done. */
void find_places(BuiltNumbers* built, const StoredLayer& layer);

/*
 * Evaluates the numbers into their places; false where those are unknown, or where the object has
 * something else than a number for one.
 */
bool evaluate_numbers(const BuiltNumbers& built, ExprContext* context, double* numbers);

}  // namespace simpg
