/*
 * instruction_set.cpp -- asks the CPU once, while the library loads.
 */
#include "core/instruction_set.hpp"

namespace sim {

InstructionSet best_instruction_set() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return InstructionSet::avx512;
  }
  if (__builtin_cpu_supports("avx2")) return InstructionSet::avx2;
#endif
  return InstructionSet::baseline;
}

namespace detail {
// Until this initializer has run the value is baseline, which gives the same bits.
InstructionSet active_instruction_set = best_instruction_set();
}  // namespace detail

bool force_instruction_set(InstructionSet set) {
  if (set > best_instruction_set()) return false;
  detail::active_instruction_set = set;
  return true;
}

}  // namespace sim
