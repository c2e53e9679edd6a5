#!/usr/bin/env bash
# headers_check.sh -- does the module compile against the headers of other servers?
#
# Every folder with a server's postgres.h counts: those of this machine under /usr/include/postgresql,
# and those that SIM_PG_HEADERS names, separated by blanks (a package may be unpacked anywhere).
# Syntax only: nothing is linked, so a server's headers are enough.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

cd "$SIM_SOURCE"
read -ra folders <<<"${SIM_PG_HEADERS:-}"
for folder in /usr/include/postgresql/*/server; do
  if [[ -e $folder ]]; then
    folders+=("$folder")
  fi
done
[[ ${#folders[@]} -gt 0 ]] || fail "no server headers found"

compile_against() {
  find src/postgres -name '*.cpp' -print0 |
    xargs -0 -P "${JOBS:-$(nproc)}" -n 1 "${CXX:-g++}" -std=c++20 -fsyntax-only -Wall -Wextra -Werror \
      -fno-strict-aliasing -fwrapv -fopenmp-simd -DSIM_VERSION='"check"' \
      -Isrc/engine -Isrc/postgres -isystem "$1"
}

failed=0
for folder in "${folders[@]}"; do
  version=$(sed -n 's/^#define PG_VERSION "\(.*\)"/\1/p' "$folder"/pg_config*.h | head -n 1)
  if compile_against "$folder"; then
    say "PostgreSQL $version: compiles"
  else
    say "PostgreSQL $version: does not compile"
    failed=1
  fi
done
exit $failed
