#!/usr/bin/env bash
# guard.sh -- counts the instructions of three small fixed jobs and holds them to stored budgets, as TAP.
#
#   guard.sh           fails where a job needs more than 5 % above its budget, or less than 5 % below it: a gain is kept
#                      by lowering the budget
#   guard.sh --update  writes the budgets anew
#
# Counts are the same on every machine with the same compiler and libraries, however busy it is. Budgets belong to one
# compiler version; with another one the jobs run and are reported, but nothing is held against them.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

readonly kBudgets=$SIM_SOURCE/bench/guard_budgets.txt
readonly kJobs=(paths costs cycles)
readonly kTolerance=5
compiler=$(g++ -dumpfullversion 2>/dev/null || say none)

count_instructions() {
  local out
  out=$(mktemp)
  valgrind --tool=callgrind --callgrind-out-file="$out" --toggle-collect=run_guarded "$SIM_BUILD/bench/bench_guard" "$1" \
    >/dev/null 2>"$out.log" || { cat "$out.log" >&2; rm -f "$out" "$out.log"; return 1; }
  awk '/^(summary|totals):/ { print $2; exit }' "$out"
  rm -f "$out" "$out.log"
}

budget_of() { awk -v job="$1" '$1 == job { print $2 }' "$kBudgets"; }

judge() {
  local job=$1 count budget change
  count=$(count_instructions "$job") || { check "$job runs under valgrind" "it does not"; return; }
  budget=$(budget_of "$job")
  change=$(awk -v a="$count" -v b="${budget:-0}" 'BEGIN { printf "%.1f", (b > 0 ? 100 * (a / b - 1) : 100) }')
  if [[ $compiler != "$(budget_of compiler)" ]]; then
    skip "$job: $count instructions, budgets are for g++ $(budget_of compiler)"
  else
    check "$job stays within $kTolerance % of its budget ($change %)" \
      "$(awk -v c="$change" -v t=$kTolerance -v n="$count" -v b="${budget:-0}" \
        'BEGIN { if (c > t || c < -t) print n " instructions, budget " b; }')"
  fi
}

if ! grep -qw avx2 /proc/cpuinfo; then
  skip "instruction counts: this CPU has no AVX2, which the budgets are for"
  done_testing
  exit 0
fi
if [[ -z $(type -P valgrind) ]]; then
  skip "instruction counts: valgrind is not installed"
  done_testing
  exit 0
fi
cmake --build "$SIM_BUILD" --target bench_guard >"$SIM_BUILD/bench.log" 2>&1 || fail "bench_guard does not build: see $SIM_BUILD/bench.log"
if [[ ${1:-} == --update ]]; then
  {
    say "compiler $compiler"
    for job in "${kJobs[@]}"; do say "$job $(count_instructions "$job")"; done
  } | tee "$kBudgets"
  exit 0
fi
for job in "${kJobs[@]}"; do judge "$job"; done
done_testing
