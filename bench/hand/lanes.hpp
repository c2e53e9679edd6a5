/*
 * lanes.hpp -- vector instructions for the hand-written rivals, fused multiply-add included.
 *
 * As the engine's own dispatch, but free to use FMA: a rival need not give the same bits
 * everywhere.  A kernel is a struct with a static, always-inlined run().
 */
#pragma once

#include "core/instruction_set.hpp"

#if defined(__x86_64__)
#define BENCH_TARGET_AVX2 __attribute__((target("avx2,fma")))
#define BENCH_TARGET_AVX512 \
  __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#else
#define BENCH_TARGET_AVX2
#define BENCH_TARGET_AVX512
#endif

namespace bench {

template <class Kernel, class... Arguments>
BENCH_TARGET_AVX512 void run_avx512(Arguments... arguments) {
  Kernel::run(arguments...);
}
template <class Kernel, class... Arguments>
BENCH_TARGET_AVX2 void run_avx2(Arguments... arguments) {
  Kernel::run(arguments...);
}
template <class Kernel, class... Arguments>
void run_baseline(Arguments... arguments) {
  Kernel::run(arguments...);
}

template <class Kernel, class... Arguments>
void run_widest(Arguments... arguments) {
  switch (sim::instruction_set()) {
    case sim::InstructionSet::avx512:
      return run_avx512<Kernel>(arguments...);
    case sim::InstructionSet::avx2:
      return run_avx2<Kernel>(arguments...);
    case sim::InstructionSet::baseline:
      break;
  }
  run_baseline<Kernel>(arguments...);
}

}  // namespace bench
