#!/usr/bin/env bash
# shared_samples.sh -- samples lie in shared memory where workers write them, and travel where there is not so much of it;
# where a few percentiles are all that is asked for, only the samples near them do.
#
# The server is started with a limit on the size of files, which its shared memory counts as.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

# Everything is computed: nothing comes from the cache.
export PGOPTIONS="-c sim.cache=off"

readonly kMostKilobytes=32768  # more than a segment of the server's log of changes, less than the samples
readonly kTrials=5000000       # 40 MB of samples

session() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

session <<'SQL' >/dev/null
SELECT sim.create_model('sum', $$
  input a ~ normal(80, 12)
  input b ~ triangular(20, 25, 40)
  output total = a + b
$$);
SELECT sim.create_model('trend', format($$
  data history(x)
  input x ~ historical(history)
  output total = %s
$$, (SELECT string_agg(format('ln(x + %s)', i), ' + ') FROM generate_series(1, 60) AS i)));
SELECT sim.bind('trend', 'history', 'SELECT i::float8 AS x FROM generate_series(1, 200000) AS i ORDER BY i');
SQL

# So many percentiles that most samples lie near one.
readonly kPercentiles="(SELECT array_agg(i / 100.0 ORDER BY i) FROM generate_series(1, 99) AS i)::float8[]"

# All statistics of so many trials in these settings, and many percentiles.
statistics_with() {
  session <<SQL
$1
SELECT md5(string_agg(m::text, ',')) FROM sim.monte_carlo('sum', $kTrials) AS m;
SELECT md5(string_agg(m::text, ',')) FROM sim.percentiles('sum', $kPercentiles, $kTrials) AS m;
SELECT sim.live_objects();
SQL
}

readonly kWorkers="SET max_parallel_workers_per_gather = 2; SET sim.exact_percentile_memory = '128MB';"

# Whether the statement at hand had workers.
workers_launched() {
  session -c "$kWorkers" -c "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM sim.monte_carlo('sum', $kTrials)" |
    sed -n 's/^ *Workers Launched: //p' | head -n 1
}

# Statistics of trials of which the first tell nothing of the others, in these settings.
trend_with() { session -c "$1" -c "SELECT md5(string_agg(m::text, ',')) FROM sim.monte_carlo('trend', 200000) AS m"; }

# How many passes over the trials these take with workers.
trend_passes() {
  session -c "$kWorkers" -c "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM sim.monte_carlo('trend', 200000)" |
    sed -n 's/^ *Passes: //p'
}

# What a statement says that is cancelled while workers write samples.
cancelled() {
  session -c "$kWorkers" -c "SET statement_timeout = 30" -c "SELECT * FROM sim.monte_carlo('sum', 3 * $kTrials)" || true
}

wanted=$(statistics_with "SET max_parallel_workers_per_gather = 0;")
check "there is something to compare" "$([[ $wanted =~ ^[0-9a-f]{32}[[:space:]][0-9a-f]{32}[[:space:]]0$ ]] || printf '%s' "$wanted")"
check_same "workers write samples into shared memory" "$(statistics_with "$kWorkers")" "$wanted"
check_same "and there were workers" "$(workers_launched)" 2
check_same "where the first trials mislead about percentiles all samples are kept in a second pass" "$(trend_passes)" 2
check_same "with the same statistics" "$(trend_with "$kWorkers")" "$(trend_with "SET max_parallel_workers_per_gather = 0;")"
check_same "a statement that is cancelled" "$(cancelled)" "ERROR:  canceling statement due to statement timeout"
check_same "leaves nothing in the way" "$(statistics_with "$kWorkers")" "$wanted"

SIM_CLUSTER_FILE_SIZE=$kMostKilobytes "$SIM_SOURCE/scripts/cluster.sh" restart
check_same "samples travel where shared memory is too small" "$(statistics_with "$kWorkers")" "$wanted"
check_same "with workers, too" "$(workers_launched)" 2
check_same "inside a transaction, after a savepoint" "$(session <<SQL
$kWorkers
BEGIN;
SAVEPOINT before;
SELECT count(median) FROM sim.monte_carlo('sum', $kTrials);
ROLLBACK TO before;
SELECT count(median) FROM sim.monte_carlo('sum', $kTrials);
COMMIT;
SQL
)" "$(printf '1\n1')"
"$SIM_SOURCE/scripts/cluster.sh" restart
check "nothing of shared memory was left to the end of a transaction" "$(grep -i 'leak' "$SIM_SERVER_LOG" || true)"
done_testing
