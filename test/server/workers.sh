#!/usr/bin/env bash
# workers.sh -- the statistics functions have workers where PostgreSQL plans none for the statement they stand in.
#
# The server's own module auto_explain tells the plan of every query that ran inside, with the workers that were launched.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

# Everything is computed: nothing comes from the cache.
export PGOPTIONS="-c sim.cache=off"

session() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

session <<'SQL' >/dev/null
SELECT sim.create_model('plant', $$
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  output total = energy + transport
$$);
SELECT sim.create_scenario('plant', 'hot', '{"energy": "~ normal(100, 12)"}');
CREATE TABLE kept (mean float8);
CREATE TABLE written (n int);
CREATE FUNCTION loop_over_results() RETURNS int LANGUAGE plpgsql AS $$
DECLARE row record; n int := 0;
BEGIN
  INSERT INTO written VALUES (1);
  FOR row IN SELECT mean FROM sim.monte_carlo('plant', 3000000) LOOP
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;
SQL

if ! session -c "LOAD 'auto_explain'" >/dev/null 2>&1; then
  skip "workers inside other statements" "auto_explain is not installed"
  done_testing
  exit 0
fi

# How many workers each query that ran inside had, one line each.
workers_of() {
  session 2>&1 <<SQL | awk '/Query Text: / { inside = /sim\.merge/ } inside && /Workers Launched: / { print $3; inside = 0 }'
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_level = notice;
SET max_parallel_workers_per_gather = 2;
$1
SQL
}

while IFS='|' read -r description statement; do
  check_same "$description has two workers" "$(workers_of "$statement" | sort -u)" 2
done <<'CASES'
a plain statement|SELECT mean FROM sim.monte_carlo('plant', 3000000);
a call in a target list|SELECT (sim.monte_carlo('plant', 3000000)).mean;
INSERT ... SELECT|INSERT INTO kept SELECT mean FROM sim.monte_carlo('plant', 3000000);
CREATE TABLE AS|CREATE TEMP TABLE made AS SELECT mean FROM sim.monte_carlo('plant', 3000000);
a cursor|BEGIN; DECLARE c CURSOR FOR SELECT mean FROM sim.monte_carlo('plant', 3000000); FETCH 1 FROM c; COMMIT;
a client that fetches with a limit|\set FETCH_COUNT 1 \\ SELECT mean FROM sim.monte_carlo('plant', 3000000);
a PL/pgSQL loop in a transaction that has written|SELECT loop_over_results();
a prepared statement|PREPARE p(bigint) AS SELECT mean FROM sim.monte_carlo('plant', $1); EXECUTE p(3000000);
UPDATE|UPDATE kept SET mean = (SELECT mean FROM sim.monte_carlo('plant', 3000000));
LATERAL|SELECT m.mean FROM (VALUES (1), (2)) AS t(seed), LATERAL sim.monte_carlo('plant', 3000000, t.seed) AS m;
percentiles|INSERT INTO kept SELECT value FROM sim.percentiles('plant', ARRAY[0.5], 3000000);
each pass of percentiles in bounded memory|SET sim.exact_percentile_memory = '1MB'; INSERT INTO kept SELECT value FROM sim.percentiles('plant', ARRAY[0.5], 3000000);
both passes of a comparison|INSERT INTO kept SELECT value FROM sim.compare('plant', ARRAY['hot'], trials => 3000000);
a report|CREATE TEMP TABLE lines AS SELECT * FROM sim.report('plant', 3000000);
a hash|CREATE TEMP TABLE hashed AS SELECT sim.result_hash('plant', 3000000);
CASES

check_same "a report tells its workers" \
  "$(session -c "SET max_parallel_workers_per_gather = 2; SELECT r ~ ', 2 workers\$' FROM sim.report('plant', 3000000) AS r LIMIT 1")" t
check_same "few trials need no query inside" "$(workers_of "SELECT mean FROM sim.monte_carlo('plant', 1000);")" ""
done_testing
