/*
 * instruction_set.hpp -- which vector instructions this CPU has, and how a kernel is compiled for
 * each of them.
 *
 * The library is built for baseline x86-64 and chooses at load.  A kernel is written once, as a
 * struct with a static, always-inlined `run`; `dispatch<Kernel>(arguments...)` calls the copy that
 * was compiled for the instructions at hand:
 *
 *     struct Add {
 *       SIM_INLINE static void run(const double* a, const double* b, double* out, std::size_t n) {
 *         for (std::size_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
 *       }
 *     };
 *     dispatch<Add>(a, b, out, n);
 *
 * The copies give the same bits: the compiler neither reorders nor contracts floating-point
 * operations in this project
 * (-ffp-contract=off, no -ffast-math), so a kernel without a reduction is the same sequence of
 * roundings a lane everywhere.
 */
#pragma once

#include <utility>

#if defined(__x86_64__)
#define SIM_TARGET_AVX2 __attribute__((target("avx2")))
#define SIM_TARGET_AVX512 \
  __attribute__((target("avx2,avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#else
#define SIM_TARGET_AVX2
#define SIM_TARGET_AVX512
#endif
#define SIM_INLINE __attribute__((always_inline)) inline

namespace sim {

enum class InstructionSet { baseline, avx2, avx512 };

namespace detail {
/* Written once while the library loads, and by force_instruction_set. */
extern InstructionSet active_instruction_set;

template <class Kernel, class... Arguments>
SIM_TARGET_AVX512 void run_avx512(Arguments... arguments) {
  Kernel::run(arguments...);
}
template <class Kernel, class... Arguments>
SIM_TARGET_AVX2 void run_avx2(Arguments... arguments) {
  Kernel::run(arguments...);
}
template <class Kernel, class... Arguments>
void run_baseline(Arguments... arguments) {
  Kernel::run(arguments...);
}
}  // namespace detail

/* The best set this CPU has. */
InstructionSet best_instruction_set();

/* The set in use. */
inline InstructionSet instruction_set() { return detail::active_instruction_set; }

/*
 * For tests and benchmarks: use this set from now on.  False, and no change, where the CPU does not
 * have it. Not for use while another thread computes.
 */
bool force_instruction_set(InstructionSet set);

/* The copy of Kernel::run that was compiled for a set, for callers that run it often. */
template <class Kernel, class... Arguments>
inline auto kernel_for(InstructionSet set) -> void (*)(Arguments...) {
  switch (set) {
    case InstructionSet::avx512:
      return detail::run_avx512<Kernel, Arguments...>;
    case InstructionSet::avx2:
      return detail::run_avx2<Kernel, Arguments...>;
    case InstructionSet::baseline:
      break;
  }
  return detail::run_baseline<Kernel, Arguments...>;
}

/* Runs the copy of Kernel::run that was compiled for the instructions in use. */
template <class Kernel, class... Arguments>
inline void dispatch(Arguments... arguments) {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return detail::run_avx512<Kernel>(arguments...);
    case InstructionSet::avx2:
      return detail::run_avx2<Kernel>(arguments...);
    case InstructionSet::baseline:
      break;
  }
  detail::run_baseline<Kernel>(arguments...);
}

}  // namespace sim
