#!/usr/bin/env bash
# results.sh -- measures what keeping results true costs and saves, in the cluster that scripts/bench.sh makes for it.
#
#   results.sh          everything
#   results.sh quick    for a few seconds, to see that it works
#
# The cluster has the library preloaded, so that sessions share results. Each figure is printed with what is required of it.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../scripts/common.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/pg_simulate_bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
seconds=20
million=1000000
if [[ ${1:-} == quick ]]; then
  seconds=3
  million=100000
fi
export PGOPTIONS="-c client_min_messages=warning"

run() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

# figure TITLE VALUE UNIT MUST AIM: less is better, unless MUST begins with ">".
figure() {
  awk -v title="$1" -v value="$2" -v unit="$3" -v must="$4" -v aim="$5" 'BEGIN {
    verdict = ""
    more = sub(/^>/, "", must)
    sign = more ? -1 : 1
    if (value == "") verdict = "not measured"
    else if (must != "-") verdict = sign * value <= sign * aim ? "aim met" : sign * value <= sign * must ? "met" : "MISSED"
    printf "%-72s %10s %-6s %9s %9s   %s\n", title, value == "" ? "-" : sprintf("%.4g", value), unit, must, aim, verdict
  }'
}

# latencies_of FILE CLIENTS SECONDS [OPTIONS...]: runs it in pgbench; afterwards quantile tells of its statements.
latencies_of() {
  local file=$1 clients=$2 length=$3
  shift 3
  rm -f "$work"/transactions.*
  (cd "$work" && pgbench -n -M simple -c "$clients" -j 2 -T "$length" -l --log-prefix=transactions "$@" -f "$file") >"$work/pgbench.log" 2>&1 || {
    cat "$work/pgbench.log" >&2
    return 1
  }
  cat "$work"/transactions.* >"$work/all"
}

# quantile P [SCRIPT]: milliseconds, of all statements or those of one script, numbered from 0.
quantile() {
  awk -v script="${2:-}" 'script == "" || $4 == script { print $3 / 1000 }' "$work/all" | sort -n |
    awk -v p="$1" '{ v[NR] = $1 } END { if (NR > 0) { i = int(p * NR + 0.999); print v[i < 1 ? 1 : i] } }'
}

# Seconds that one statement takes, in a session of its own that has loaded the library.
seconds_of() {
  psql -XqAt -v ON_ERROR_STOP=1 <<SQL | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1 | awk '{ print $1 / 1000 }'
SELECT count(*) FROM sim.distributions;
\\timing on
$1;
SQL
}

set_up() {
  run >/dev/null <<'SQL'
CREATE EXTENSION pg_simulate;
CREATE TABLE prices (item integer PRIMARY KEY, price float8 NOT NULL, note text);
INSERT INTO prices SELECT i, 100 + i, '' FROM generate_series(0, 99) AS i;
CREATE TABLE plain_prices AS SELECT * FROM prices;
ALTER TABLE plain_prices ADD PRIMARY KEY (item);
CREATE TABLE history (day integer PRIMARY KEY, change float8 NOT NULL);
CREATE TABLE long_history (day integer PRIMARY KEY, change float8 NOT NULL);
INSERT INTO history SELECT i, sin(i) FROM generate_series(1, 10) AS i;
INSERT INTO long_history SELECT i, sin(i) FROM generate_series(1, 1000000) AS i;
SELECT sim.create_model('cost', E'input material = 100\ninput energy ~ normal(80, 12)\ninput transport ~ triangular(20, 25, 40)\n'
  'disposal = 0.8 * material + co2\nco2 = 0.1 * energy + 0.05 * disposal\nlogistics = transport + eco\n'
  'eco = 0.1 * logistics + 0.05 * co2\noutput total = material + energy + disposal + co2 + logistics + eco');
SELECT sim.bind('cost', 'material', 'SELECT price FROM prices WHERE item = 0');
SELECT count(sim.create_scenario('cost', 's' || i, jsonb_build_object('energy', format('~ normal(%s, 12)', 60 + 0.4 * i))) IS NULL)
FROM generate_series(1, 100) AS i;
SELECT sim.create_model('few', E'data h(change)\ninput x ~ empirical(h.change)\noutput y = x');
SELECT sim.bind('few', 'h', 'SELECT change FROM history ORDER BY day');
SELECT sim.create_model('many', E'data h(change)\ninput x ~ empirical(h.change)\noutput y = x');
SELECT sim.bind('many', 'h', 'SELECT change FROM long_history ORDER BY day');
SELECT sim.create_model('hundred', (SELECT string_agg(format(E'input a%s = 1\ninput b%1$s ~ normal(0, 1)\noutput y%1$s = a%1$s * exp(b%1$s / 10)\n', i), '')
  FROM generate_series(0, 99) AS i));
SELECT sim.bind('hundred', 'a' || i, 'SELECT price FROM prices WHERE item = ' || i) FROM generate_series(0, 99) AS i;
SQL
}

# reading TITLE QUERY MUST AIM [OPTIONS...]: the median of the same statement over and over.
reading() {
  local title=$1 must=$3 aim=$4
  say "$2;" >"$work/read.sql"
  shift 4
  latencies_of "$work/read.sql" 1 $((seconds / 6 + 1)) "$@"
  figure "$title, median" "$(quantile 0.5)" ms "$must" "$aim"
}

cached_reads() {
  local query="SELECT mean FROM sim.monte_carlo('cost', trials => $million)"
  PGOPTIONS="$PGOPTIONS -c sim.cache=off" reading "a million trials, computed" "$query" - -
  reading "reading a cached result, bound data unchanged" "$query" 1 0.2
  figure "  99th percentile" "$(quantile 0.99)" ms - -
  PGOPTIONS="$PGOPTIONS -c sim.cache_session_size=0" reading "  found in shared memory" "$query" 1 0.2
  reading "  in a session that begins with it, connecting included" "$query" - - -C
  reading "a hit with 10 bound rows" "SELECT mean FROM sim.monte_carlo('few', trials => 1000)" 1 0.2
  reading "a hit with 1,000,000 bound rows" "SELECT mean FROM sim.monte_carlo('many', trials => 1000)" 1 0.2
}

# asking COUNT: so many scenarios that stand together, of a hundred.
asking() {
  local list="" i
  for ((i = 1; i <= $1; i++)); do
    list+="${list:+, }'s' || (:first + $i)"
  done
  printf '\\set first random(0, %d)\n' $((100 - $1))
  printf "SELECT * FROM sim.monte_carlo('cost', trials => 100000, scenarios => ARRAY[%s]);\n" "$list"
}

# change_price EVERY: so many seconds, as long as the dashboard is asked.
change_price() {
  local now
  for ((now = $1; now <= seconds; now += $1)); do
    sleep "$1"
    run -c "UPDATE prices SET price = price + 0.25 WHERE item = 0"
  done
}

shared_puts() { run -c "SELECT puts FROM sim.cache_stats WHERE level = 'shared'"; }

# dashboard EVERY MUST...: fifty sessions ask for one, three or ten of a hundred scenarios while a price that all of them need
# changes every so many seconds. What must be reached is asked of a trickle of changes.
dashboard() {
  local puts count
  for count in 1 3 10; do asking $count >"$work/ask_$count.sql"; done
  run -c "SELECT sim.cache_clear()" >/dev/null
  puts=$(shared_puts)
  change_price "$1" &
  latencies_of "$work/ask_1.sql@6" 50 "$seconds" -R 500 -f "$work/ask_3.sql@3" -f "$work/ask_10.sql@1"
  wait
  puts=$(($(shared_puts) - puts))
  figure "50 clients, 500 requests/s, a price every $1 s: results found" \
    "$(awk -v puts="$puts" '{ asked += $4 == 0 ? 1 : $4 == 1 ? 3 : 10 } END { print 100 * (1 - puts / asked) }' "$work/all")" % "$2" 99
  figure "  1 scenario, 95th percentile" "$(quantile 0.95 0)" ms "$3" 5
  figure "  3 scenarios, 95th percentile" "$(quantile 0.95 1)" ms "$3" 5
  figure "  10 scenarios, 95th percentile" "$(quantile 0.95 2)" ms "$4" 20
}

writers() {
  local tracked plain table
  for table in prices plain_prices; do
    printf '\\set item random(1, 99)\nUPDATE %s SET price = price + 1 WHERE item = :item;\n' "$table" >"$work/$table.sql"
  done
  : >"$work/tracked"
  : >"$work/plain"
  for _ in 1 2 3 4 5; do
    latencies_of "$work/plain_prices.sql" 1 1
    quantile 0.5 >>"$work/plain"
    latencies_of "$work/prices.sql" 1 1
    quantile 0.5 >>"$work/tracked"
  done
  tracked=$(sort -n "$work/tracked" | sed -n 3p)
  plain=$(sort -n "$work/plain" | sed -n 3p)
  figure "what tracking adds to an UPDATE of one row" "$(awk -v a="$tracked" -v b="$plain" 'BEGIN { print 1000 * (a - b) }')" us 50 20
}

refreshes() {
  local all one
  run -c "SELECT sim.create_result_view('hundred_now', 'hundred', trials => $million, refresh => 'deferred')" >/dev/null
  run -c "SELECT sim.cache_clear()" -c "UPDATE prices SET price = price + 0.001" >/dev/null
  all=$(seconds_of "SELECT sim.refresh_stale()")
  run -c "UPDATE prices SET price = price + 1 WHERE item = 7" >/dev/null
  one=$(seconds_of "SELECT sim.refresh_stale()")
  figure "refresh of 100 outputs, all of them stale" "$all" s - -
  figure "refresh after one of 100 inputs has changed" "$one" s - -
  figure "the first over the second" "$(awk -v a="$all" -v b="$one" 'BEGIN { print a / b }')" x ">10" 50
}

# What keeping every sample takes beyond computing the run, beside the server's own copy of the same rows; medians of three.
storing() {
  local trials=$((10 * million)) megabytes round plain kept copied
  megabytes=$((trials * 8 / 1000000))
  : >"$work/kept"
  : >"$work/copied"
  for round in 1 2 3; do
    plain=$(seconds_of "SET sim.cache = off; SELECT sim.run('cost', trials => $trials, seed => $round)")
    kept=$(seconds_of "SET sim.cache = off; SELECT sim.run('cost', trials => $trials, seed => $round, keep_samples => true)")
    copied=$(seconds_of "CREATE TABLE copied_$round AS SELECT * FROM sim.stored_samples WHERE run_id = (SELECT max(run_id) FROM sim.stored_runs)")
    awk -v m="$megabytes" -v s="$kept" -v p="$plain" 'BEGIN { print m / (s - p) }' >>"$work/kept"
    awk -v m="$megabytes" -v s="$copied" 'BEGIN { print m / s }' >>"$work/copied"
  done
  kept=$(sort -n "$work/kept" | sed -n 2p)
  copied=$(sort -n "$work/copied" | sed -n 2p)
  figure "storing every sample of $trials trials, beyond computing them" "$kept" MB/s \
    ">$(awk -v d="$copied" 'BEGIN { printf "%.0f", d < 100 ? d : 100 }')" 200
  figure "  PostgreSQL's own copy of these rows; the must is this or 100" "$copied" MB/s - -
}

set_up
printf '%-72s %10s %-6s %9s %9s\n' "Results that stay true" measured "" must aim
cached_reads
dashboard 5 ">90" 50 500
dashboard 1 - - -
writers
refreshes
storing
