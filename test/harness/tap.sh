# tap.sh -- writing and counting test results as TAP, the Test Anything Protocol. Sourced, never run.
# shellcheck shell=bash
#
# Writing: check, check_same and done_testing.  Counting: count_tap, which trusts nothing: no plan, too
# few tests, a process that ended badly are failures even when every printed line says ok.

tap_number=0

# Passes when the second argument is empty; else the test fails and the argument says why.
check() {
  local description=$1 findings=$2
  tap_number=$((tap_number + 1))
  if [[ -z $findings ]]; then
    printf 'ok %d - %s\n' "$tap_number" "$description"
  else
    printf 'not ok %d - %s\n' "$tap_number" "$description"
    printf '%s\n' "$findings" | head -n 40 | sed 's/^/# /'
  fi
}

# Passes when both texts are the same.
check_same() {
  local description=$1 have=$2 want=$3
  if [[ $have == "$want" ]]; then
    check "$description" ""
  else
    check "$description" "$(printf 'have: %s\nwant: %s' "$have" "$want")"
  fi
}

# The test is left out, for a reason that is printed.
skip() {
  tap_number=$((tap_number + 1))
  printf 'ok %d - %s # SKIP %s\n' "$tap_number" "$1" "$2"
}

done_testing() { printf '1..%d\n' "$tap_number"; }

# Prints "<passed> <failed> <skipped>" of the TAP in file $1 whose process ended with status $2.
count_tap() {
  awk -v status="$2" '
    /^ok / { seen++; if ($0 ~ /# [Ss][Kk][Ii][Pp]/) skipped++; else passed++ }
    /^not ok / { seen++; failed++ }
    /^Bail out!/ { failed++ }
    /^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; has_plan = 1 }
    END {
      if (!has_plan) failed++
      else if (planned > seen) failed += planned - seen
      else if (planned < seen) failed++
      if (status != 0 && failed == 0) failed++
      print passed + 0, failed + 0, skipped + 0
    }' "$1"
}

# Prints the failed tests of a TAP file with what they said, and what psql or the shell complained about.
show_failures() {
  awk '
    /^not ok / { print "  " $0; showing = 1; next }
    /^ok / || /^1\.\./ { showing = 0; next }
    showing && /^#/ { print "  " $0; next }
    /ERROR:|FATAL:|PANIC:|DETAIL:|HINT:|error:|Bail out!|runtime error|Sanitizer/ { print "  " $0 }
  ' "$1" | head -n 60
}
