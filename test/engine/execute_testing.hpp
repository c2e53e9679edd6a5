/*
 * execute_testing.hpp -- what the tests of kernels share.
 */
#pragma once

#include <gtest/gtest.h>

#include "core/instruction_set.hpp"

namespace sim::testing {

/* Runs a test on each instruction set this CPU has, and puts back the best. */
template <class Action>
void on_each_instruction_set(const Action& action) {
  for (const InstructionSet set :
       {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!force_instruction_set(set)) continue;
    SCOPED_TRACE(static_cast<int>(set));
    action();
  }
  force_instruction_set(best_instruction_set());
}

}  // namespace sim::testing
