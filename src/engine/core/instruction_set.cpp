/*
 * instruction_set.cpp -- which instructions the CPU has, found out while the library loads.
 *
 * The C library has asked the CPU when the process began.  To ask again takes a virtual machine
 * some 0.1 ms, and a parallel worker loads the library anew.
 */
#include "core/instruction_set.hpp"

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define SIM_ASK_C_LIBRARY
#endif

namespace sim {

InstructionSet best_instruction_set() {
#if defined(SIM_ASK_C_LIBRARY)
  if (CPU_FEATURE_ACTIVE(AVX512F) && CPU_FEATURE_ACTIVE(AVX512DQ) && CPU_FEATURE_ACTIVE(AVX512VL)) {
    return InstructionSet::avx512;
  }
  if (CPU_FEATURE_ACTIVE(AVX2)) return InstructionSet::avx2;
#elif defined(__x86_64__)
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
