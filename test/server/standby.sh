#!/usr/bin/env bash
# standby.sh -- a streaming standby computes and reads, and says clearly what only the primary can do.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

# The cluster that gets a standby is this file's own.
if [[ -z ${SIM_STANDBY_CLUSTER:-} ]]; then
  SIM_STANDBY_CLUSTER=yes exec scripts/cluster.sh run bash "$0"
fi

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }
on_standby() { run -p 5433 "$@"; }

# Waits, at most 20 seconds, until the standby has replayed what the primary has written.
catch_up() {
  local written
  written=$(run -c 'SELECT pg_current_wal_insert_lsn()')
  for _ in {1..200}; do
    if [[ $(on_standby -c "SELECT pg_last_wal_replay_lsn() >= '$written'") == t ]]; then return; fi
    sleep 0.1
  done
}

run >"$SIM_CLUSTER/setup.log" <<'SQL'
CREATE EXTENSION pg_simulate;
CREATE TABLE prices (item text PRIMARY KEY, price float8);
INSERT INTO prices VALUES ('steel', 100), ('glass', 50);
SELECT sim.create_model('plan', E'input material = 1\ninput energy ~ normal(80, 12)\noutput total = material + energy');
SELECT sim.bind('plan', 'material', 'SELECT price FROM prices WHERE item = ''steel''');
SELECT sim.create_result_view('cost', 'plan', trials => 1000);
SQL
scripts/cluster.sh standby >"$SIM_CLUSTER/standby_start.log" 2>&1 || true
check_same "the standby is one" "$(on_standby -c 'SELECT pg_is_in_recovery()')" t

readonly kConverged="SELECT value FROM sim.converge('plan') WHERE variable = 'total'"
readonly kHash="SELECT sim.result_hash('plan', 2000000)"
check_same "it converges" "$(on_standby -c "$kConverged")" 180
check_same "it simulates, in workers too, to the same bits" "$(on_standby -c "$kHash")" "$(run -c "$kHash")"
run -c "UPDATE prices SET price = 300 WHERE item = 'steel'"
catch_up
check_same "a change on the primary is seen" "$(on_standby -c "$kConverged")" 380
check_same "what it is asked again too" "$(on_standby -c "$kConverged" -c "$kConverged")" "$(printf '380\n380')"
on_primary_only() { on_standby -c "SELECT $1" | grep -E '^(psql:.*)?ERROR|^HINT'; }
run -c "UPDATE prices SET price = 400 WHERE item = 'steel'"
catch_up
check_same "jobs that refresh are told where to go" "$(on_primary_only 'sim.refresh_stale()')" \
  $'ERROR:  no result view can be refreshed during recovery\nHINT:  That is for the primary. View sim.result_views tells which are stale.'
check_same "so is who refreshes by name" "$(on_primary_only "sim.refresh_result_view('cost')" | head -n 1)" \
  "ERROR:  no result view can be refreshed during recovery"
check_same "or drops" "$(on_primary_only "sim.drop_result_view('cost')" | head -n 1)" \
  "ERROR:  no result view can be dropped during recovery"
check_same "runs are stored by the primary" "$(on_primary_only "sim.run('plan')")" \
  $'ERROR:  no run can be stored during recovery\nHINT:  That is for the primary. sim.monte_carlo computes here, too.'
check_same "what is warmed is kept where it can be" "$(on_standby -c "SELECT count(*) FROM sim.warm('plan', 1000)")" 1
check_same "who reads gets the rows with their state" "$(on_standby -c 'SELECT state FROM sim.read(NULL::cost)')" stale
check_same "the state of a binding is told" "$(on_standby -c 'SELECT state FROM sim.bindings')" tracked
check_same "storing is refused" \
  "$(on_standby -c "SELECT sim.create_model('other', 'output x = 1')" | head -n 1)" \
  "ERROR:  cannot execute INSERT in a read-only transaction"
done_testing
