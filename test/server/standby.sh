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
check_same "storing is refused" \
  "$(on_standby -c "SELECT sim.create_model('other', 'output x = 1')" | head -n 1)" \
  "ERROR:  cannot execute INSERT in a read-only transaction"
done_testing
