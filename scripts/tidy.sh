#!/usr/bin/env bash
# tidy.sh -- runs clang-tidy with the flags each file is compiled with; arguments name files, all else.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

cd "$SIM_SOURCE"
[[ -n $(type -P clang-tidy) ]] || fail "clang-tidy is not installed"
if [[ $# -gt 0 ]]; then
  files=("$@")
else
  mapfile -t files < <(find src -name '*.cpp' | sort)
fi
# g++ takes flags that clang does not know and need not.
clang-tidy -p "$SIM_BUILD" --quiet --extra-arg=-Wno-unknown-warning-option \
  --extra-arg=-Wno-ignored-optimization-argument "${files[@]}"
