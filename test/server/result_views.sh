#!/usr/bin/env bash
# result_views.sh -- result views survive pg_dump and restore, with states, reasons and refreshing on commit; a standby reads them.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

work=$(mktemp -d)
restored=${PGDATABASE}_restored
cleanup() {
  "$SIM_SOURCE/scripts/cluster.sh" standby stop
  dropdb --if-exists --force "$restored" >/dev/null 2>&1 || true
  psql -X -q -c 'DROP OWNED BY sim_test_viewer CASCADE' -c 'DROP ROLE sim_test_viewer' >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

readonly kEverything="
SELECT name, model, state, reason, table_name, column_name, changed_by, as_of, refresh, percentiles, owner, stored_in
  FROM sim.result_views ORDER BY name;
SELECT * FROM cost ORDER BY scenario, output;
SELECT * FROM now_cost ORDER BY scenario, output;
SELECT name, event, reason, changed_at, began_at, duration FROM sim.invalidation_log ORDER BY began_at;"

run >"$work/setup.log" <<'SQL'
CREATE ROLE sim_test_viewer;
GRANT CREATE ON SCHEMA public TO sim_test_viewer;
CREATE TABLE prices (item text PRIMARY KEY, price float8);
INSERT INTO prices VALUES ('steel', 100);
ALTER TABLE prices OWNER TO sim_test_viewer;
SET ROLE sim_test_viewer;
SELECT sim.create_model('plant', E'input material = 1\ninput energy ~ normal(80, 12)\noutput total = material + energy\noutput bill = energy');
SELECT sim.bind('plant', 'material', 'SELECT price FROM prices');
SELECT sim.create_scenario('plant', 'dear', '{"energy": 120}');
SELECT sim.create_result_view('cost', 'plant', trials => 100, scenarios => ARRAY['*'], percentiles => ARRAY[0.1]);
SELECT sim.create_result_view('now_cost', 'plant', trials => 100, refresh => 'on_commit');
UPDATE prices SET price = 104;
SELECT sim.rename_model('plant', 'Works');
SELECT sim.create_model('plant', 'output total = 1');
SQL
run -c "SELECT sim.refresh_stale()" >"$work/log"
run -c "$kEverything" >"$work/before"

pg_dump -Fc -f "$work/dump" 2>"$work/dump.log" || true
check "a dump is made without a word" "$(cat "$work/dump.log")"
createdb "$restored"
pg_restore -d "$restored" --exit-on-error "$work/dump" >"$work/restore.log" 2>&1 || true
check "a dump is restored without a word" "$(cat "$work/restore.log")"
run -d "$restored" -c "$kEverything" >"$work/after" 2>&1 || true
check "what was restored says the same" "$(diff "$work/before" "$work/after" 2>&1)"
check "there was something to compare" "$([[ $(grep -c current "$work/before") -ge 8 ]] || cat "$work/before")"

check_same "a writer refreshes on commit after the restore" \
  "$(run -d "$restored" -c "UPDATE prices SET price = 105" -c "SELECT output, state FROM now_cost ORDER BY 1")" \
  $'bill|current\ntotal|current'
check_same "others say why they are stale" \
  "$(run -d "$restored" -c "SELECT state, reason FROM sim.result_views WHERE name = 'cost'")" \
  "stale|prices.price changed: material 104 -> 105"
check_same "their numbers are labelled in a read-only transaction too" \
  "$(PGOPTIONS='-c default_transaction_read_only=on' psql -X -q -A -t -d "$restored" \
    -c "SELECT DISTINCT output, state FROM sim.read(NULL::cost) ORDER BY 1" \
    -c "SELECT name, state FROM sim.result_views ORDER BY 1" 2>&1)" $'bill|current\ntotal|stale\ncost|stale\nnow_cost|current'
check_same "and are refreshed" \
  "$(run -d "$restored" -c "SELECT name, event FROM sim.refresh_stale()" -c "SELECT DISTINCT state FROM cost")" \
  $'public.cost|refreshed\ncurrent'
check_same "a result view that is made afterwards gets a number of its own" \
  "$(run -d "$restored" -c "SELECT sim.create_result_view('third', 'works', trials => 10)" \
    -c "SELECT count(DISTINCT view_id) FROM sim.stored_result_views" | tail -n 1)" 3

# A standby of the database that was dumped.
"$SIM_SOURCE/scripts/cluster.sh" standby
# Until the standby answers the query $1 with $2, or ten seconds are over.
standby_answer() {
  local answer="" _
  for _ in {1..100}; do
    answer=$(run -p 5433 -c "$1" 2>&1) || true
    [[ $answer == "$2" ]] && break
    sleep 0.1
  done
  printf '%s\n' "$answer"
}
check_same "a standby reads what is current" "$(standby_answer "SELECT DISTINCT state FROM cost" current)" current
run -c "UPDATE prices SET price = 110"
stale=$'bill|current\ntotal|stale'
check_same "it sees what becomes stale" "$(standby_answer "SELECT DISTINCT output, state FROM cost ORDER BY 1" "$stale")" "$stale"
check_same "and why" "$(run -p 5433 -c "SELECT name, state, reason FROM sim.result_views ORDER BY 1" 2>&1)" \
  $'cost|stale|prices.price changed: material 104 -> 110\nnow_cost|current|'
check_same "and reads it as it is" "$(run -p 5433 -c "SELECT DISTINCT output, state FROM sim.read(NULL::cost) ORDER BY 1" 2>&1)" "$stale"
run -c "SELECT sim.refresh_stale()" >"$work/log"
check_same "until it is refreshed" "$(standby_answer "SELECT DISTINCT state FROM cost" current)" current

check_same "all is dropped" \
  "$(run -d "$restored" -c "SELECT sim.drop_result_view(name) FROM sim.result_views" \
    -c "SELECT count(*) FROM pg_matviews" -c "SELECT count(*) FROM sim.result_views" | tail -n 2)" $'0\n0'
done_testing
