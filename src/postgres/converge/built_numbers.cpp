/*
 * built_numbers.cpp -- takes calls of jsonb_build_object apart.
 */
#include "converge/built_numbers.hpp"

#include <cmath>
#include <cstring>

#include "store_scenario.hpp"

SIM_SERVER_BEGIN
#include <catalog/pg_type.h>
#include <executor/executor.h>
#include <nodes/nodeFuncs.h>
#include <optimizer/clauses.h>
#include <optimizer/optimizer.h>
#include <utils/builtins.h>
#include <utils/float.h>
#include <utils/fmgroids.h>
SIM_SERVER_END

namespace simpg {

namespace {

bool is_known_type(Oid type) {
  return type == FLOAT8OID || type == INT4OID || type == INT8OID || type == NUMERICOID;
}

/* Null where it is none.  A literal has no type of its own here. */
const char* read_key(const Node* node) {
  const auto* constant = reinterpret_cast<const Const*>(node);
  if (!IsA(node, Const) || constant->constisnull) {
    return nullptr;
  }
  switch (constant->consttype) {
    case UNKNOWNOID:
      return DatumGetCString(constant->constvalue);
    case TEXTOID:
      return TextDatumGetCString(constant->constvalue);
    default:
      return nullptr;
  }
}

bool is_taken_apart(const FuncExpr* call) {
  if (call->funcid != F_JSONB_BUILD_OBJECT_ANY || call->funcvariadic ||
      list_length(call->args) % 2 != 0) {
    return false;
  }
  for (int i = 0; i < list_length(call->args); i += 2) {
    if (read_key(static_cast<Node*>(list_nth(call->args, i))) == nullptr ||
        !is_known_type(exprType(static_cast<Node*>(list_nth(call->args, i + 1))))) {
      return false;
    }
  }
  return !contain_volatile_functions(reinterpret_cast<Node*>(const_cast<FuncExpr*>(call))) &&
         !contain_subplans(reinterpret_cast<Node*>(const_cast<FuncExpr*>(call)));
}

/* JSON has a number of its own for each finite double, but none for the sign of zero. */
bool read_double(double value, double* number) {
  *number = value + 0.0;
  return std::isfinite(value) && extra_float_digits > 0;
}

bool read_number(Datum value, Oid type, double* number) {
  switch (type) {
    case INT4OID:
      *number = DatumGetInt32(value);
      return true;
    case INT8OID:
      *number = static_cast<double>(DatumGetInt64(value));
      return true;
    case FLOAT8OID:
      return read_double(DatumGetFloat8(value), number);
    default:
      *number = double_of(DatumGetNumeric(value));
      return std::isfinite(*number);
  }
}

/* The number of overrides where it has none of that key. */
int place_of(const char* key, const StoredLayer& layer) {
  int place = 0;
  while (place < layer.count && strcmp(layer.overrides[place].key, key) != 0) {
    place++;
  }
  return place;
}

}  // namespace

BuiltNumbers find_built_numbers(Expr* argument, PlanState* parent) {
  const auto* call = reinterpret_cast<const FuncExpr*>(argument);
  if (!IsA(argument, FuncExpr) || !is_taken_apart(call)) {
    return {0, nullptr, false};
  }
  const int count = list_length(call->args) / 2;
  auto* numbers = static_cast<BuiltNumber*>(palloc(sizeof(BuiltNumber) * (count + 1)));
  for (int i = 0; i < count; i++) {
    auto* value = static_cast<Expr*>(list_nth(call->args, 2 * i + 1));
    numbers[i].key = read_key(static_cast<Node*>(list_nth(call->args, 2 * i)));
    numbers[i].type = exprType(reinterpret_cast<Node*>(value));
    numbers[i].value = ExecInitExpr(value, parent);
  }
  return {count, numbers, false};
}

void find_places(BuiltNumbers* built, const StoredLayer& layer) {
  if (built->placed || built->count != layer.count) {
    return;
  }
  for (int i = 0; i < built->count; i++) {
    built->numbers[i].place = place_of(built->numbers[i].key, layer);
    if (built->numbers[i].place == layer.count) {
      return;
    }
  }
  built->placed = true;
}

bool evaluate_numbers(const BuiltNumbers& built, ExprContext* context, double* numbers) {
  for (int i = 0; i < built.count && built.placed; i++) {
    const BuiltNumber& number = built.numbers[i];
    bool is_null;
    const Datum value = ExecEvalExprSwitchContext(number.value, context, &is_null);
    if (is_null || !read_number(value, number.type, &numbers[number.place])) {
      return false;
    }
  }
  return built.placed;
}

}  // namespace simpg
