#!/usr/bin/env bash
# restore.sh -- every way of restoring a dump brings back all that is stored, and result views with the rows and the state they had.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
restored=${PGDATABASE}_restored
cleanup() {
  dropdb --if-exists --force "$restored" >/dev/null 2>&1 || true
  psql -X -q -c 'DROP OWNED BY sim_test_restorer CASCADE' -c 'DROP ROLE sim_test_restorer' -c 'DROP ROLE IF EXISTS sim_test_gone' >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# What a dump takes of each table, what result views show, and why it is not current.
readonly kEverything="
SELECT format('SELECT %1\$L, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM (SELECT * FROM sim.%1\$I %2\$s) AS t',
    c.relname, d.condition)
  FROM pg_extension AS e CROSS JOIN unnest(e.extconfig, e.extcondition) AS d (relation, condition)
  JOIN pg_class AS c ON c.oid = d.relation
  WHERE e.extname = 'pg_simulate' AND c.relkind = 'r' ORDER BY c.relname \gexec
SELECT name, model, state, reason, as_of, refresh, owner FROM sim.result_views WHERE stored_in IS NOT NULL ORDER BY name;
SELECT format('SELECT %L, v.* FROM %s AS v ORDER BY scenario, output, step', p.relname, p.oid::regclass)
  FROM sim.stored_result_views AS v JOIN pg_class AS p ON p.oid = v.view ORDER BY p.relname \gexec
SELECT model, name, state, reason FROM sim.bindings ORDER BY 1, 2;"

run >"$work/setup.log" <<'SQL'
CREATE ROLE sim_test_restorer;
CREATE ROLE sim_test_gone;
GRANT CREATE ON SCHEMA public TO sim_test_restorer;
CREATE TABLE secret (price float8);
INSERT INTO secret VALUES (7);
GRANT SELECT, TRIGGER ON secret TO sim_test_restorer;
SET ROLE sim_test_restorer;
CREATE TABLE prices (item text PRIMARY KEY, price float8);
INSERT INTO prices SELECT 'item ' || i, i FROM generate_series(1, 20000) AS i;
CREATE TABLE lost (price float8);
INSERT INTO lost VALUES (5);
CREATE TABLE empty (price float8);
INSERT INTO empty VALUES (6);
-- It is refreshed after the result view that reads it: pg_dump follows the order of names.
CREATE MATERIALIZED VIEW zz_total AS SELECT sum(price) AS price FROM prices;

SELECT sim.create_model('plant', E'input material = 1\ninput energy ~ normal(80, 12)\noutput total = material + energy\noutput bill = energy');
SELECT sim.bind('plant', 'material', 'SELECT price FROM zz_total');
SELECT sim.create_scenario('plant', 'dear', '{"energy": 120}');
SELECT sim.create_result_view('late', 'plant', trials => 100, scenarios => ARRAY['*'], percentiles => ARRAY[0.1, 0.995]);
SELECT sim.create_model('path', E'steps 3 year\ninput start = 100\nwealth[0] = start\nwealth[t] = wealth[t-1] * (1 + x[t])\ninput x[t] ~ normal(0, 0.1)\noutput wealth[t]');
SELECT sim.create_result_view('fan', 'path', trials => 100, refresh => 'manual', start_date => '2030-01-01');
SELECT sim.bind('path', 'start', 'SELECT price FROM prices WHERE item = ''item 50''');
SELECT sim.create_result_view('quick', 'path', trials => 100, percentiles => ARRAY[0.9], refresh => 'on_commit');

SELECT sim.create_model(m, E'input p = 1\noutput q = p') FROM unnest(ARRAY['of_lost', 'of_empty', 'of_secret', 'dropped']) AS m;
SELECT sim.bind('of_lost', 'p', 'SELECT price FROM lost');
SELECT sim.bind('of_empty', 'p', 'SELECT price FROM empty');
SELECT sim.bind('of_secret', 'p', 'SELECT price FROM secret');
SELECT sim.create_result_view('no_' || m, m, trials => 10) FROM unnest(ARRAY['of_lost', 'of_empty', 'of_secret', 'dropped']) AS m;
SELECT sim.create_result_view('vanished', 'plant', trials => 10, refresh => 'on_commit');
SELECT sim.run('plant', 10000, scenarios => ARRAY['*'], name => 'kept', keep_samples => true);
SELECT sim.run('path', 2000, keep_samples => true);
SELECT sim.grant('plant', 'public', 'read');
SELECT sim.grant('run:1', 'public', 'read');
SELECT sim.grant('plant', 'sim_test_gone', 'run'), sim.grant('run:1', 'sim_test_gone', 'read');
SELECT sim.drop_model('dropped');
DROP TABLE lost CASCADE;
DROP MATERIALIZED VIEW vanished_stored CASCADE;
UPDATE empty SET price = NULL;
RESET ROLE;
REVOKE SELECT ON secret FROM sim_test_restorer;
DROP ROLE sim_test_gone;
SQL
run -c 'SELECT sim.refresh_stale()' >"$work/refresh.log"
run <<<"$kEverything" >"$work/before"
check_same "result views are current, stale and failed" \
  "$(run -c "SELECT state, count(*) FROM sim.result_views GROUP BY 1 ORDER BY 1")" $'current|2\nfailed|5\nstale|1'

# Makes the database anew from what stands on the command line, and finds there what was in the other.
restores() {
  local description=$1
  shift
  dropdb --if-exists --force "$restored" 2>/dev/null
  createdb "$restored"
  "$@" >"$work/restore.log" 2>&1 || true
  check "$description: nothing is said" "$(cat "$work/restore.log")"
  run -d "$restored" <<<"$kEverything" >"$work/after" 2>&1 || true
  check "$description: all is as it was" "$(diff "$work/before" "$work/after" 2>&1)"
}

by_sections() {
  local section
  for section in pre-data data post-data; do
    pg_restore -d "$restored" --exit-on-error --section="$section" "$work/dump"
  done
}

{
  pg_dump -Fc -f "$work/dump"
  pg_dump -Fd -j 2 -f "$work/folder"
  pg_dump -f "$work/dump.sql"
  pg_dump --inserts -f "$work/inserts.sql"
} 2>"$work/dump.log"
check "dumps are made without a word" "$(cat "$work/dump.log")"
restores "one after the other" pg_restore -d "$restored" --exit-on-error "$work/dump"
for number in 1 2 3; do
  restores "in parallel, time $number" pg_restore -d "$restored" -j 4 "$work/dump"
done
restores "in parallel from a folder" pg_restore -d "$restored" -j 3 "$work/folder"
restores "in one transaction" pg_restore -d "$restored" -1 "$work/dump"
restores "in sections" by_sections
restores "as INSERT statements" psql -X -q -o /dev/null -v ON_ERROR_STOP=1 -d "$restored" -f "$work/inserts.sql"
restores "as text in one transaction" psql -X -q -o /dev/null -v ON_ERROR_STOP=1 -1 -d "$restored" -f "$work/dump.sql"

# What was restored works on.
check_same "numbers of what is gone are not carried, for they may be those of something else" \
  "$(run -d "$restored" -c "SELECT name, view::oid FROM sim.stored_bindings WHERE view::oid NOT IN (SELECT oid FROM pg_class)" \
    -c "SELECT count(*) FROM sim.stored_result_views" -c "SELECT DISTINCT grantee FROM sim.grants")" $'p|0\n7\npublic'
check_same "a binding is made again when its table is back" \
  "$(run -d "$restored" -c "SET ROLE sim_test_restorer" -c "CREATE TABLE lost (price float8)" -c "INSERT INTO lost VALUES (8)" \
    -c "SELECT state FROM sim.bindings WHERE model = 'of_lost'" -c "SELECT state FROM no_of_lost")" $'tracked\nstale'
check_same "a writer refreshes on commit" \
  "$(run -d "$restored" -c "UPDATE prices SET price = 49 WHERE item = 'item 50'" -c "SELECT min, state FROM quick WHERE step = 0")" \
  "49|current"
check_same "what has failed is refreshed when it can be" \
  "$(run -d "$restored" -c "UPDATE empty SET price = 9" -c "SELECT name, event FROM sim.refresh_stale() ORDER BY 1" \
    -c "SELECT min, state FROM no_of_empty UNION ALL SELECT min, state FROM no_of_lost ORDER BY 1")" \
  $'public.no_dropped|failed\npublic.no_of_empty|refreshed\npublic.no_of_lost|refreshed\npublic.no_of_secret|failed\n8|current\n9|current'
check_same "what was dumped is forgotten with the first refresh" \
  "$(run -d "$restored" -c "SELECT DISTINCT view_id FROM sim.stored_restored_rows ORDER BY 1")" $'1\n2\n6\n7'
check_same "REFRESH by hand computes" \
  "$(run -d "$restored" -c "REFRESH MATERIALIZED VIEW fan_stored" -c "SELECT min, state FROM fan WHERE step = 0")" "49|current"
check_same "and fails for what cannot be computed, which keeps its rows" \
  "$(run -d "$restored" -c "REFRESH MATERIALIZED VIEW no_dropped_stored" 2>&1 | head -n 1
    run -d "$restored" -c "SELECT min, state FROM no_dropped")" $'ERROR:  model "dropped" does not exist\n1|failed'

restores "after another" pg_restore -d "$restored" --exit-on-error "$work/dump"
pg_dump -Fc -f "$work/again" -d "$restored" 2>"$work/dump.log"
check "a dump of what was restored is made without a word" "$(cat "$work/dump.log")"
restores "once more" pg_restore -d "$restored" -j 2 "$work/again"
done_testing
