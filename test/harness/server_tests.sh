#!/usr/bin/env bash
# server_tests.sh -- runs test files against the private cluster it was started in, and records each.
#
# server_tests.sh PREFIX FILE...   each FILE is a pgTAP script (.sql) or a program that prints TAP (.sh)
#
# Each file gets a fresh database of its own, in which pgtap (in schema public) and pg_simulate are
# created. A .sh file finds it through PGDATABASE and may restart the cluster with cluster.sh restart.
# A server process that dies of a fault, or a sanitizer that speaks, fails the file during which it
# happened; so does a file that takes longer than SIM_TEST_SECONDS.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/record.sh
source "$SIM_SOURCE/test/harness/record.sh"

readonly kPrefix=$1
readonly kSeconds=${SIM_TEST_SECONDS:-300}
shift

# The server's log since byte $1, where it tells of a fault.
faults_since() {
  tail -c "+$(($1 + 1))" "$SIM_SERVER_LOG" |
    grep -aE 'was terminated by signal (4|6|7|8|11)\b|PANIC:|TRAP:|AddressSanitizer|runtime error:' || true
}

# Runs a file in the database PGDATABASE, for so long.
run_file() {
  local program=(bash "$SIM_SOURCE/$1")
  if [[ $1 == *.sql ]]; then
    program=(psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$SIM_SOURCE/$1")
  fi
  timeout -k 10 "$kSeconds" "${program[@]}" </dev/null 2>&1
}

# Runs a file in a database made for it and records what it says.
test_file() {
  local file=$1 database=$2 began=$SECONDS status=0 log log_start faults
  log=$(log_of "$kPrefix$file")
  log_start=$(stat -c %s "$SIM_SERVER_LOG")
  createdb -T test_template "$database" >"$log" 2>&1 || status=1
  if [[ $status -eq 0 ]]; then
    PGDATABASE=$database run_file "$file" >"$log" || status=$?
  fi
  if [[ $status -eq 124 || $status -eq 137 ]]; then
    say "Bail out! longer than $kSeconds seconds" >>"$log"
  fi
  faults=$(faults_since "$log_start")
  if [[ -n $faults ]]; then
    { say "Bail out! the server had a fault" && printf '%s\n' "$faults" | sed 's/^/# /'; } >>"$log"
  fi
  record "$kPrefix$file" "$status" "$began"
  dropdb --if-exists --force "$database" >/dev/null 2>&1 || true
}

createdb test_template
psql -X -q -v ON_ERROR_STOP=1 -d test_template -c 'CREATE EXTENSION pgtap SCHEMA public' \
  -c 'CREATE EXTENSION pg_simulate'
number=0
for file in "$@"; do
  number=$((number + 1))
  test_file "$file" "test_$number"
done
