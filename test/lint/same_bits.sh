#!/usr/bin/env bash
# same_bits.sh -- nothing that could give other bits on another machine reaches a result.
#
# Read three times: in the flags each file is compiled with, in the sources, and in the symbols the
# compiled engine asks the system for. The last cannot be talked round: Boost.Math or Eigen calling
# libm's exp inside a template shows there as well.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh
build=${SIM_BUILD:-build}

readonly kFlags='-march=|-mtune=native|-ffast-math|-Ofast|-fassociative-math|-freciprocal-math|-ffinite-math-only|-fno-signed-zeros|-funsafe-math|-fcx-limited|-ffp-contract=(fast|on)|-mfma'
readonly kMath='(exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|sin|cos|tan|sincos|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|hypot|erf|erfc|tgamma|lgamma|lgamma_r|gamma|j0|j1|y0|y1|jn|yn)'
readonly kChance='(rand|random|srand|srandom|rand_r|drand48|time|clock|clock_gettime|gettimeofday|getrandom|getentropy|arc4random|getenv|setlocale|pthread_self|omp_get_thread_num)'

engine_flags() { grep -E '"command"' "$build/compile_commands.json" | grep -E 'src/engine/[^ ]*\.cpp'; }

check "no file is compiled with a flag that changes results" \
  "$(grep -E '"command"' "$build/compile_commands.json" | grep -oE "(^| )($kFlags)[^ ]*" | sort -u)"
check "every file of the engine is compiled with -ffp-contract=off" "$(engine_flags | grep -v -e '-ffp-contract=off' || true)"
check "no source file chooses flags of its own" \
  "$(grep -rnE 'optimize *\(|# *pragma +GCC +optimize|# *pragma +STDC +FP_CONTRACT' --include='*.[ch]pp' src || true)"
check "the engine names no libm function but the exact ones" \
  "$(grep -rnE "std::$kMath *\(" --include='*.[ch]pp' src/engine || true)"
check "the engine uses no chance, clock, thread id or unordered container" \
  "$(grep -rnE 'std::s?rand\b|random_device|mt19937|std::chrono|_clock\b|omp_get_thread_num|this_thread|unordered_(multi)?(map|set)|std::locale|setlocale' \
    --include='*.[ch]pp' src/engine || true)"

library=$build/src/engine/libsimulate_engine.a
if [[ -e $library ]]; then
  symbols=$(nm -u --no-demangle "$library" | awk '$1 == "U" { print $2 }' | sort -u)
  check "the compiled engine asks libm for exact functions only" \
    "$(grep -xE "(__)?${kMath}[fl]?(_finite)?(@.*)?" <<<"$symbols" || true)"
  check "the compiled engine asks the system for no chance, clock or setting" \
    "$(grep -xE "$kChance|.*random_device.*|.*chrono.*(steady|system)_clock.*now.*" <<<"$symbols" || true)"
fi
done_testing
