#!/usr/bin/env bash
# bench.sh -- builds and runs the benchmarks in private clusters; bench.sh quick for a short pass.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

"$SIM_SOURCE/scripts/build.sh" >/dev/null
SIM_CLUSTER_OPTIONS='shared_buffers = 256MB' "$SIM_SOURCE/scripts/cluster.sh" run "$SIM_SOURCE/bench/run.sh" "$@"
say
SIM_CLUSTER_OPTIONS=$'shared_buffers = 256MB\nmax_connections = 80\nshared_preload_libraries = pg_simulate' "$SIM_SOURCE/scripts/cluster.sh" run "$SIM_SOURCE/bench/results.sh" "$@"
