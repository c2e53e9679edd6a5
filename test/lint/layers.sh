#!/usr/bin/env bash
# layers.sh -- includes point downward only: the table below says which room may include which.
#
# A room may always include itself. A capability does not know another capability, and the engine does
# not know the server.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

declare -A may_include=(
  [core]=""
  [catalogue]="core"
  [summary]="core"
  [chart]="core"
  [random]="core catalogue"
  [language]="core catalogue"
  [model]="core catalogue language"
  [solve]="core language model"
  [execute]="core catalogue language model random solve"
  [process]="core random language model summary"
  [workbook]="core language model"
  [experiment]="core catalogue language model random solve execute summary"
)

forbidden_includes() {
  local file line included room
  while IFS=: read -r file line; do
    room=${file#src/engine/}
    room=${room%%/*}
    included=${line#*\"}
    included=${included%%/*}
    case " $room ${may_include[$room]-} " in
      *" $included "*) ;;
      *) printf '%s: %s\n' "$file" "$line" ;;
    esac
  done < <(grep -rE '^ *# *include *"' --include='*.[ch]pp' src/engine)
}

unknown_rooms() {
  local room
  for room in src/engine/*/; do
    room=$(basename "$room")
    [[ -v may_include[$room] ]] || printf 'src/engine/%s is not in the table\n' "$room"
  done
}

tests_without_room() {
  local file room
  for file in test/engine/*_test.cpp; do
    [[ -e $file ]] || continue
    room=$(basename "$file")
    [[ -d src/engine/${room%%_*} ]] || printf '%s\n' "$file"
  done
}

check "every room of the engine stands in the table" "$(unknown_rooms)"
check "rooms include downward only" "$(forbidden_includes)"
check "the engine includes no server header" "$(grep -rnE \
  '# *include *[<"](postgres|fmgr|funcapi|miscadmin|(access|catalog|commands|executor|lib|libpq|nodes|optimizer|parser|rewrite|storage|tcop|utils)/)' \
  src/engine || true)"
check "the engine has no PG_ macro, Datum or ereport" "$(grep -rnwE \
  'PG_[A-Z_]+|Datum|ereport|elog|palloc|SPI_[a-z]+|CHECK_FOR_INTERRUPTS' --include='*.[ch]pp' src/engine || true)"
check "an engine test is named after its room" "$(tests_without_room)"
done_testing
