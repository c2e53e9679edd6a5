#!/usr/bin/env bash
# tools.sh -- what the common tools say, where they are installed: clang-format and shellcheck.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

if [[ -n $(type -P clang-format) ]]; then
  check "clang-format would change nothing" "$(scripts/format.sh check || true)"
else
  skip "clang-format would change nothing" "clang-format is not installed"
fi
if [[ -n $(type -P shellcheck) ]]; then
  check "shellcheck has nothing to say" \
    "$(find scripts test bench .ci examples -type f \( -name '*.sh' -o -path .ci/run \) -print0 | xargs -0 shellcheck -x -f gcc || true)"
else
  skip "shellcheck has nothing to say" "shellcheck is not installed"
fi
done_testing
