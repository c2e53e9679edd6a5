#!/usr/bin/env bash
# demo.sh -- the demo runs, and its plan on the past equals a recursion in plain SQL; prints TAP.
#
# The recursion is written from the words of the plan, not from the model: spend a twelfth of 4 % of the start, raised with
# prices, at the beginning of each month, never below nothing, then earn the month's return.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

session() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# Ends of the plan over $1 months, by start: table plain_$1.
compute_plainly() {
  session -v steps="$1" <<'SQL'
CREATE TEMPORARY TABLE months AS
SELECT row_number() OVER (ORDER BY month) AS place, stock, bond, inflation FROM market;
ALTER TABLE months ADD PRIMARY KEY (place);
CREATE TABLE plain_:steps AS
WITH RECURSIVE path AS (
  SELECT
    place AS start,
    0 AS step,
    1000000::float8 AS wealth,
    1::float8 AS price_level
  FROM months
  WHERE place <= (SELECT count(*) FROM months) - :steps + 1
  UNION ALL
  SELECT
    path.start,
    path.step + 1,
    greatest(0, path.wealth - 40000 / 12.0::float8 * path.price_level * (1 + m.inflation))
      * (1 + 0.6::float8 * m.stock + 0.4::float8 * m.bond),
    path.price_level * (1 + m.inflation)
  FROM path
  JOIN months AS m ON m.place = path.start + path.step
  WHERE path.step < :steps)
SELECT start AS trial, wealth / price_level AS real_end_wealth, wealth > 0 AS success
FROM path
WHERE step = :steps;
SQL
}

# What the model over $2 years says of $1 months against table plain_$1: windows, least success, differences.
compare_with_model() {
  session -v steps="$1" -v model="history_$2" <<'SQL'
SELECT
  count(*) FILTER (WHERE s.trial IS NULL OR p.trial IS NULL) || ' unmatched, '
  || count(*) FILTER (WHERE s.success::integer::boolean IS DISTINCT FROM p.success) || ' other successes, '
  || count(*) FILTER (
    WHERE (abs(s.real_end_wealth - p.real_end_wealth) <= 1e-9 * abs(p.real_end_wealth)) IS NOT TRUE)
  || ' beyond 1e-9'
FROM sim.samples(:'model') AS s(trial bigint, success float8, real_end_wealth float8)
FULL JOIN plain_:steps AS p USING (trial);
SQL
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
psql -X -q -v ON_ERROR_STOP=1 -v data="$SIM_SOURCE/examples/data" -f "$SIM_SOURCE/examples/demo.sql" >"$log" 2>&1 || status=$?
check "the demo runs" "$([[ $status -eq 0 ]] || cat "$log")"
check "it says nothing on the way" "$(grep -E 'ERROR|WARNING|NOTICE|psql:' "$log" || true)"
check_same "it answers every question with time and workers" \
  "$(grep -cE '^   [0-9.]+ m?s, (no workers|[0-9]+ parallel worker)' "$log")" 8
widest=$(LC_ALL=C.UTF-8 wc -L <"$log")
check "its lines are at most 120 wide" "$([[ $widest -le 120 ]] || say "the widest has $widest")"

for years in 30 40; do
  months=$((12 * years))
  compute_plainly "$months"
  check_same "every month of the past begins one plan over $years years" \
    "$(session -c "SELECT count(*) FROM plain_$months")" "$((1829 - months + 1))"
  check_same "the plan over $years years equals a recursion in plain SQL to 1e-9" \
    "$(compare_with_model "$months" "$years")" "0 unmatched, 0 other successes, 0 beyond 1e-9"
  check_same "its statistics over $years years count what the recursion counts" \
    "$(session -c "SELECT trials, round(mean * trials) FROM sim.monte_carlo('history_$years') WHERE output = 'success'")" \
    "$(session -c "SELECT count(*), count(*) FILTER (WHERE success) FROM plain_$months")"
done
done_testing
