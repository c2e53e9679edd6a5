#!/usr/bin/env bash
# dump.sh -- models, versions, scenarios, bindings, grants, runs and the audit survive pg_dump and restore, with owners and order of rows.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
restored=${PGDATABASE}_restored
cleanup() {
  dropdb --if-exists --force "$restored" >/dev/null 2>&1 || true
  psql -X -q -c 'DROP OWNED BY sim_test_keeper CASCADE' -c 'DROP ROLE sim_test_keeper' >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# All that can be asked about what is stored, and what it computes, as one text.
readonly kEverything="
SELECT name, version, owner, comment, created_at FROM sim.models ORDER BY 1;
SELECT model, version, created_by, md5(source), created_at FROM sim.model_versions ORDER BY 1, 2;
SELECT * FROM sim.scenarios ORDER BY 1, 2;
SELECT model, name, query, ordered, view, owner, follows, state, reason FROM sim.bindings ORDER BY 1, 2;
SELECT * FROM sim.binding_sources ORDER BY 1, 2;
SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE tgname LIKE 'sim_change%' ORDER BY tgname;
SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY 1;
SELECT * FROM sim.grants ORDER BY object, grantee, privilege;
SELECT * FROM sim.audit ORDER BY audit_id;
SELECT * FROM sim.converge('plan', ARRAY['*']);
SELECT * FROM sim.converge('plan@1');
SELECT run, name, tags, model, version, trials, overrides, owner, created_at, duration, result_hash, current FROM sim.runs ORDER BY 1;
SELECT * FROM sim.run_inputs ORDER BY 1, 2, 3;
SELECT * FROM sim.results ORDER BY run, scenario, output, step;
SELECT * FROM sim.histograms ORDER BY run, scenario, output, step, bin;
SELECT * FROM sim.samples_stored ORDER BY run, scenario, output, step, first_trial;
SELECT * FROM sim.run_percentiles(1, ARRAY[0.123]);
SELECT pg_get_viewdef(view) FROM sim.bindings ORDER BY model, name;"

run >"$work/setup.log" <<'SQL'
SET client_min_messages = error;
CREATE ROLE sim_test_keeper;
GRANT CREATE ON SCHEMA public TO sim_test_keeper;
CREATE TABLE market (year integer PRIMARY KEY, stock numeric, bond float8);
INSERT INTO market VALUES (3, 0.3, 0.03), (1, 0.1, 0.01), (2, 0.2, 0.02);
GRANT SELECT, TRIGGER ON market TO sim_test_keeper;
SET ROLE sim_test_keeper;
SELECT sim.create_model('plan', 'output first = 1');
SELECT sim.create_model('plan', $$
  steps 3 year
  data market(stock, bond)
  input start = 100
  input (stock[t], bond[t]) ~ historical(market)
  wealth[0] = start
  wealth[t] = wealth[t-1] * (1 + stock[t]) + 1000000 * t * bond[t]
  output wealth[t]
$$, comment => 'it''s a plan', replace => true);
SELECT sim.bind('plan', 'market', 'SELECT stock, bond FROM market ORDER BY year');
SELECT sim.bind('plan', 'start', 'SELECT 50');
SELECT sim.create_scenario('plan', 'zeta', '{"start": 1}');
SELECT sim.create_scenario('plan', 'alpha', '{"bond": "0.5 * stock[t]"}', parent => 'zeta');
SELECT sim.grant('plan', 'public', 'read');
SELECT sim.grant('plan', 'sim_test_keeper', 'edit');
SELECT sim.run('plan', scenarios => ARRAY['*'], name => 'kept', tags => ARRAY['a', 'b'], keep_samples => true);
SELECT sim.run('plan@1', 5, overrides => '{}');
SQL

run -c "$kEverything" >"$work/before"
pg_dump -Fc -f "$work/dump" 2>"$work/dump.log" || true
check "a dump is made without a word" "$(cat "$work/dump.log")"
createdb "$restored"
pg_restore -d "$restored" --exit-on-error "$work/dump" >"$work/restore.log" 2>&1 || true
check "a dump is restored without a word" "$(cat "$work/restore.log")"
run -d "$restored" -c "$kEverything" >"$work/after" 2>&1 || true
check "what was restored says and computes the same" "$(diff "$work/before" "$work/after" 2>&1)"
check "there was something to compare" "$([[ $(wc -l <"$work/before") -gt 20 ]] || cat "$work/before")"

check_same "numbers of models go on where they were" \
  "$(run -d "$restored" -c "SET client_min_messages = error; SELECT sim.create_model('next', 'output x = 1'); SELECT count(DISTINCT model_id) FROM sim.stored_models" 2>&1 | tail -n 1)" 2
check_same "and so do those of runs" "$(run -d "$restored" -c "SELECT sim.run('plan@1', 5)" 2>&1)" 3
check_same "a binding is replaced after the restore, its view with it" \
  "$(run -d "$restored" 2>&1 <<'SQL'
SET client_min_messages = error;
SET ROLE sim_test_keeper;
SELECT sim.bind('plan', 'start', 'SELECT 60');
SELECT value FROM sim.converge('plan') WHERE step = 0;
SELECT count(*) FROM pg_class WHERE relnamespace = 'sim_bindings'::regnamespace;
SQL
)" "$(printf '\n60\n2')"
check_same "a change is followed after the restore" \
  "$(run -d "$restored" 2>&1 <<'SQL'
SELECT state FROM sim.bindings WHERE name = 'market';
SELECT value FROM sim.converge('plan') WHERE step = 1;
UPDATE market SET bond = bond + 1 WHERE year = 1;
SELECT value FROM sim.converge('plan') WHERE step = 1;
DROP TABLE market CASCADE;
SELECT state, reason FROM sim.bindings WHERE name = 'market';
CREATE TABLE market (year integer PRIMARY KEY, stock numeric, bond float8);
SELECT state, reason FROM sim.bindings WHERE name = 'market';
GRANT SELECT ON market TO sim_test_keeper;
SELECT state, reason FROM sim.bindings WHERE name = 'market';
SQL
)" $'tracked\n20072\n353405.3333333333\nNOTICE:  drop cascades to view sim_bindings.plan_market_binding\nbroken|public.market was dropped\nbroken|permission denied for table market\ntracked|'
check_same "a model is dropped after the restore with all that belongs to it" \
  "$(run -d "$restored" 2>&1 <<'SQL'
SET client_min_messages = error;
SELECT sim.drop_model('plan');
SELECT count(*) FROM pg_class WHERE relnamespace = 'sim_bindings'::regnamespace;
SQL
)" "$(printf '\n0')"

run -d "$restored" -c 'DROP EXTENSION pg_simulate' >"$work/drop.log" 2>&1 || true
check "without bindings the extension is dropped without CASCADE" "$(cat "$work/drop.log")"
check_same "with a binding it is not" \
  "$(run -c 'DROP EXTENSION pg_simulate' 2>&1 | head -n 1)" \
  "ERROR:  cannot drop extension pg_simulate because other objects depend on it"
done_testing
