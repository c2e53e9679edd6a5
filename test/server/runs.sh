#!/usr/bin/env bash
# runs.sh -- storing samples takes memory that does not grow with the number of trials, and nobody waits for it.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

session() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

session <<'SQL' >/dev/null
SELECT sim.create_model('sum', $$
  input a ~ normal(80, 12)
  input b ~ triangular(20, 25, 40)
  output total = a + b
$$);
SELECT sim.run('sum', 1000);
SQL

# Runs $1 trials with samples in the background; its number goes to the file "run".
start_run() {
  PGAPPNAME=storing session -c "SET max_parallel_workers_per_gather = 0" -c "SET sim.exact_percentile_memory = '4MB'" \
    -c "SELECT sim.run('sum', $1, keep_samples => true)" >"$work/run" &
  run=$!
}

storing_process() {
  session -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'storing' AND backend_type = 'client backend'"
}

# Most memory of its own, in kB, that the process of a run with $1 trials had.
peak_of_run() {
  local process now most=0
  start_run "$1"
  process=$(storing_process)
  while kill -0 "$run" 2>/dev/null; do
    now=$(sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/${process:-none}/status" 2>/dev/null || true)
    [[ ${now:-0} -le $most ]] || most=$now
    [[ -n $process ]] || process=$(storing_process)
  done
  wait "$run"
  printf '%s' "$most"
}

few=$(peak_of_run 1000000)
many=$(peak_of_run 10000000)
check "ten times the samples, 72 MB more, take no more memory" \
  "$([[ $few -gt 0 && $many -lt $((few + 8192)) ]] || printf 'peak with 1e6 trials: %s kB, with 1e7: %s kB' "$few" "$many")"
check_same "all of them are there" "$(session -c "SELECT count(*), sum(cardinality(samples)), max(first_trial)
  FROM sim.samples_stored WHERE run = $(cat "$work/run")")" "10000|10000000|9999001"
check_same "with the samples of sim.samples" "$(session -c "SELECT md5(string_agg(x::text, ',' ORDER BY trial)) = (
    SELECT md5(string_agg(total::text, ',' ORDER BY trial)) FROM sim.samples('sum', 10000000) AS s (trial bigint, total float8)
    WHERE trial BETWEEN 4999901 AND 5000200)
  FROM sim.samples_stored, unnest(samples) WITH ORDINALITY AS u (x, n), LATERAL (SELECT first_trial + n - 1 AS trial) AS t
  WHERE run = $(cat "$work/run") AND trial BETWEEN 4999901 AND 5000200")" t

# While samples are stored, results are read, other runs stored, the model replaced and dropped.
start_run 10000000
until [[ -n $(storing_process) ]]; do sleep 0.02; done
sleep 0.2
check_same "results are read meanwhile" "$(session -c "SET lock_timeout = 1" -c "SELECT count(*) FROM sim.results WHERE run = 1")" 1
check_same "another run is stored" "$(session -c "SET lock_timeout = 1" -c "SELECT count(sim.run('sum', 100))")" 1
check_same "the model is replaced" "$(session -c "SET lock_timeout = 1" -c "SELECT sim.create_model('sum', 'output total = 1', replace => true)")" 2
check_same "and dropped" "$(session -c "SET lock_timeout = 1" -c "SELECT sim.drop_model('sum')")" ""
check "the run goes on" "$(kill -0 "$run" 2>&1 || true)"
wait "$run" || true
check_same "and is that of the version it began with" "$(session -c "SELECT version, current, trials FROM sim.runs WHERE run = $(cat "$work/run")")" "1||10000000"
done_testing
