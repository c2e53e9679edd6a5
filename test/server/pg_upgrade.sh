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
SELECT state, reason FROM sim.bindings;
SELECT relation_name, columns, tracked FROM sim.binding_sources;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname LIKE 'sim%' ORDER BY 1, 2;
SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY 1;
SELECT run, name, model, trials, result_hash, current FROM sim.runs;
SELECT run, scenario, output, mean, p05, p95, current FROM sim.results;
SELECT first_trial, md5(samples::text) FROM sim.samples_stored ORDER BY 1;
SELECT * FROM sim.run_percentiles(1, ARRAY[0.123]);
SELECT name, state, as_of, refresh FROM sim.result_views;
SELECT scenario, output, mean, p10, state FROM cost_today ORDER BY 1, 2;
SELECT action, kind, object FROM sim.audit ORDER BY audit_id;
SELECT * FROM sim.grants;
SELECT * FROM sim.converge('plan', ARRAY['*']);
SELECT sim.result_hash('plan', 1000);"

run >"$SIM_CLUSTER/setup.log" <<'SQL'
CREATE EXTENSION pg_simulate;
CREATE ROLE keeper;
CREATE ROLE reader;
CREATE TABLE prices (item text PRIMARY KEY, price float8);
INSERT INTO prices VALUES ('steel', 100), ('glass', 50);
GRANT SELECT, TRIGGER ON prices TO keeper;
GRANT CREATE ON SCHEMA public TO keeper;
SET ROLE keeper;
SELECT sim.create_model('plan', E'input material = 1\ninput energy ~ normal(80, 12)\noutput total = material + energy');
SELECT sim.create_scenario('plan', 'dear', '{"energy": 120}');
SELECT sim.bind('plan', 'material', 'SELECT price FROM prices WHERE item = ''steel''');
SELECT sim.grant('plan', 'reader', 'read');
SELECT sim.run('plan', 3000, name => 'kept', keep_samples => true);
SELECT sim.create_result_view('cost_today', 'plan', 1000, scenarios => ARRAY['*'], percentiles => ARRAY[0.1]);
SQL
check "something is stored" "$(grep ERROR "$SIM_CLUSTER/setup.log" || true)"
run -c "$kEverything" >"$SIM_CLUSTER/before"
scripts/cluster.sh upgrade >"$SIM_CLUSTER/upgrade.log" 2>&1 || true
check "pg_upgrade moves it" "$(grep -q '^Upgrade Complete' "$SIM_CLUSTER/upgrade.log" || tail -n 20 "$SIM_CLUSTER/upgrade.log")"
run -c "$kEverything" >"$SIM_CLUSTER/after" || true
check "what was stored says and computes the same" "$(diff "$SIM_CLUSTER/before" "$SIM_CLUSTER/after" 2>&1)"
check "there was something to compare" "$([[ $(wc -l <"$SIM_CLUSTER/before") -gt 30 ]] || cat "$SIM_CLUSTER/before")"
run -c "UPDATE prices SET price = 200 WHERE item = 'steel'"
check_same "a change of the data is seen" \
  "$(run -c "SELECT value FROM sim.converge('plan') WHERE variable = 'total'")" 280
check_same "by results too" "$(run -c "SELECT DISTINCT state FROM cost_today" -c "SELECT current FROM sim.runs" \
  -c "SELECT name, state, reason FROM sim.result_views")" \
  $'stale\nf\ncost_today|stale|prices.price changed: material 100 -> 200'
check_same "and they are refreshed" \
  "$(run -c "SELECT name, event FROM sim.refresh_stale()" -c "SELECT DISTINCT state FROM cost_today")" \
  $'public.cost_today|refreshed\ncurrent'
done_testing
