#!/usr/bin/env bash
# cache_memory.sh -- the memory of shared results: taken when it is needed, given back, and done without where there is none.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

# What a session has found or computed it does not keep to itself.
session() {
  PGOPTIONS="-c client_min_messages=error -c sim.cache_session_size=0 ${OPTIONS:-}" \
    psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1
}
afresh() { OPTIONS="-c sim.cache=off" session; }
restart() { "$SIM_SOURCE/scripts/cluster.sh" restart; }
set_server() { session -c "ALTER SYSTEM SET $1" >/dev/null; }
resize() {
  set_server "sim.cache_shared_size = '$1'"
  session -c "SELECT pg_reload_conf()" >/dev/null
  until [[ $(session -c "SHOW sim.cache_shared_size") == "$1" ]]; do sleep 0.05; done
}
shared() { session -c "SELECT $1 FROM sim.cache_stats WHERE level = 'shared'"; }
# Nothing where the condition holds, else what there is.
is() {
  local row
  row=$(session -c "SELECT ($1), s FROM sim.cache_stats AS s WHERE level = 'shared'")
  [[ $row == "t|"* ]] || printf '%s' "${row:-there is no such level}"
}
# The server's log since byte $1, where it tells of results that sessions share.
logged_since() { tail -c "+$(($1 + 1))" "$SIM_SERVER_LOG" | grep -E 'results that sessions share|ERROR|FATAL|PANIC' || true; }
log_size() { stat -c %s "$SIM_SERVER_LOG"; }
cleanup() {
  session -c "ALTER SYSTEM RESET ALL" >/dev/null || true
  restart >/dev/null 2>&1 || true
}
trap cleanup EXIT

# Statements for so many results of a model, from a seed on: short ones take 2 kB, middle ones 200, long ones 900.
results() {
  local model=$1 count=$2 first=${3:-1} seed
  for ((seed = first; seed < first + count; seed++)); do
    printf "SELECT md5(string_agg(m::text, ',')) FROM sim.monte_carlo('%s', 50, seed => %d) AS m;\n" "$model" "$seed"
  done
}

set_server "shared_preload_libraries = 'pg_simulate'"
set_server "max_parallel_workers_per_gather = 0"
restart
session <<'SQL' >/dev/null
SELECT sim.create_model(name, format($$
  steps %s year
  input a[t] ~ normal(80, 12)
  level[0] = 100
  level[t] = level[t-1] + a[t]
  output level[t]
$$, steps)) FROM (VALUES ('short', 20), ('middle', 2000), ('long', 8000)) AS v(name, steps);
SQL
wanted=$(results short 1000 | afresh)
check_same "a server that has computed nothing holds nothing" "$(shared held)" 0
check_same "results are right" "$(results short 1000 | session)" "$wanted"
check "what they take is held" "$(is 'entries = 1000 AND bytes BETWEEN 1500000 AND held')"
check "and not much more" "$(is 'held < 2 * bytes')"
check_same "another session finds them" "$(results short 1000 | session)" "$wanted"
check_same "all of them" "$(shared "hits, misses, evictions")" "1000|1000|0"
held=$(shared held)
results short 2000 2001 | OPTIONS="-c sim.cache_shared_ttl=0" session >/dev/null
check "what is too old makes room before more memory is taken" "$(is "held = $held AND evictions >= 1000")"
session -c "SELECT sim.cache_clear('shared')" >/dev/null
results short 1000 | session >/dev/null

# Without a restart.
resize 1MB
session -c "SELECT count(*) FROM sim.monte_carlo('short', 50, seed => 1001)" >/dev/null
check "when the size is lowered they leave" "$(is 'entries = 1 AND held <= 1048576')"
check_same "and are computed again" "$(results short 1000 | session)" "$wanted"
check "within the size" "$(is 'entries > 100 AND held <= 1048576')"
resize 100MB
check_same "when it is raised" "$(results short 1000 | session)" "$wanted"
check "there is room for all" "$(is 'entries BETWEEN 1000 AND 1001')"
resize 0
check_same "without any there is no such level" "$(shared level)" ""
check_same "which changes no result" "$(results short 100 | session)" "$(head -n 100 <<<"$wanted")"
resize 100MB
check_same "and what it had was given back" "$(shared "entries, held")" "0|0"

# Emptied, beside results of another database.
createdb -T "$PGDATABASE" "${PGDATABASE}_copy"
results short 10 | session -d "${PGDATABASE}_copy" >/dev/null
results short 1000 | session >/dev/null
session -c "SELECT sim.cache_clear()" >/dev/null
check "emptying it leaves what another database has" "$(is 'entries = 10 AND held > 0')"
session -d "${PGDATABASE}_copy" -c "SELECT sim.cache_clear()" >/dev/null
check_same "and emptied for all it holds nothing" "$(shared "entries, bytes, held")" "0|0|0"
dropdb "${PGDATABASE}_copy"

# While others read, in sessions that have mapped what goes.
for i in 1 2 3; do results short 1000 | session >"$SIM_CLUSTER/reader.$i" & done
for i in $(seq 20); do session -c "SELECT sim.cache_clear('shared')" >/dev/null; done
wait
check_same "sessions from under which it is emptied have the right results" "$(cat "$SIM_CLUSTER"/reader.{1,2,3})" \
  "$(printf '%s\n' "$wanted" "$wanted" "$wanted")"

# A process that is killed.
results short 1000 | session >/dev/null
PGAPPNAME=victim session -c "SELECT count(*) FROM sim.monte_carlo('short', 50)" -c "SELECT pg_sleep(60)" >/dev/null &
victim=""
until [[ -n $victim ]]; do
  victim=$(session -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND query LIKE '%sleep%'")
done
kill -9 "$victim"
wait || true
until session -c "SELECT 1" >/dev/null; do sleep 0.1; done
check_same "after a crash nothing is held" "$(shared "entries, held")" "0|0"
check_same "and all is in order" "$(results short 1000 | session; results short 1000 | session)" "$(printf '%s\n' "$wanted" "$wanted")"
check_same "also in shared memory" "$(shared "entries, hits")" "1000|1000"

# The system refuses large pieces: 16 MB is the least that the server itself needs for its log of changes.
long=$(results long 50 | afresh)
SIM_CLUSTER_FILE_SIZE=16384 restart
since=$(log_size)
check_same "where large pieces are refused results are right" "$(results long 50 | session)" "$long"
check "they lie in smaller ones" "$(is 'entries = 50 AND evictions = 0 AND held > 3 * 16777216 / 2')"
check_same "which is no error" "$(logged_since "$since")" ""
restart

# A small /dev/shm, as containers have.
with_small_memory() {
  unshare -m bash -c "mount -t tmpfs -o size=8m,mode=1777 tmpfs /dev/shm && $1 '$SIM_SOURCE/scripts/cluster.sh' restart"
}
if with_small_memory "" 2>/dev/null; then
  since=$(log_size)
  check_same "where memory is small results are right" "$(results middle 40 | session)" "$(results middle 40 | afresh)"
  check "half of it is left to others" "$(is 'entries BETWEEN 5 AND 39 AND evictions > 0 AND held BETWEEN 2000000 AND 4194304')"
  check_same "small results find room as well" "$(results short 1000 | session)" "$wanted"
  check_same "and are found" "$(results short 1000 | session | tail -n 100)" "$(tail -n 100 <<<"$wanted")"
  check "in shared memory" "$(is 'hits >= 100')"
  check_same "the server's log says so once, and tells of no error" "$(logged_since "$since" | grep -c 'for now')" 1
  with_small_memory "head -c 5M /dev/zero >/dev/shm/others &&"
  since=$(log_size)
  check_same "where others have half of it results are right" "$(results short 100 | session)" "$(head -n 100 <<<"$wanted")"
  check_same "and kept nowhere" "$(shared "entries, held, evictions")" "0|0|0"
  check_same "which is said once, and no error" "$(logged_since "$since" | wc -l)" 1
else
  skip "results are right where memory is small" "this user makes no /dev/shm"
fi
done_testing
