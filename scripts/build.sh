#!/usr/bin/env bash
# build.sh -- builds engine, module, install script and tests into the build folder.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

[[ -n $(type -P cmake) ]] || fail "cmake is missing: make setup installs what is needed"
build_in "$SIM_BUILD"
say "built in $SIM_BUILD"
