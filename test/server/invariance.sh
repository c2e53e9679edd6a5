#!/usr/bin/env bash
# invariance.sh -- the same model, trials and seed give the same bits, however the work is shared out.
#
# Every bit counts: results are compared as float8send and as sim.result_hash, over numbers of workers, with and without the
# leader, sizes of chunks and batches, forced plans, memory limits, statements of every kind, and a restart of the server.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

# Everything is computed: nothing comes from the cache.
export PGOPTIONS="-c sim.cache=off"

session() { psql -X -q -A -t -v ON_ERROR_STOP=1; }

session <<'SQL' >/dev/null
SELECT sim.create_model('plant', $$
  input material  = 100
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  input demand    ~ exponential(0.1)
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 0.8 * material + co2
  price    = transport / (1 + price * demand)
  output total = material + energy + transport + disposal
  output price
  output failing = sqrt(energy - 75)
$$);
SELECT sim.create_model('path', $$
  steps 60 month
  input stock[t] ~ student_t(5)
  input jump[t]  ~ poisson(0.05)
  wealth[0] = 1000
  wealth[t] = max(0, wealth[t-1] - 5) * (1.007 + 0.03 * stock[t] - 0.1 * jump[t])
  output wealth[t] every 12
  output success = wealth[last] > 0
$$);
SELECT sim.create_scenario('plant', 'dear', '{"material": 150}');
SELECT sim.create_scenario('plant', 'wild', '{"energy": "~ normal(80, 30)"}');
SQL

# All bits of all statistics, percentiles and comparisons, as one hash.
readonly kBits="
  SELECT md5(string_agg(bits, ',')) FROM (
    SELECT 1 AS part, scenario, output, step, concat_ws(' ', trials, failed_trials, float8send(mean), float8send(std_error),
      float8send(stddev), float8send(skewness), float8send(kurtosis), float8send(min), float8send(p05), float8send(p25),
      float8send(median), float8send(p75), float8send(p95), float8send(max)) AS bits
    FROM sim.monte_carlo('plant', 200001, 7, ARRAY['*'])
    UNION ALL
    SELECT 2, scenario, output, step, concat_ws(' ', trials, failed_trials, float8send(mean), float8send(stddev), float8send(median))
    FROM sim.monte_carlo('path', 4000, 7)
    UNION ALL
    SELECT 3, scenario, output, step, concat_ws(' ', float8send(value), float8send(lower), float8send(upper))
    FROM sim.percentiles('plant', ARRAY[0.001, 0.5, 0.999], 200000)
    UNION ALL
    SELECT 4, scenario, variable, step, concat_ws(' ', float8send(value), float8send(difference), float8send(std_error))
    FROM sim.compare('plant', ARRAY['*'], trials => 100000, statistic => 'p95')
    UNION ALL
    SELECT 5, '', 'hash', NULL, sim.result_hash('plant', 200001, 7, ARRAY['*'])
    ORDER BY part, scenario, output, step) AS results"

# The samples themselves, in no particular order.
readonly kSamples="
  SELECT md5(string_agg(bits, ',' ORDER BY trial, step)) FROM (
    SELECT trial, NULL::int AS step, concat_ws(' ', float8send(total), float8send(failing)) AS bits
    FROM sim.samples('plant', 50000, 7) AS s(trial bigint, total float8, failing float8)
    UNION ALL
    SELECT trial, step, float8send(wealth)::text FROM sim.samples('path', 1000, 7) AS s(trial bigint, step int, wealth float8)) AS samples"

# What a session with these settings computes.
bits_with() {
  session <<SQL
$1
$kBits;
$kSamples;
SQL
}

# PostgreSQL 16 gave the setting that forces a plan into a worker another name.
forced=$(session <<<"SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')")
serial=$(bits_with "SET max_parallel_workers_per_gather = 0;")
check "there is something to compare" "$([[ $serial =~ ^[0-9a-f]{32}$'\n'[0-9a-f]{32}$ ]] || printf '%s' "$serial")"

check_same "and workers compute it where they may" "$(session <<'SQL' | sed -n 's/^ *Workers Launched: //p' | head -n 1
SET max_parallel_workers_per_gather = 2;
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM sim.monte_carlo('plant', 200001, 7, ARRAY['*']);
SQL
)" 2

while IFS='|' read -r description settings; do
  check_same "$description" "$(bits_with "${settings//@forced@/$forced}")" "$serial"
done <<'CASES'
one worker|SET max_parallel_workers_per_gather = 1;
two workers|SET max_parallel_workers_per_gather = 2;
four workers|SET max_parallel_workers_per_gather = 4;
workers without the leader|SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off;
workers that cost nothing|SET max_parallel_workers_per_gather = 4; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
no worker is to be had|SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 0;
chunks of one leaf|SET sim.chunk_leaves = 1;
chunks of 64 leaves|SET sim.chunk_leaves = 64;
batches of 128 lanes|SET sim.batch_lanes = 128;
batches of 640 lanes|SET sim.batch_lanes = 640;
batches of a leaf in small chunks with workers|SET sim.batch_lanes = 1024; SET sim.chunk_leaves = 2; SET max_parallel_workers_per_gather = 3;
programs that are not optimised|SET sim.optimise = off;
programs that are not optimised with workers|SET sim.optimise = off; SET max_parallel_workers_per_gather = 2;
two threads|SET max_parallel_workers_per_gather = 0; SET sim.threads = 2;
more threads than cores in small chunks|SET max_parallel_workers_per_gather = 0; SET sim.threads = 7; SET sim.chunk_leaves = 1;
threads where more workers are to be had|SET max_parallel_workers_per_gather = 4; SET sim.threads = 2;
threads with little memory for percentiles|SET max_parallel_workers_per_gather = 0; SET sim.threads = 3; SET sim.exact_percentile_memory = '1MB';
everything in a worker|SET @forced@ = on;
little memory for percentiles|SET sim.exact_percentile_memory = '1MB';
very little memory for percentiles|SET sim.exact_percentile_memory = '64kB'; SET max_parallel_workers_per_gather = 2;
no hash aggregates, no sorts in memory|SET enable_hashagg = off; SET work_mem = '64kB';
a serializable transaction|BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;
CASES

check_same "a cursor" "$(session <<SQL
BEGIN;
DECLARE c CURSOR FOR $kBits;
FETCH ALL FROM c;
SQL
)" "$(head -n 1 <<<"$serial")"

"$SIM_SOURCE/scripts/cluster.sh" restart
check_same "another start of the server" "$(bits_with "")" "$serial"
"$SIM_SOURCE/scripts/cluster.sh" restart immediate
check_same "a start after a crash" "$(bits_with "")" "$serial"
done_testing
