#!/usr/bin/env bash
# pg_upgrade.sh -- pg_upgrade moves all that is stored into a new cluster, where it works on.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

# The cluster that is moved is this file's own.
if [[ -z ${SIM_UPGRADE_CLUSTER:-} ]]; then
  SIM_UPGRADE_CLUSTER=yes exec scripts/cluster.sh run bash "$0"
fi

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

readonly kEverything="
SELECT name, version, owner, comment, created_at FROM sim.models ORDER BY 1;
SELECT * FROM sim.scenarios ORDER BY 1, 2;
SELECT model, name, query, ordered, owner, follows FROM sim.bindings ORDER BY 1, 2;
SELECT * FROM sim.converge('plan', ARRAY['*']);
SELECT sim.result_hash('plan', 1000);"

run >"$SIM_CLUSTER/setup.log" <<'SQL'
CREATE EXTENSION pg_simulate;
CREATE ROLE keeper;
CREATE TABLE prices (item text PRIMARY KEY, price float8);
INSERT INTO prices VALUES ('steel', 100), ('glass', 50);
GRANT SELECT, TRIGGER ON prices TO keeper;
GRANT CREATE ON SCHEMA public TO keeper;
SET ROLE keeper;
SELECT sim.create_model('plan', E'input material = 1\ninput energy ~ normal(80, 12)\noutput total = material + energy');
SELECT sim.create_scenario('plan', 'dear', '{"energy": 120}');
SELECT sim.bind('plan', 'material', 'SELECT price FROM prices WHERE item = ''steel''');
SQL
check_same "something is stored" "$(tail -n 1 "$SIM_CLUSTER/setup.log")" ""
run -c "$kEverything" >"$SIM_CLUSTER/before"
scripts/cluster.sh upgrade >"$SIM_CLUSTER/upgrade.log" 2>&1 || true
check "pg_upgrade moves it" "$(grep -q '^Upgrade Complete' "$SIM_CLUSTER/upgrade.log" || tail -n 20 "$SIM_CLUSTER/upgrade.log")"
run -c "$kEverything" >"$SIM_CLUSTER/after" || true
check "what was stored says and computes the same" "$(diff "$SIM_CLUSTER/before" "$SIM_CLUSTER/after" 2>&1)"
check "there was something to compare" "$([[ $(wc -l <"$SIM_CLUSTER/before") -gt 5 ]] || cat "$SIM_CLUSTER/before")"
run -c "UPDATE prices SET price = 200 WHERE item = 'steel'"
check_same "a change of the data is seen" \
  "$(run -c "SELECT value FROM sim.converge('plan') WHERE variable = 'total'")" 280
done_testing
