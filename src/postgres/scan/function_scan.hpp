/*
 * function_scan.hpp -- a CustomScan in the place of one of the extension's functions in FROM.
 *
 * The plan is the same for all of them: no relation to open, so scanrelid is 0 and
 * custom_scan_tlist describes the columns that the query reads; the arguments in custom_exprs,
 * where the planner turns LATERAL references into parameters; rows and cost as the planner
 * estimated them for the function.
 */
#pragma once

#include "postgres.hpp"

#include "scan/known_functions.hpp"

SIM_SERVER_BEGIN
#include <nodes/extensible.h>
SIM_SERVER_END

namespace simpg {

struct FunctionScan {
  KnownFunction function;
  int argument_count;
  bool parallel_safe;  // whether workers may run it
  const CustomScanMethods* methods;
};

/* Lets the scan take the place of the function; once each, when the module is loaded. The methods
 * must be registered with the server by the caller. */
void register_function_scan(const FunctionScan& scan);

/* A planner support function that does nothing but learn which function it was asked for. */
Datum learn_from_request(FunctionCallInfo call, KnownFunction function);

/* What the executor needs of the plan. */
struct FunctionScanParts {
  KnownFunction function;
  Oid identifier;
  List* arguments;  // of ExprState
  int column_count;
  int* columns;  // of the function, from 0, for each column of the scan
};

FunctionScanParts open_function_scan(CustomScanState* node);

/* Of the function's rows, all columns, in the current memory context. */
TupleDesc describe_function(const FunctionScanParts& parts);

/* Evaluates one of the arguments, counted from 0. */
Datum evaluate_argument(const FunctionScanParts& parts, CustomScanState* node, int argument,
                        bool* is_null);

/* Evaluates the arguments into values and nulls, one each. */
void evaluate_arguments(const FunctionScanParts& parts, CustomScanState* node, Datum* values,
                        bool* nulls);

/* Whether EXPLAIN can evaluate the arguments: they have values before the query runs, and the query
 * will not run.  One that has run is explained without a snapshot to read anything under. */
bool known_when_planned(const CustomScanState* node);

}  // namespace simpg
