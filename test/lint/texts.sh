#!/usr/bin/env bash
# texts.sh -- what every file owes its reader: an opening comment, a readable length, no loose ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

sources() {
  find src test sql scripts cmake bench examples .ci Makefile CMakeLists.txt -type f \
    \( -name '*.[ch]pp' -o -name '*.sql' -o -name '*.sh' -o -name '*.cmake' -o -name '*.awk' -o -name '*.py' \
    -o -name '*.map' -o -name CMakeLists.txt -o -name Makefile -o -path .ci/run \) 2>/dev/null | sort
}

without_opening() {
  local IFS=$'\n' file name lines
  while read -r file; do
    name=${file##*/}
    mapfile -t -n 3 lines <"$file"
    [[ ${lines[*]} =~ ${name%%.*}([.][a-z]+)?" -- ". ]] || printf '%s\n' "$file"
  done < <(sources)
}

longer_than() {
  sources | grep -E '^(src|sql|scripts|cmake)/' | xargs wc -l |
    awk -v limit="$1" '$1 > limit && $2 != "total" { print $2 ": " $1 " lines" }'
}

check "every file opens with: name -- what it is" "$(without_opening)"
check "no file of src, sql, scripts or cmake is longer than 400 lines" "$(longer_than 400)"
check "nothing is left open" "$(sources | grep -v '^test/lint/texts.sh$' | xargs grep -nwE \
  'TODO|FIXME|XXX|HACK|not (yet )?implemented|placeholder|stub' || true)"
check "no tab, no trailing blank" "$(sources | grep -v Makefile | xargs grep -nP '\t| +$' || true)"
check "no file ends without a newline" "$(sources | xargs grep -zLP '\n\z' || true)"
check "no machine's path" "$(sources | xargs grep -nE '/home/|/root/|/work/' | grep -v '^test/lint/texts.sh' || true)"
done_testing
