#!/usr/bin/env bash
# cache.sh -- results that sessions share: computed once, whoever is cancelled, killed or out of room, and the same numbers.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source=test/harness/tap.sh
source "$SIM_SOURCE/test/harness/tap.sh"

work=$(mktemp -d)

session() { PGOPTIONS="-c client_min_messages=error ${OPTIONS:-}" psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }
as_server() {
  if [[ $(id -u) -eq 0 ]]; then
    (cd "$SIM_CLUSTER" && runuser -u "$(stat -c %U "$SIM_CLUSTER")" -- "$@")
  else
    "$@"
  fi
}
restart() { "$SIM_SOURCE/scripts/cluster.sh" restart; }
set_server() { session -c "ALTER SYSTEM SET $1" >/dev/null; }

cleanup() {
  "$SIM_SOURCE/scripts/cluster.sh" standby stop
  session -c "ALTER SYSTEM RESET ALL" >/dev/null || true
  restart >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

# All statistics of a model with a seed, as one value. The slow ones take half a second or so.
statistics_of() { printf "SELECT md5(string_agg(m::text, ',')) FROM sim.monte_carlo('%s', %d, seed => %d) AS m" "$@"; }
quick() { statistics_of quick 1000 "$1"; }
slow() { statistics_of slow 2000000 "$1"; }

# What sim.cache_stats says: COLUMN of LEVEL.
stat_of() { session -c "SELECT $1 FROM sim.cache_stats WHERE level = '$2'"; }
empty() { session -c "SELECT sim.cache_clear()" >/dev/null; }

# Starts a session that computes the slow result of a seed, and waits until it is at it. Its process is $claimant.
start_claimant() {
  PGAPPNAME=claimant OPTIONS=${2:-} session -c "$(slow "$1")" >"$work/claimant" &
  wait_for_claimant $!
}

# Until the session that the shell's job $1 runs is at it.
wait_for_claimant() {
  claimant=""
  until [[ -n $claimant ]]; do
    kill -0 "$1" 2>/dev/null || fail "nothing is computed"
    claimant=$(session -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'claimant' AND state = 'active'")
  done
  sleep 0.05
}

set_server "shared_preload_libraries = 'pg_simulate'"
restart
set_server "sim.cache_shared_size = '2MB'"
# One process a result: what is timed here must not depend on workers that happen to be free.
set_server "max_parallel_workers_per_gather = 0"
restart
session <<'SQL' >/dev/null
SELECT sim.create_model('quick', $$
  steps 20 year
  input a[t] ~ normal(80, 12)
  level[0] = 100
  level[t] = level[t-1] + a[t]
  output level[t]
$$);
SELECT sim.create_model('slow', $$
  steps 100 year
  input a[t] ~ normal(80, 12)
  level[0] = 100
  level[t] = level[t-1] + a[t]
  result = level[last]
  output result
$$);
SQL
check_same "a server that preloads the library has three levels" \
  "$(session -c "SELECT string_agg(level, ' ') FROM sim.cache_stats")" "session shared table"

# One session finds what another has computed.
empty
afresh=$(OPTIONS="-c sim.cache=off" session -c "$(quick 1)")
check_same "a session without the cache puts nothing" "$(stat_of entries shared)" 0
check_same "one that has it computes the same" "$(session -c "$(quick 1)")" "$afresh"
hits=$(stat_of hits shared)
check_same "another finds it" "$(session -c "$(quick 1)")" "$afresh"
check_same "in shared memory" "$(($(stat_of hits shared) - hits))" 1
check_same "functions that only compute leave the table alone" "$(stat_of puts table)" 0
createdb -T "$PGDATABASE" "${PGDATABASE}_copy"
hits=$(stat_of hits shared)
check_same "a copy of the database has the same numbers" "$(session -d "${PGDATABASE}_copy" -c "$(quick 1)")" "$afresh"
check_same "and its own results" "$(stat_of hits shared)" "$hits"
dropdb "${PGDATABASE}_copy"
check_same "what is too old is not found" \
  "$(OPTIONS="-c sim.cache_shared_ttl=0" session -c "$(quick 1)" -c "SELECT hits FROM sim.cache_stats WHERE level = 'shared'")" \
  "$(printf '%s\n%s' "$afresh" "$hits")"

# Twenty at once.
wanted=$(OPTIONS="-c sim.cache=off" session -c "$(slow 1)")
puts=$(stat_of puts shared)
for i in $(seq 20); do session -c "$(slow 1)" >"$work/at_once.$i" & done
wait
check_same "twenty sessions at once have one result" "$(sort -u "$work"/at_once.*)" "$wanted"
check_same "that was computed once" "$(($(stat_of puts shared) - puts))" 1

# Sessions whose wishes overlap: each takes what nobody else is at, and waits for the rest.
session -c "SELECT sim.create_scenario('slow', 's' || i, jsonb_build_object('a', '~ normal(' || i || ', 12)')) FROM generate_series(1, 6) AS i" >/dev/null
overlapping() {
  printf "SELECT md5(string_agg(m::text, ',')) FROM sim.monte_carlo('slow', 200000, scenarios => ARRAY['s%d', 's%d', 's%d']) AS m" \
    $(($1 % 6 + 1)) $((($1 + 1) % 6 + 1)) $((($1 + 3) % 6 + 1))
}
puts=$(stat_of puts shared)
for i in $(seq 12); do session -c "$(overlapping "$i")" >"$work/overlapping.$i" & done
wait
for i in $(seq 6); do OPTIONS="-c sim.cache=off" session -c "$(overlapping "$i")"; done >"$work/overlapping.afresh"
check_same "sessions whose wishes overlap have the right results" "$(cat "$work"/overlapping.{1..12})" \
  "$(cat "$work/overlapping.afresh" "$work/overlapping.afresh")"
check_same "that were computed once" "$(($(stat_of puts shared) - puts))" 6

# Who computes is cancelled, told to exit, killed.
start_claimant 2 "-c statement_timeout=300ms"
check_same "a session waits for one that is cancelled, and computes it" "$(session -c "$(slow 2)")" \
  "$(OPTIONS="-c sim.cache=off" session -c "$(slow 2)")"
wait
check_same "which was cancelled" "$(tail -n 1 "$work/claimant")" "ERROR:  canceling statement due to statement timeout"
start_claimant 3
session -c "$(slow 3)" >"$work/waiting" &
waiting=$!
session -c "SELECT pg_terminate_backend($claimant)" >/dev/null
wait $waiting
check_same "a session waits for one that is told to exit" "$(cat "$work/waiting")" \
  "$(OPTIONS="-c sim.cache=off" session -c "$(slow 3)")"
wait
# A block that catches the cancel goes on, and what it had claimed is free.
PGAPPNAME=claimant session -c "DO \$\$ BEGIN
  BEGIN
    PERFORM $(slow 7 | sed 's/^SELECT //');
  EXCEPTION WHEN query_canceled THEN
    PERFORM pg_sleep(30);
  END;
END \$\$" >/dev/null &
wait_for_claimant $!
session -c "SELECT pg_cancel_backend($claimant)" >/dev/null
check_same "a session does not wait for a transaction that has given up" \
  "$(OPTIONS="-c statement_timeout=20s -c sim.cache_wait=1min" session -c "$(slow 7)")" \
  "$(OPTIONS="-c sim.cache=off" session -c "$(slow 7)")"
session -c "SELECT pg_cancel_backend($claimant)" >/dev/null
wait
start_claimant 4
check_same "a session that may not wait computes it itself" "$(OPTIONS="-c sim.cache_wait=0" session -c "$(slow 4)")" \
  "$(OPTIONS="-c sim.cache=off" session -c "$(slow 4)")"
wait
start_claimant 5
began=$(date +%s%N)
check_same "a session that waits is cancelled" \
  "$(OPTIONS="-c statement_timeout=50ms" session -c "$(slow 5)" | tail -n 1)" \
  "ERROR:  canceling statement due to statement timeout"
check "at once" "$([[ $((($(date +%s%N) - began) / 1000000)) -lt 250 ]] || echo "after more than 250 ms")"
wait
start_claimant 6
as_server kill -9 "$claimant"
wait || true
until session -c "SELECT 1" >/dev/null; do sleep 0.1; done
check_same "after a session was killed shared memory is empty" "$(stat_of entries shared)" 0
check_same "and in order" "$(session -c "$(slow 1)")" "$wanted"

# More than there is room for.
for seed in $(seq 60); do
  printf '%s;\n' "$(quick "$seed")"
done >"$work/many.sql"
OPTIONS="-c sim.cache=off" session -f "$work/many.sql" >"$work/many.afresh"
for i in 1 2 3 4; do
  for again in 1 2 3; do
    OPTIONS="-c sim.cache_session_size=64kB" session -f "$work/many.sql" >"$work/many.$i.$again"
  done &
done
wait
for i in 1 2 3 4; do
  check_same "session $i of four has the right results where there is no room for them" \
    "$(cat "$work/many.$i.1" "$work/many.$i.2" "$work/many.$i.3")" \
    "$(cat "$work/many.afresh" "$work/many.afresh" "$work/many.afresh")"
done
check "shared memory holds no more than it may" "$([[ $(stat_of held shared) -le 2097152 ]] || stat_of held shared)"
check "a session holds no more than it may" "$(OPTIONS="-c sim.cache_session_size=64kB" session -f "$work/many.sql" \
  -c "SELECT bytes FROM sim.cache_stats WHERE level = 'session' AND bytes > 65536" | grep -vxE '[0-9a-f]{32}' || true)"

# What functions that store have put outlives the server.
session -c "SELECT sim.warm('quick', 1000, 1)" >/dev/null
check "the table has results" "$([[ $(stat_of entries table) -ge 1 ]] || stat_of entries table)"
restart
hits=$(stat_of hits table)
check_same "after a restart" "$(session -c "$(quick 1)")" "$afresh"
check_same "the table has it" "$(($(stat_of hits table) - hits))" 1
check_same "and has put it into shared memory" "$(stat_of puts shared)" 1
session -c "UPDATE sim.stored_cache SET payload = set_byte(payload, 20, (get_byte(payload, 20) + 1) % 256)"
session -c "SELECT sim.cache_clear('shared')" >/dev/null
hits=$(stat_of hits table)
check_same "a damaged result is computed again" "$(session -c "$(quick 1)")" "$afresh"
check_same "and not believed" "$(stat_of hits table)" "$hits"
session -c "SELECT sim.cache_clear()" -c "SELECT sim.warm('quick', 1000, 1)" >/dev/null

# A table that somebody holds is done without, and holds up nobody.
session -c "BEGIN" -c "LOCK TABLE sim.stored_cache" -c "SELECT pg_sleep(3)" >/dev/null &
sleep 0.5
check_same "while the table is locked" "$(OPTIONS="-c statement_timeout=2s" session -c "SELECT sim.cache_clear('shared')" \
  -c "$(quick 1)" -c "SELECT count(*) FROM sim.warm('quick', 1000, 7)" | tail -n 2 | head -n 1)" "$afresh"
wait

# The unlogged table is one of its own, and empty after a crash.
unlogged() { OPTIONS="-c sim.cache_table_persistence=unlogged ${OPTIONS:-}" session "$@"; }
rows_of() { session -c "SELECT count(*) FROM sim.$1"; }
hits=$(stat_of hits table)
logged=$(rows_of stored_cache)
session -c "SELECT sim.cache_clear('shared')" >/dev/null
check_same "a session that uses the unlogged table" "$(unlogged -c "$(quick 1)")" "$afresh"
check_same "finds nothing there" "$(stat_of hits table)" "$hits"
unlogged -c "SELECT sim.warm('quick', 1000, 1)" >/dev/null
check_same "and writes nothing else" "$(rows_of stored_cache)" "$logged"
check_same "what it has written is counted" "$(stat_of entries table)" "$((logged + $(rows_of stored_cache_unlogged)))"
session -c "SELECT sim.cache_clear('shared')" >/dev/null
check_same "and found" "$(unlogged -c "$(quick 1)")" "$afresh"
check_same "in the table" "$(($(stat_of hits table) - hits))" 1
check_same "no more than there is room for is left in both" "$(OPTIONS="-c sim.cache_table_size=4kB" session -c "SELECT sim.cache_prune() > 0" \
  -c "SELECT bytes <= 4096 FROM sim.cache_stats WHERE level = 'table'")" "$(printf 't\nt')"
session -c "SELECT sim.cache_clear('table')" >/dev/null
check_same "both are emptied" "$(rows_of stored_cache) $(rows_of stored_cache_unlogged)" "0 0"
OPTIONS="-c synchronous_commit=on" session -c "SELECT sim.warm('quick', 1000, 1)" >/dev/null
unlogged -c "SELECT sim.cache_clear('shared')" -c "SELECT sim.warm('quick', 1000, 2)" >/dev/null
"$SIM_SOURCE/scripts/cluster.sh" restart immediate
check "after a crash the logged table has what it had" "$([[ $(rows_of stored_cache) -gt 0 ]] || echo nothing)"
check_same "the unlogged one nothing" "$(rows_of stored_cache_unlogged)" 0
check_same "and both can be used" "$(unlogged -c "$(quick 2)" -c "SELECT count(*) FROM sim.warm('quick', 1000, 2)"; session -c "$(quick 1)")" \
  "$(OPTIONS="-c sim.cache=off" session -c "$(quick 2)"; printf '1\n%s' "$afresh")"

# A standby reads the table.
"$SIM_SOURCE/scripts/cluster.sh" standby
standby() { session -p 5433 "$@"; }
check_same "on a standby" "$(standby -c "$(quick 1)")" "$afresh"
check_same "the table has it" "$(standby -c "SELECT hits FROM sim.cache_stats WHERE level = 'table'")" 1
check_same "what is not there is computed" "$(standby -c "$(slow 1)")" "$wanted"
check_same "and found in its shared memory" "$(standby -c "$(slow 1)" -c "SELECT hits FROM sim.cache_stats WHERE level = 'shared'" |
  tail -n 1)" 1
check_same "emptying it empties what can be emptied" \
  "$(standby -c "SELECT sim.cache_clear()" -c "SELECT entries FROM sim.cache_stats WHERE level <> 'table'")" "$(printf '\n0\n0')"
standby -c "SELECT sim.cache_clear('shared')" >/dev/null
hits=$(standby -c "SELECT hits FROM sim.cache_stats WHERE level = 'table'")
check_same "whatever table its sessions shall use" "$(OPTIONS="-c sim.cache_table_persistence=unlogged" standby -c "$(quick 1)")" "$afresh"
check_same "it reads the logged one" "$(standby -c "SELECT hits - $hits, entries > 0 FROM sim.cache_stats WHERE level = 'table'")" "1|t"
session -c "ALTER TABLE sim.stored_cache SET UNLOGGED"
sleep 0.5
check_same "it does without a table that was made unlogged" "$(standby -c "SELECT sim.cache_clear('shared')" -c "$(quick 1)" | tail -n 1)" "$afresh"
done_testing
