#!/usr/bin/env bash
# demo.sh -- builds, runs examples/demo.sql in a private cluster, and says how to go on.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

say "Building; the first time this takes some minutes."
SIM_TARGETS="pg_simulate install_script" "$SIM_SOURCE/scripts/build.sh" >/dev/null
say "Starting a private PostgreSQL cluster."
say ""
export PGCLIENTENCODING=UTF8
"$SIM_SOURCE/scripts/cluster.sh" run psql -X -q -v ON_ERROR_STOP=1 -v data="$SIM_SOURCE/examples/data" \
  -f "$SIM_SOURCE/examples/demo.sql"
cat <<'NEXT'

How to go on
  The cluster of this demo is gone again. make psql opens psql in a new one, with the same data and models. Try there:

    SELECT sim.report('plant_cost', trials => 1000000);

    SELECT years, spend, round(100 * mean::numeric, 1) AS percent_lasting
    FROM (VALUES (30), (40)) AS horizon(years), generate_series(30000, 50000, 5000) AS spend,
      sim.monte_carlo('retirement_' || years, trials => 10000, overrides => jsonb_build_object('yearly_spend', spend))
    WHERE output = 'success';

    SELECT variable, kind, definition FROM sim.variables WHERE model = 'retirement_40';

  docs/quickstart.md leads from nothing to a model of your own; make install puts pg_simulate into your own server.
NEXT
