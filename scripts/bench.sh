#!/usr/bin/env bash
# bench.sh -- builds and runs the benchmarks in a private cluster.
#
#   bench.sh          everything but the cache
#   bench.sh quick    a short pass
#   bench.sh cache    how fast results are read that were computed before
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

"$SIM_SOURCE/scripts/build.sh" >/dev/null
if [[ ${1:-} == cache ]]; then
  SIM_CLUSTER_OPTIONS=$'shared_preload_libraries = pg_simulate\nmax_connections = 100\nshared_buffers = 256MB' \
    "$SIM_SOURCE/scripts/cluster.sh" run "$SIM_SOURCE/bench/cache.sh"
  exit
fi
SIM_CLUSTER_OPTIONS='shared_buffers = 256MB' "$SIM_SOURCE/scripts/cluster.sh" run "$SIM_SOURCE/bench/run.sh" "$@"
say
SIM_CLUSTER_OPTIONS="shared_buffers = 256MB
max_connections = 80
shared_preload_libraries = 'pg_simulate'" "$SIM_SOURCE/scripts/cluster.sh" run "$SIM_SOURCE/bench/results.sh" "$@"
