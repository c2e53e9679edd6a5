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
  psql -X -q -c 'DROP OWNED BY sim_test_restorer CASCADE' -c 'DROP ROLE sim_test_restorer' >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# The rows of all that is carried, what result views show, and why it is not current.
readonly kEverything="
SELECT format('SELECT %L, md5(string_agg(t::text, chr(10) ORDER BY t::text)), count(*) FROM sim.%I AS t', c.relname, c.relname)
  FROM pg_class AS c JOIN pg_extension AS e ON c.oid = ANY (e.extconfig)
  WHERE e.extname = 'pg_simulate' AND c.relkind = 'r' AND c.relname <> 'stored_restored_rows' ORDER BY c.relname \gexec
SELECT name, model, state, reason, as_of, refresh, owner FROM sim.result_views ORDER BY name;
SELECT format('SELECT %L, v.* FROM %s AS v ORDER BY scenario, output, step', p.relname, p.oid::regclass)
  FROM sim.stored_result_views AS v JOIN pg_class AS p ON p.oid = v.view ORDER BY p.relname \gexec
SELECT * FROM sim.rows_to_dump() ORDER BY view_id, scenario, output, step;
SELECT model, name, state, reason FROM sim.bindings ORDER BY 1, 2;"

run >"$work/setup.log" <<'SQL'
CREATE ROLE sim_test_restorer;
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
SELECT sim.run('plant', 10000, scenarios => ARRAY['*'], name => 'kept', keep_samples => true);
SELECT sim.run('path', 2000, keep_samples => true);
SELECT sim.grant('plant', 'public', 'read');
SELECT sim.grant('run:1', 'public', 'read');
SELECT sim.drop_model('dropped');
DROP TABLE lost CASCADE;
UPDATE empty SET price = NULL;
RESET ROLE;
REVOKE SELECT ON secret FROM sim_test_restorer;
SQL
run -c 'SELECT sim.refresh_stale()' >"$work/refresh.log"
run <<<"$kEverything" >"$work/before"
check_same "result views are current, stale and failed" \
  "$(run -c "SELECT state, count(*) FROM sim.result_views GROUP BY 1 ORDER BY 1")" $'current|2\nfailed|4\nstale|1'

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

pg_dump -Fc -f "$work/dump" 2>"$work/dump.log"
pg_dump -Fd -j 2 -f "$work/folder" 2>>"$work/dump.log"
pg_dump -f "$work/dump.sql" 2>>"$work/dump.log"
pg_dump --inserts -f "$work/inserts.sql" 2>>"$work/dump.log"
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
pg_dump -Fc -f "$work/again" -d "$restored" 2>"$work/dump.log"
check "a dump of what was restored is made without a word" "$(cat "$work/dump.log")"
restores "once more" pg_restore -d "$restored" -j 2 "$work/again"
done_testing
