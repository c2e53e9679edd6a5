/*
 * sketch_argument.hpp -- a sketch that a call gives as two arrays.
 */
#pragma once

#include "postgres.hpp"

#include "runs/number_array.hpp"
#include "summary/quantile_sketch.hpp"

namespace simpg {

/* The levels and values in two arguments from `first`; raises 22023 where they are no sketch. */
sim::QuantileSketch sketch_argument(FunctionCallInfo call, int first);

}  // namespace simpg
