#!/usr/bin/env bash
# run.sh -- runs the benchmarks in the cluster that scripts/bench.sh makes, and prints the tables.
#
#   run.sh          everything: five interleaved rounds
#   run.sh quick    one round with a tenth of the trials, to see that it works
#
# All rivals of a job run one after the other in each round, so that whatever else the machine does meets them alike; the
# tables show medians of the rounds and their spread. Rivals that would take too long get fewer trials and are scaled
# linearly; the tables mark them. What is not installed is left out and said so.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../scripts/common.sh"

SIM_BENCH_WORK=$(mktemp -d "${TMPDIR:-/tmp}/pg_simulate_bench.XXXXXX")
trap 'rm -rf "$SIM_BENCH_WORK"' EXIT
export SIM_BENCH_WORK NUMBA_CACHE_DIR=$SIM_BENCH_WORK
export SIM_BENCH_RESULTS=$SIM_BENCH_WORK/results SIM_BENCH_LATENCIES=$SIM_BENCH_WORK/latencies
export SIM_BENCH_MARKET=${SIM_BENCH_MARKET:-$SIM_SOURCE/examples/data/us_market_monthly.csv}
: >"$SIM_BENCH_RESULTS"
: >"$SIM_BENCH_LATENCIES"
# shellcheck source=bench/measure.sh
source "$SIM_SOURCE/bench/measure.sh"

rounds=${SIM_BENCH_ROUNDS:-5}
million=1000000
seconds=1
long_seconds=8  # some forty statements of 0.2 s
if [[ ${1:-} == quick ]]; then
  rounds=1
  million=100000
  long_seconds=2
fi
# More than a second without workers, so that the milliseconds in which workers start do not count.
scanned_costs=$((32 * million))
scanned_paths=$((million * 8 / 10))
readonly kTwoWorkers="SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off"
readonly kTwoThreads="SET max_parallel_workers_per_gather = 0; SET sim.threads = 2"
readonly kNoWorkers="SET max_parallel_workers_per_gather = 0"
readonly kLateral="SELECT sum(c.value) FROM generate_series(1, 100000) AS i, LATERAL sim.converge('cost', overrides => jsonb_build_object('energy_cost', 60 + i * 0.0004)) AS c WHERE c.variable = 'total_cost'"
readonly kPathColumns="output, mean, p05, p25, median, p75, p95"

build_programs() {
  cmake --build "$SIM_BUILD" --target bench_programs --parallel "${JOBS:-$(nproc)}" >"$SIM_BUILD/bench.log" 2>&1 ||
    fail "the benchmarks do not build: see $SIM_BUILD/bench.log"
}

# The Python that has NumPy, and Numba if any; nothing where there is none.
find_python() {
  local python
  for python in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$python" -c 'import numpy' 2>/dev/null; then
      say "$python"
      return
    fi
  done
}

has_numba() { [[ -n $SIM_BENCH_PYTHON ]] && "$SIM_BENCH_PYTHON" -c 'import numba' 2>/dev/null; }

model() { "$SIM_BUILD/bench/bench_model" "$@"; }

set_up() {
  local name variables=()
  export PGOPTIONS="-c client_min_messages=warning -c sim.cache=off"
  for name in cost j4 grid; do variables+=(-v "$name=$(model "$name" 0)"); done
  psql -Xq -v ON_ERROR_STOP=1 -v "j1b=$(model j1b 480)" -v "j1n=$(model j1n 480)" -v "cycles=$(model cycles 43)" \
    "${variables[@]}" -f "$SIM_SOURCE/bench/sql/setup.sql" >/dev/null
  psql -Xq -v ON_ERROR_STOP=1 -c "\\copy market FROM '$SIM_BENCH_MARKET' WITH (FORMAT csv, HEADER)"
  psql -Xq -v ON_ERROR_STOP=1 -f "$SIM_SOURCE/bench/sql/bind.sql" >/dev/null
  psql -Xq -v ON_ERROR_STOP=1 -f "$SIM_SOURCE/bench/sql/rivals.sql"
  plpython=no
  if [[ -n $SIM_BENCH_PYTHON ]] && psql -Xq -v ON_ERROR_STOP=1 -v "numpy_jobs=$(cat "$SIM_SOURCE/bench/python/numpy_jobs.py")" \
    -f "$SIM_SOURCE/bench/sql/plpython.sql" >/dev/null 2>"$SIM_BENCH_WORK/plpython.log" &&
    psql -XqAt -c "SELECT numpy_job('j2', 1000)" >/dev/null 2>>"$SIM_BENCH_WORK/plpython.log"; then
    plpython=yes
  fi
}

# The extension's answer must be that of the rival with the same draws.
compare_answers() {
  local job=$1 trials=$2 query=$3 ours theirs
  theirs=$("$SIM_BUILD/bench/bench_hand" "$job" same "$trials" 2 1 "$SIM_BENCH_MARKET" | cut -d ' ' -f 2- | tr ' ' '\n')
  ours=$(psql -XqAt -v ON_ERROR_STOP=1 -c "$query" | tr '|' '\n')
  paste <(say "$ours") <(say "$theirs") | awk -v job="$job" '
    { difference = $1 - $2; if (difference < 0) difference = -difference
      size = $2 < 0 ? -$2 : $2
      if (NF != 2 || difference > 1e-12 * (1 + size)) { bad = 1; print job ": " $1 " is not " $2 > "/dev/stderr" } }
    END { exit bad || NR == 0 }' || fail "the answers of job $job differ"
}

# A rival that iterates until cells change by 0.001 or less ends that near to the extension's answer.
compare_iterated() {
  local job=$1 trials=$2 query=$3 rival
  for rival in loop query; do
    psql -XqAt -v ON_ERROR_STOP=1 -c "SELECT count(*) FROM unnest(($query), ${rival}_$job($trials)) AS answers(ours, theirs)
      WHERE abs(ours - theirs) <= 0.001 * (1 + abs(ours)) IS NOT TRUE" | grep -qx 0 || fail "the answers of ${rival}_$job differ"
  done
}

check_answers() {
  compare_answers j1b 20000 "SELECT a.mean, b.p05, b.p25, b.median, b.p75, b.p95 FROM sim.monte_carlo('j1b', trials => 20000) AS a,
    sim.monte_carlo('j1b', trials => 20000) AS b WHERE a.output = 'success' AND b.output = 'real_wealth'"
  compare_answers j1n 5000 "SELECT a.mean, b.p05, b.p25, b.median, b.p75, b.p95 FROM sim.monte_carlo('j1n', trials => 5000) AS a,
    sim.monte_carlo('j1n', trials => 5000) AS b WHERE a.output = 'success' AND b.output = 'real_wealth'"
  compare_answers j2 100000 "SELECT mean, stddev, p05, median, p95 FROM sim.monte_carlo('cost', trials => 100000)"
  compare_iterated j3 1000 "SELECT ARRAY[min(total_cost), sum(total_cost), max(total_cost)] FROM sim.samples('grid', 1000) AS s(total_cost float8)"
  compare_iterated j5 2 "SELECT ARRAY[value] FROM sim.converge('cycles') WHERE variable = 'c43_9'"
  compare_answers j4 50000 "SELECT p05, p25, median, p75, p95 FROM sim.monte_carlo('j4', trials => 50000)"
}

# paths JOB: one round of a path model at a million trials.
path_round() {
  local job=$1 part=$((million / 10))
  record "$job.sim" in_psql "$kTwoWorkers" "SELECT * FROM sim.monte_carlo('$job', trials => 1024)" \
    "SELECT $kPathColumns FROM sim.monte_carlo('$job', trials => $million)"
  record "$job.threads" in_psql "$kTwoThreads" "SELECT * FROM sim.monte_carlo('$job', trials => 1024)" \
    "SELECT $kPathColumns FROM sim.monte_carlo('$job', trials => $million)"
  record "$job.same" by_hand "$job" same $million 1
  record "$job.free" by_hand "$job" free $million 1
  record "$job.one" scaled 10 env SIM_BENCH_THREADS=1 bash -c "$(declare -f by_hand); by_hand $job free $part 1"
  record "$job.engine" by_hand "$job" engine $million 1
  [[ -z $SIM_BENCH_PYTHON ]] || record "$job.numpy" scaled 50 by_python numpy_jobs.py "$job" $((million / 50)) 1
  [[ $numba == no ]] || record "$job.numba" scaled 10 by_python numba_jobs.py "$job" $part 1
  [[ $plpython == no ]] || record "$job.plpython" scaled 50 in_psql "$kNoWorkers" "SELECT numpy_job('j2', 1000)" \
    "SELECT numpy_job('$job', $((million / 50)))"
  record "$job.loop" scaled $((million / 1000)) in_psql "$kNoWorkers" "SELECT loop_$job(2)" "SELECT loop_$job(1000)"
  record "$job.query" scaled $((million / 200)) in_psql "$kNoWorkers" "SELECT query_$job(2)" "SELECT query_$job(200)"
}

# flat_round JOB MODEL COLUMNS: one round of a model without time at a million trials.
flat_round() {
  local job=$1 model=$2 columns=$3
  record "$job.sim" in_psql "$kTwoWorkers" "SELECT * FROM sim.monte_carlo('$model', trials => 1024)" \
    "SELECT $columns FROM sim.monte_carlo('$model', trials => $million)"
  record "$job.threads" in_psql "$kTwoThreads" "SELECT * FROM sim.monte_carlo('$model', trials => 1024)" \
    "SELECT $columns FROM sim.monte_carlo('$model', trials => $million)"
  record "$job.same" by_hand "$job" same $million 1
  record "$job.free" by_hand "$job" free $million 1
  record "$job.one" env SIM_BENCH_THREADS=1 bash -c "$(declare -f by_hand); by_hand $job free $million 1"
  record "$job.engine" by_hand "$job" engine $million 1
  [[ -z $SIM_BENCH_PYTHON ]] || record "$job.numpy" by_python numpy_jobs.py "$job" $million 1
  [[ $numba == no ]] || record "$job.numba" by_python numba_jobs.py "$job" $million 1
  [[ $plpython == no ]] || record "$job.plpython" in_psql "$kNoWorkers" "SELECT numpy_job('j2', 1000)" "SELECT numpy_job('$job', $million)"
  record "$job.loop" scaled $((million / 5000)) in_psql "$kNoWorkers" "SELECT loop_$job(2)" "SELECT loop_$job(5000)"
  record "$job.query" scaled $((million / 50000)) in_psql "$kNoWorkers" "SELECT query_$job(2)" "SELECT query_$job(50000)"
}

# small_round JOB TRIALS QUERY: a job of microseconds. The hand-written loop runs outside; the tables add one trivial
# statement to it.
small_round() {
  local job=$1 trials=$2 query=$3
  record "$job.sim" latency $seconds "$query"
  record "$job.same" by_hand "$job" same "$trials" 2001
  record "$job.free" by_hand "$job" free "$trials" 2001
  record "$job.one" by_hand "$job" free "$trials" 2001
  record "$job.engine" by_hand "$job" engine "$trials" 101
  [[ -z $SIM_BENCH_PYTHON ]] || record "$job.numpy" by_python numpy_jobs.py "$job" "$trials" 101
  [[ $numba == no ]] || record "$job.numba" by_python numba_jobs.py "$job" "$trials" 1001
  [[ $plpython == no ]] || record "$job.plpython" latency $seconds "SELECT numpy_job('$job', $trials)"
  record "$job.loop" latency $seconds "SELECT loop_$job($trials)"
  record "$job.query" latency $seconds "SELECT query_$job($trials)"
}

# Single figures of the extension itself.
server_round() {
  local costs="SELECT avg(total_cost) FROM sim.samples('cost', $scanned_costs) AS s(total_cost float8)"
  local paths="SELECT avg(real_wealth) FROM sim.samples('j1n', $scanned_paths) AS s(real_wealth float8)"
  local few="SELECT avg(total_cost) FROM sim.samples('cost', 1024) AS s(total_cost float8)"
  record trivial latency $seconds "SELECT 1"
  record scan.0 in_psql "$kNoWorkers" "$few" "$costs"
  record scan.2 in_psql "$kTwoWorkers" "$few" "$costs"
  record paths.0 in_psql "$kNoWorkers" "$few" "$paths"
  record paths.2 in_psql "$kTwoWorkers" "$few" "$paths"
  record converge latency $seconds "SELECT * FROM sim.converge('cost', overrides => '{\"energy_cost\": 90}')"
  record hundred latency $seconds "SELECT * FROM sim.monte_carlo('cost', trials => 100)"
  record lateral in_psql "$kNoWorkers" "SELECT count(*) FROM sim.converge('cost')" "$kLateral"
  record scenarios cold "SELECT count(*) FROM sim.converge('cost', scenarios => ARRAY['*'])"
  record cycles scaled 0.01 in_psql "$kNoWorkers" "SELECT count(*) FROM sim.converge('cycles')" \
    "SELECT sum(c.value) FROM generate_series(1, 100) AS i, LATERAL sim.converge('cycles', overrides => jsonb_build_object('demand', 50 + i)) AS c WHERE c.variable = 'c43_9'"
}

scenario_latencies() {
  local count
  for count in 1 3 10 50 1000; do
    latencies "$count" "$seconds" "SELECT * FROM sim.converge('cost', scenarios => (SELECT array_agg('s' || i) FROM generate_series(1, least($count, 999)) AS i))"
  done
  PGOPTIONS="$PGOPTIONS -c max_parallel_workers_per_gather=0" latencies 100000_by_LATERAL,_one_core "$long_seconds" "$kLateral"
}

engine_figures() {
  [[ -x $SIM_BUILD/bench/bench_engine ]] || return 0
  "$SIM_BUILD/bench/bench_engine" --benchmark_format=csv --benchmark_repetitions=3 --benchmark_min_time=0.02 \
    --benchmark_enable_random_interleaving=true --benchmark_report_aggregates_only=true 2>/dev/null \
    >"$SIM_BENCH_WORK/engine.csv" || say "the engine's benchmarks failed" >&2
}

build_programs
SIM_BENCH_PYTHON=$(find_python)
export SIM_BENCH_PYTHON
numba=no
if has_numba; then
  numba=yes
fi
set_up
check_answers
for ((round = 1; round <= rounds; round++)); do
  path_round j1b
  path_round j1n
  flat_round j2 cost "mean, stddev, p05, median, p95"
  flat_round j4 j4 "p05, p25, median, p75, p95"
  small_round j3 1000 "SELECT sum(total_cost) FROM sim.samples('grid', 1000) AS s(total_cost float8)"
  small_round j5 2 "SELECT value FROM sim.converge('cycles', overrides => '{\"demand\": 100}') WHERE variable = 'c43_9'"
  server_round
done
scenario_latencies
record memory worker_memory "SELECT output, mean, p05, median, p95 FROM sim.monte_carlo('j1b', trials => $((10 * million)))"
record memory.scenarios worker_memory "SELECT count(median) FROM sim.monte_carlo('cost', trials => $((million / 5)), scenarios => ARRAY['*'])"
engine_figures
say "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores; load $(cut -d ' ' -f 1-3 /proc/loadavg)."
say "Medians of $rounds interleaved rounds. NumPy: ${SIM_BENCH_PYTHON:-not installed}; Numba: $numba; plpython3u: $plpython."
awk -v memory_trials="$((10 * million))" -v costs="$scanned_costs" -v paths="$scanned_paths" -f "$SIM_SOURCE/bench/tables.awk" "$SIM_BENCH_RESULTS" "$SIM_BENCH_LATENCIES" \
  "$SIM_BENCH_WORK/engine.csv"
