#!/usr/bin/env bash
# cache.sh -- how fast results are read that were computed before, in the cluster that scripts/bench.sh makes.
#
# A model of three inputs, one of them bound to a table, with a hundred scenarios of 100,000 trials each. First one session
# reads one result over and over, then fifty sessions read from one to ten scenarios at a time, 500 statements a second in
# all, while the bound price changes every second, or every five, and with it all hundred results.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../scripts/common.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/pg_simulate_bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
readonly kSeconds=${SIM_BENCH_SECONDS:-20}
readonly kClients=50
readonly kStatements=500  # a second, of all clients

run() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

set_up() {
  run >/dev/null <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION pg_simulate;
CREATE TABLE prices (item text PRIMARY KEY, price float8 NOT NULL);
INSERT INTO prices VALUES ('material', 100);
CREATE TABLE few AS SELECT i AS place, 0.01 * sin(i) AS change FROM generate_series(1, 10) AS i;
CREATE TABLE many AS SELECT i AS place, 0.01 * sin(i) AS change FROM generate_series(1, 1000000) AS i;
SELECT sim.create_model('plant', $$
  input material  = 100
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  disposal  = 0.8 * material + co2
  co2       = 0.1 * energy + 0.05 * disposal
  logistics = transport + eco
  eco       = 0.1 * logistics + 0.05 * co2
  output total = material + energy + disposal + co2 + logistics + eco
$$);
SELECT sim.bind('plant', 'material', $$SELECT price FROM prices WHERE item = 'material'$$);
SELECT count(sim.create_scenario('plant', 's' || i, jsonb_build_object('energy', format('~ normal(%s, 12)', 60 + 0.4 * i))) IS NULL)
FROM generate_series(1, 100) AS i;
SELECT sim.create_model(name, $$
  data rows(change)
  input change ~ empirical(rows)
  output total = 100 * (1 + change)
$$) FROM unnest(ARRAY['few', 'many']) AS name;
SELECT sim.bind(name, 'rows', format('SELECT change FROM %I ORDER BY place', name)) FROM unnest(ARRAY['few', 'many']) AS name;
ANALYZE;
SQL
}

# percentiles_of FIELD FILE...: median, p95 and p99 of the third field, microseconds, of the lines whose fourth is FIELD.
percentiles_of() {
  local field=$1
  shift
  cat "$@" | awk -v field="$field" '$4 == field { print $3 / 1000 }' | sort -n | awk '
    { value[NR] = $1 }
    END {
      if (NR == 0) { print "nothing was measured"; exit }
      printf "%9.3f %9.3f %9.3f\n", value[int((NR + 1) / 2)], value[int(0.95 * NR + 0.999)], value[int(0.99 * NR + 0.999)]
    }'
}

# reading TITLE SETTINGS QUERY: one session, the same statement again and again.
reading() {
  local title=$1 settings=$2 query=$3
  printf '%s;\n' "$query" >"$work/one.sql"
  rm -f "$work"/one_log*
  run -c "SELECT sim.cache_clear()" -c "$query" >/dev/null
  (cd "$work" && PGOPTIONS="$settings" pgbench -n -c 1 -T 3 -l --log-prefix=one_log -f one.sql >/dev/null 2>&1)
  printf '%-58s %s\n' "$title" "$(percentiles_of 0 "$work"/one_log*)"
}

asking() {
  local count=$1 list="" i
  for ((i = 1; i <= count; i++)); do
    list+="${list:+, }'s' || (:first + $i)"
  done
  printf '\\set first random(0, %d)\n' $((100 - count))
  printf "SELECT * FROM sim.monte_carlo('plant', trials => 100000, scenarios => ARRAY[%s]);\n" "$list"
}

# change_prices EVERY: so many seconds.
change_prices() {
  local seconds
  for ((seconds = $1; seconds <= kSeconds; seconds += $1)); do
    sleep "$1"
    run -c "UPDATE prices SET price = price + 0.01 WHERE item = 'material'"
  done
}

# dashboard EVERY: the price changes every so many seconds.
dashboard() {
  local puts count number=0
  say
  say "$kClients sessions, a price changes every $1 s"
  for count in 1 3 10; do asking $count >"$work/ask_$count.sql"; done
  run -c "SELECT sim.cache_clear()" >/dev/null
  puts=$(run -c "SELECT puts FROM sim.cache_stats WHERE level = 'shared'")
  change_prices "$1" &
  (cd "$work" && pgbench -n -c $kClients -j 2 -R $kStatements -T "$kSeconds" -l --log-prefix=many_log \
    -f ask_1.sql@6 -f ask_3.sql@3 -f ask_10.sql@1 >"$work/pgbench.out" 2>&1) || cat "$work/pgbench.out"
  wait
  for count in 1 3 10; do
    printf '%-58s %s\n' "$count of 100 scenarios" "$(percentiles_of $number "$work"/many_log*)"
    number=$((number + 1))
  done
  puts=$(($(run -c "SELECT puts FROM sim.cache_stats WHERE level = 'shared'") - puts))
  cat "$work"/many_log* | awk -v puts="$puts" '
    { asked += $4 == 0 ? 1 : $4 == 1 ? 3 : 10 }
    END { printf "%d results asked for, %d computed: %.2f %% found\n", asked, puts, 100 * (1 - puts / asked) }'
  rm -f "$work"/many_log*
}

set_up
printf '%-58s %9s %9s %9s\n' "milliseconds a statement" median p95 p99
readonly kOne="SELECT * FROM sim.monte_carlo('plant', trials => 1000000)"
reading "SELECT 1" "" "SELECT 1"
reading "1,000,000 trials, computed" "-c sim.cache=off" "$kOne"
reading "found in the session" "" "$kOne"
reading "found in shared memory" "-c sim.cache_session_size=0" "$kOne"
reading "10 bound rows, found" "" "SELECT * FROM sim.monte_carlo('few')"
reading "1,000,000 bound rows, found" "" "SELECT * FROM sim.monte_carlo('many')"
dashboard 1
dashboard 5
