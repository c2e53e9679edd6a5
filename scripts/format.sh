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
    if ! said=$(clang-format --dry-run -Werror "${files[@]}" 2>&1); then
      grep -oE '^[^ :]+\.[ch]pp' <<<"$said" | sort -u || say "$said"
      exit 1
    fi
    ;;
  *) fail "usage: format.sh apply|check" ;;
esac
