#!/usr/bin/env bash
# same_bits.sh -- the same bits from every instruction set, from every version of the C library's functions, and
# from every machine: fingerprints of results are compared with each other and with the stored ones.
#
#   same_bits.sh            tests, as TAP
#   same_bits.sh results    the same without the engine's tests: for a build with sanitizers
#   same_bits.sh --update   stores the fingerprints of this build, after a change of what is computed
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

readonly kStored=test/reference/fingerprints.txt
# glibc chooses its own functions by these: without them exp, log, pow and sin give other bits.
readonly kOldCpu=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F

# Suites about reading and refusing texts, some of them long: code that is compiled once and looks at no value that
# vector instructions computed. They have run with the best set, and take four tenths of the time.
readonly kTexts='DamagedTexts.*:Expressions.*:Graph.*:Limits.*:Robustness.*:Size.*'

fingerprint() { "$SIM_BUILD/test/engine_fingerprint" "$@"; }
results() { grep -v '^libm '; }

usual=$(fingerprint)
if [[ ${1:-} == --update ]]; then
  results <<<"$usual" >"$kStored"
  exit 0
fi
check "the fingerprints are those stored" "$(diff <(cat "$kStored") <(results <<<"$usual") || true)"
available=()
for set in baseline avx2 avx512; do
  if found=$(fingerprint "$set"); then
    available+=("$set")
    check_same "$set gives the same bits" "$found" "$usual"
  else
    skip "$set: this CPU does not have it"
  fi
done
# With the best set the tests have run already.
unset 'available[-1]'
[[ ${1:-} != results ]] || available=()
for set in "${available[@]}"; do
  check "the engine's tests pass with $set" \
    "$(SIM_TEST_INSTRUCTION_SET=$set GTEST_FILTER="-$kTexts" "$SIM_BUILD/test/engine_tests" --gtest_brief=1 2>&1 | grep -vE '^\[  PASSED|^Running main|^\[==========\]|^$' || true)"
done
old=$(GLIBC_TUNABLES=$kOldCpu fingerprint)
check_same "the C library's functions of an older CPU change no result" "$(results <<<"$old")" "$(results <<<"$usual")"
if [[ $old == "$usual" ]]; then
  skip "this C library gives the same on an older CPU by itself"
else
  check "they would, if a result depended on them" ""
fi
done_testing
