/*
 * number_array.hpp -- arrays of numbers between SQL and the engine.
 */
#pragma once

#include "postgres.hpp"

#include <span>

SIM_SERVER_BEGIN
#include <utils/array.h>
SIM_SERVER_END

namespace simpg {

/* float8[] and bigint[] with these elements, in the current memory context. */
ArrayType* make_array(std::span<const double> numbers);
ArrayType* make_array(std::span<const int64> counts);

/* The elements of a detoasted float8[]; raises 22004 for a null among them, 2202E for more than one
 * dimension. */
std::span<const double> numbers_of(const ArrayType* array);

/* Those of an argument, detoasted in the current memory context; none for NULL. */
std::span<const double> numbers_argument(FunctionCallInfo call, int number);

}  // namespace simpg
