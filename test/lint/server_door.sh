#!/usr/bin/env bash
# server_door.sh -- one door to the server's headers, one place for version tests, one to Eigen and OpenMP.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

# A source file meets postgres.hpp first, directly or as the first include of its own header.
first_include() { grep -m 1 -E '^ *# *include' "$1" | sed -E 's/.*["<](.*)[">].*/\1/'; }

door_is_first() {
  local file=$1 depth=${2:-0} included header
  included=$(first_include "$file" || true)
  case $included in
    postgres.hpp | postgres/postgres.hpp) return 0 ;;
    "") return 0 ;;
  esac
  for header in "$(dirname "$file")/$included" "src/postgres/$included" "src/$included"; do
    if [[ -e $header && $depth -lt 3 ]]; then
      door_is_first "$header" $((depth + 1))
      return
    fi
  done
  return 1
}

files_with_another_first_include() {
  local file
  while read -r file; do
    door_is_first "$file" || printf '%s\n' "$file"
  done < <(find src/postgres -name '*.[ch]pp' ! -name postgres.hpp ! -name compat.hpp | sort)
}

check "postgres.hpp is the first include of src/postgres" "$(files_with_another_first_include)"
check "only postgres.hpp includes postgres.h and fmgr.h" \
  "$(grep -rnE '# *include *[<"](postgres|fmgr)\.h[>"]' src/postgres | grep -v '^src/postgres/postgres.hpp:' || true)"
check "only compat.hpp asks for the server's version" \
  "$(grep -rnw 'PG_VERSION_NUM' --include='*.[ch]pp' src | grep -v '^src/postgres/compat.hpp:' || true)"
check "only core/eigen.hpp includes Eigen" \
  "$(grep -rnE '# *include *[<"]Eigen' src | grep -v '^src/engine/core/eigen.hpp:' || true)"
check "only core/parallel.hpp starts OpenMP threads" \
  "$(grep -rnE '# *include *<omp\.h>|# *pragma +omp +(parallel|task|for)' src | grep -v '^src/engine/core/parallel.hpp:' || true)"
done_testing
