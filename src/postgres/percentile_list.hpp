/*
 * percentile_list.hpp -- reads the percentiles that a call asks for.
 */
#pragma once

#include "postgres.hpp"

#include <span>

SIM_SERVER_BEGIN
#include <utils/array.h>
SIM_SERVER_END

namespace simpg {

/*
 * The elements of a detoasted float8[], in the current memory context: one at least, each from 0 to
 * 1.  Raises 22004 for null, which stands for NULL, and for a null among them; 22023 for others.
 */
std::span<const double> percentiles_of(ArrayType* array);

/* Those of an argument. */
std::span<const double> percentiles_argument(FunctionCallInfo call, int number);

}  // namespace simpg
