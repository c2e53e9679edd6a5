#!/usr/bin/env bash
# format.sh -- applies .clang-format, or says which files it would change.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

cd "$SIM_SOURCE"
[[ -n $(type -P clang-format) ]] || fail "clang-format is not installed"
mapfile -t files < <(find src test bench -name '*.[ch]pp' | sort)
case ${1:-} in
  apply) clang-format -i "${files[@]}" ;;
  check)
    unformatted=0
    for file in "${files[@]}"; do
      if ! clang-format --dry-run -Werror "$file" 2>/dev/null; then
        say "$file"
        unformatted=1
      fi
    done
    exit $unformatted
    ;;
  *) fail "usage: format.sh apply|check" ;;
esac
