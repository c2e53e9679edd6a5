# record.sh -- keeps what each test file said: its log, its counts, one line on the screen. Sourced, never run.
# shellcheck shell=bash
# shellcheck source=test/harness/tap.sh
source "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

readonly kResults=$SIM_TEST_LOGS/results

# The log that the test file named $1 writes to.
log_of() { printf '%s\n' "$SIM_TEST_LOGS/$(tr '/' '_' <<<"$1").log"; }

# Was the file named $1 recorded?
recorded() { cut -d ' ' -f 3- "$kResults" | grep -qxF "$1"; }

# Adds to the results what the file named $1 said and prints a line about it. $2 is the status of its
# process, $3 the second it began in, as SECONDS counts them.
record() {
  local name=$1 log passed failed skipped notes=''
  log=$(log_of "$name")
  read -r passed failed skipped < <(count_tap "$log" "$2")
  printf '%d %d %s\n' "$passed" "$failed" "$name" >>"$kResults"
  [[ $failed -eq 0 ]] || notes+=", $failed failed"
  [[ $skipped -eq 0 ]] || notes+=", $skipped skipped"
  [[ $((SECONDS - $3)) -lt 10 ]] || notes+=", $((SECONDS - $3)) s"
  printf '%-7s %-42s %5d passed%s\n' "$([[ $failed -eq 0 ]] && echo ok || echo FAILED)" "$name" "$passed" "$notes"
  [[ $failed -eq 0 ]] || show_failures "$log"
}
