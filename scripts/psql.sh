#!/usr/bin/env bash
# psql.sh -- opens psql in a private cluster that has the extension and the demo's models; removed at \q.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

SIM_TARGETS="pg_simulate install_script" "$SIM_SOURCE/scripts/build.sh" >/dev/null

open_psql() {
  local data=$SIM_SOURCE/examples/data
  createdb simulate
  export PGDATABASE=simulate
  psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION pg_simulate'
  psql -X -q -v ON_ERROR_STOP=1 -v data="$data" -f "$SIM_SOURCE/examples/models.sql" >/dev/null
  say "The demo's models are loaded: SELECT * FROM sim.models;   \\q removes this cluster."
  psql -v data="$data"
}

if [[ ${1:-} == inside ]]; then
  open_psql
else
  "$SIM_SOURCE/scripts/cluster.sh" run "$0" inside
fi
