/*
 * known_functions.hpp -- tells the extension's functions by their identifiers, at the price of a
 * few comparisons.
 *
 * The planner asks the support function of a function in FROM for its rows before it calls the
 * hooks that offer other paths: a support function therefore notes for which function it was asked,
 * and the hooks of queries without such a function find nothing noted.  What was noted is forgotten
 * when that row of pg_proc changes.
 */
#pragma once

#include "postgres.hpp"

namespace simpg {

enum class KnownFunction {
  none,
  samples,
  chunks,
  monte_carlo,
  percentiles,
  compare,
  converge,
  result_keys
};

void learn_function(KnownFunction function, Oid identifier);

KnownFunction find_function(Oid identifier);

}  // namespace simpg
