#!/usr/bin/env bash
# test.sh -- runs the tests and counts them: the last line is "N passed, N failed", and nothing else.
#
#   test.sh             everything
#   test.sh lint        the rules a machine can check
#   test.sh sanitize    what runs under AddressSanitizer and UBSan
#
# ONLY=text keeps to the files whose name contains the text ("engine" for the engine's tests). What each
# file printed is kept in the build folder under test-logs/; failures are shown.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

readonly kPart=${1:-all}
export SIM_TEST_LOGS=$SIM_BUILD/test-logs
# shellcheck source=test/harness/record.sh
source "$SIM_SOURCE/test/harness/record.sh"

wanted() { [[ $kPart == all || $kPart == "$1" ]] && [[ -z ${ONLY:-} || $2 == *"$ONLY"* ]]; }

# run_script NAME COMMAND...: what it prints is recorded as NAME.
run_script() {
  local name=$1 status=0 began=$SECONDS
  shift
  bash "$@" >"$(log_of "$name")" 2>&1 || status=$?
  record "$name" $status "$began"
}

# require_record NAME STATUS WHY: a failure where nothing was recorded.
require_record() {
  if ! recorded "$1"; then
    say "Bail out! $3" >>"$(log_of "$1")"
    record "$1" "$2" "$SECONDS"
  fi
}

run_lints() {
  local file
  for file in test/lint/*.sh; do
    if wanted lint "$file"; then
      run_script "$file" "$file"
    fi
  done
}

# GoogleTest as TAP: every test that is listed must report, so a crash fails all that did not.
gtest_as_tap() {
  local program=$1
  say "1..$("$program" --gtest_list_tests | grep -c '^  ')"
  "$program" --gtest_color=no 2>&1 | awk '
    /^\[ RUN / { said = ""; next }
    /^\[       OK \] .* ms\)$/ { print "ok - " substr($0, 14); next }
    /^\[  SKIPPED \] .* ms\)$/ { print "ok - " substr($0, 14) " # SKIP"; next }
    /^\[  FAILED  \] .* ms\)$/ { print "not ok - " substr($0, 14); printf "%s", said; said = ""; next }
    { said = said "# " $0 "\n" }
    END { printf "%s", said }'
}

run_engine_tests() {
  local name=$1 folder=$2 status=0 began=$SECONDS
  gtest_as_tap "$folder/test/engine_tests" >"$(log_of "$name")" 2>&1 || status=$?
  record "$name" $status "$began"
}

# Instruction sets, C libraries and machines against each other; instructions against their budgets.
run_engine_scripts() {
  local file
  for file in test/bits/same_bits.sh bench/guard.sh; do
    if wanted engine "$file"; then
      run_script "$file" "$file"
    fi
  done
}

# The files that need a server share one private cluster; each has a database of its own.
run_server_tests() {
  local folder=$1 prefix=$2 files=() file status=0
  shift 2
  for file in "$@"; do
    if [[ -e $SIM_SOURCE/$file ]] && [[ -z ${ONLY:-} || $prefix$file == *"$ONLY"* ]]; then
      files+=("$file")
    fi
  done
  [[ ${#files[@]} -gt 0 ]] || return 0
  BUILD=$folder SIM_KEEP_SERVER_LOG=$(log_of "${prefix}server") "$SIM_SOURCE/scripts/cluster.sh" run \
    "$SIM_SOURCE/test/harness/server_tests.sh" "$prefix" "${files[@]}" || status=$?
  for file in "${files[@]}"; do
    require_record "$prefix$file" $status "the cluster ended before this file did"
  done
}

# run_sanitized_engine NAME FOLDER FILTER: those of the engine's tests that the filter names.
run_sanitized_engine() {
  # Ten frames of where memory was taken are enough to find it; keeping more takes a tenth of the time.
  ASAN_OPTIONS=detect_leaks=1:malloc_context_size=10 UBSAN_OPTIONS=print_stacktrace=1 GTEST_FILTER=$3 run_engine_tests "$1" "$2"
}

sanitizes() { [[ $kPart == all || $kPart == sanitize ]] && [[ -z ${ONLY:-} || sanitize == *"$ONLY"* ]]; }

# build_sanitized: beside the tests without sanitizers, which leave a core idle.
build_sanitized() {
  renice -n 10 "$BASHPID" >/dev/null
  build_in "$SIM_BUILD/sanitize" -DSIM_SANITIZE=address,undefined
}

# run_sanitized PROCESS: when the process has built them.
run_sanitized() {
  local folder=$SIM_BUILD/sanitize runtime damaged='DamagedTexts.*'
  if ! wait "$1"; then
    say "0 1 sanitize/build" >>"$kResults"
    return
  fi
  # On one core, while the server's tests use the other; they are through earlier, and one long test is left for them.
  run_sanitized_engine sanitize/engine_tests "$folder" "-$damaged" &
  SIM_BUILD=$folder run_script sanitize/test/bits/same_bits.sh test/bits/same_bits.sh results
  # Without libstdc++ beside it the runtime cannot follow an exception thrown in a loaded module.
  runtime=$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libstdc++.so.6):$folder/test/libearly_start.so
  ONLY='' SIM_CLUSTER_PRELOAD=$runtime run_server_tests "$folder" sanitize/ test/sanitize/*.sql test/sql/*.sql
  run_sanitized_engine sanitize/damaged_texts "$folder" "$damaged"
  wait
  require_record sanitize/engine_tests 1 "the tests ended before they had reported"
}

main() {
  local building
  rm -rf "$SIM_TEST_LOGS"
  mkdir -p "$SIM_TEST_LOGS"
  : >"$kResults"
  cd "$SIM_SOURCE"
  if ! "$SIM_SOURCE/scripts/build.sh"; then
    say "0 1 build" >>"$kResults"
  else
    if sanitizes; then
      build_sanitized &
      building=$!
    fi
    run_lints
    if wanted engine engine; then
      run_engine_tests engine_tests "$SIM_BUILD"
    fi
    run_engine_scripts
    if [[ $kPart == all ]]; then
      run_server_tests "$SIM_BUILD" "" test/sql/*.sql test/isolation/*.sh test/server/*.sh \
        test/harness/docs_examples.sh
    fi
    if sanitizes; then
      run_sanitized "$building"
    fi
  fi
  awk '{ passed += $1; failed += $2 } END { print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 }' "$kResults"
}

main
