# measure.sh -- how long something takes, in seconds: by hand, in psql, as a latency, in Python. Sourced by run.sh.
# shellcheck shell=bash
#
# Every measurement is one line "name seconds" on standard output; record appends it to the results. A measurement that
# fails says why on standard error and records nothing, so that its place in the tables stays empty.

readonly kNoResult=-

# record NAME COMMAND...: the command prints seconds.
record() {
  local name=$1 seconds
  shift
  if seconds=$("$@") && [[ -n $seconds && $seconds != "$kNoResult" ]]; then
    printf '%s %s\n' "$name" "$seconds" >>"$SIM_BENCH_RESULTS"
  else
    printf 'no result for %s\n' "$name" >&2
  fi
}

# Multiplies what the rest prints: for rivals that get fewer trials.
scaled() {
  local factor=$1 seconds
  shift
  seconds=$("$@") || return 1
  awk -v s="$seconds" -v f="$factor" 'BEGIN { if (s == "" || s == "-") exit 1; printf "%.9f\n", s * f }'
}

# by_hand JOB VARIANT TRIALS REPEATS
by_hand() { "$SIM_BUILD/bench/bench_hand" "$1" "$2" "$3" "${SIM_BENCH_THREADS:-2}" "$4" "$SIM_BENCH_MARKET" | cut -d ' ' -f 1; }

# by_python FILE JOB TRIALS REPEATS
by_python() {
  "$SIM_BENCH_PYTHON" "$SIM_SOURCE/bench/python/$1" "$2" "$3" "$4" "$SIM_BENCH_MARKET" | cut -d ' ' -f 1
}

# in_psql SETTINGS WARM-UP QUERY: seconds of the query in a session that has run the warm-up.
in_psql() {
  psql -XqAt -v ON_ERROR_STOP=1 <<SQL | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1 | awk '{ printf "%.9f\n", $1 / 1000 }'
$1;
\\o /dev/null
$2;
\\timing on
$3;
SQL
}

# cold QUERY: seconds of the first statement of a session, the loading of the library included.
cold() { in_psql "SET client_min_messages = warning" "SELECT 1" "$1"; }

# latency SECONDS QUERY: mean seconds of a statement over and over in one session.
latency() {
  local file=$SIM_BENCH_WORK/latency.sql
  printf '%s;\n' "$2" >"$file"
  pgbench -n -M simple -c 1 -T "$1" -f "$file" 2>/dev/null |
    sed -n 's/^latency average = \([0-9.]*\) ms.*/\1/p' | awk '{ printf "%.9f\n", $1 / 1000 }'
}

# latencies NAME SECONDS QUERY: mean, median, p95 and p99 in milliseconds of a statement, as one line of the results.
latencies() {
  local file=$SIM_BENCH_WORK/latency.sql log=$SIM_BENCH_WORK/transactions
  printf '%s;\n' "$3" >"$file"
  rm -f "$log".*
  (cd "$SIM_BENCH_WORK" && pgbench -n -M simple -c 1 -T "$2" -l --log-prefix=transactions -f "$file") >/dev/null 2>&1 || return 0
  cat "$log".* | awk '{ print $3 / 1000 }' | sort -n | awk -v name="$1" '
    { value[NR] = $1; sum += $1 }
    END {
      if (NR == 0) exit
      printf "%s %.3f %.3f %.3f %.3f\n", name, sum / NR, value[int((NR + 1) / 2)], value[int(0.95 * NR + 0.999)], value[int(0.99 * NR + 0.999)]
    }' >>"$SIM_BENCH_LATENCIES"
}

# Kilobytes that process $1 holds in memory of its own.
private_memory() { awk '/^RssAnon:/ { print $2 }' "/proc/$1/status" 2>/dev/null || true; }

# worker_memory QUERY: the most megabytes of its own that a parallel worker of the query held, less those of a session
# that has just loaded the library.
worker_memory() {
  local pid highest=0 start held
  start=$(psql -XqAt -c "SELECT count(*) FROM sim.distributions" -c "SELECT pg_read_file('/proc/self/status')" 2>/dev/null |
    awk '/^RssAnon:/ { print $2 }')
  psql -XqAt -c "SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off" -c "$1" >/dev/null 2>&1 &
  local query=$!
  while kill -0 "$query" 2>/dev/null; do
    for pid in $(pgrep -f 'postgres: parallel worker for PID' || true); do
      held=$(private_memory "$pid")
      if [[ -n $held && $held -gt $highest ]]; then
        highest=$held
      fi
    done
    sleep 0.1
  done
  wait "$query" || return 1
  [[ $highest -gt 0 ]] || return 1
  awk -v a="$highest" -v b="${start:-0}" 'BEGIN { printf "%.1f\n", (a - b) / 1024 }'
}
