#!/usr/bin/env bash
# storage.sh -- commands that follow no snapshots, such as TRUNCATE, at work beside statements that read models: what is told
# is what a query of the table finds at that moment, and goes on to find until the transaction ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t "$@" 2>&1; }

# Sessions that stay: tell NAME STATEMENT, then answer NAME prints what came of it; ask does both.
declare -A pipe
open_session() {
  local name=$1
  mkfifo "$work/$name.in"
  printf 'end 0\n' >"$work/$name.out"
  echo 0 >"$work/$name.sent"
  run <"$work/$name.in" >>"$work/$name.out" &
  exec {descriptor}>"$work/$name.in"
  pipe[$name]=$descriptor
}
tell() {
  local number=$(($(<"$work/$1.sent") + 1))
  echo $number >"$work/$1.sent"
  printf '%s;\n\\echo end %s\n' "$2" $number >&"${pipe[$1]}"
}
is_done() { grep -q "^end $(<"$work/$1.sent")\$" "$work/$1.out"; }
answer() {
  until is_done "$1"; do sleep 0.02; done
  sed -n "/^end $(($(<"$work/$1.sent") - 1))\$/,\$p" "$work/$1.out" | grep -v '^end ' || true
}
ask() {
  tell "$1" "$2"
  answer "$1"
}
waits_for() {
  [[ $(run -c "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $(<"$work/$1.pid") AND locktype = '$2'") -gt 0 ]]
}
# Until the session waits for the lock of a table; says so, or that it ends.
see_if_it_waits() {
  until is_done "$1" || waits_for "$1" relation; do sleep 0.02; done
  if is_done "$1"; then echo ends; else echo waits; fi
}

for name in reader changer guard; do
  open_session "$name"
  ask "$name" "SELECT pg_backend_pid()" >"$work/$name.pid"
done

run >"$work/log" <<'SQL'
-- Waits for the guard to open; what a statement calls after it happens under the snapshot of before.
CREATE FUNCTION wait_here() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_lock(1);
  PERFORM pg_advisory_unlock(1);
  RETURN '';
END $$;
-- No statement that calls it names the table.
CREATE FUNCTION found() RETURNS float8 STABLE LANGUAGE plpgsql AS $$
DECLARE
  total float8;
BEGIN
  EXECUTE 'SELECT coalesce(sum(v), 0) FROM t' INTO total;
  RETURN total;
END $$;
CREATE FUNCTION told() RETURNS float8 STABLE LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT value FROM sim.converge('m') WHERE variable = 'y');
END $$;
CREATE FUNCTION simulated() RETURNS float8 STABLE LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT mean FROM sim.monte_carlo('m', trials => 10));
END $$;
-- What the result view says where it calls it current.
CREATE FUNCTION shown() RETURNS float8 STABLE LANGUAGE plpgsql AS $$
DECLARE
  mean float8;
BEGIN
  EXECUTE 'SELECT CASE state WHEN ''current'' THEN mean ELSE found() END FROM total' INTO mean;
  RETURN mean;
END $$;
SQL

# A table t (or what has its name) whose sum is 10, that a command leaves as one whose sum is another.
declare -A setup=(
  [truncate]="CREATE TABLE t AS SELECT 10::float8 AS v"
  [truncate_part]="CREATE TABLE t (k integer, v float8) PARTITION BY LIST (k);
    CREATE TABLE part PARTITION OF t FOR VALUES IN (1); CREATE TABLE other PARTITION OF t FOR VALUES IN (2);
    INSERT INTO t VALUES (1, 7), (2, 3)"
  [detach]="CREATE TABLE t (k integer, v float8) PARTITION BY LIST (k);
    CREATE TABLE part PARTITION OF t FOR VALUES IN (1); CREATE TABLE other PARTITION OF t FOR VALUES IN (2);
    INSERT INTO t VALUES (1, 7), (2, 3)"
  [attach]="CREATE TABLE t (k integer, v float8) PARTITION BY LIST (k);
    CREATE TABLE part PARTITION OF t FOR VALUES IN (1); INSERT INTO t VALUES (1, 10);
    CREATE TABLE other AS SELECT 2 AS k, 5::float8 AS v"
  [inherit]="CREATE TABLE t (v float8); INSERT INTO t VALUES (4); CREATE TABLE child () INHERITS (t);
    INSERT INTO child VALUES (6)"
  [swap]="CREATE TABLE t AS SELECT 10::float8 AS v; CREATE TABLE next AS SELECT 20::float8 AS v"
  [refresh]="CREATE TABLE base AS SELECT 10::float8 AS v; CREATE MATERIALIZED VIEW t AS SELECT v FROM base;
    UPDATE base SET v = 30"
  [rewrite]="CREATE TABLE t AS SELECT 10::float8 AS v, 1 AS other"
  [inner_view]="CREATE TABLE base AS SELECT 10::float8 AS v; CREATE VIEW t AS SELECT v FROM base"
  [vacuum]="CREATE TABLE t AS SELECT 10::float8 AS v"
  [unlogged]="CREATE UNLOGGED TABLE t AS SELECT 10::float8 AS v"
  [drop]="CREATE TABLE t AS SELECT 10::float8 AS v"
)
declare -A change=(
  [truncate]="BEGIN; TRUNCATE t; INSERT INTO t VALUES (50); COMMIT"
  [truncate_part]="BEGIN; INSERT INTO part VALUES (1, 1); TRUNCATE part; INSERT INTO part VALUES (1, 50); COMMIT"
  [detach]="ALTER TABLE t DETACH PARTITION part"
  [attach]="ALTER TABLE t ATTACH PARTITION other FOR VALUES IN (2)"
  [inherit]="ALTER TABLE child NO INHERIT t"
  [swap]="BEGIN; ALTER TABLE t RENAME TO former; ALTER TABLE next RENAME TO t; DROP TABLE former CASCADE; COMMIT"
  [refresh]="REFRESH MATERIALIZED VIEW t"
  [rewrite]="ALTER TABLE t ALTER COLUMN other TYPE text"
  [inner_view]="CREATE OR REPLACE VIEW t AS SELECT v + 1 AS v FROM base"
  [vacuum]="VACUUM FULL t"
  [unlogged]="BEGIN; TRUNCATE t; INSERT INTO t VALUES (50); COMMIT"
  [drop]="BEGIN; DROP TABLE t CASCADE; CREATE TABLE t AS SELECT 60::float8 AS v; COMMIT"
)
# What a query finds after the change under a snapshot of before; under a later one.
declare -A meanwhile=([truncate]=0 [truncate_part]=3 [detach]=3 [attach]=15 [inherit]=4 [swap]=20 [refresh]=30 [rewrite]=0
  [inner_view]=11 [vacuum]=10 [unlogged]=0 [drop]=0)
declare -A afterwards=([truncate]=50 [truncate_part]=53 [detach]=3 [attach]=15 [inherit]=4 [swap]=20 [refresh]=30 [rewrite]=10
  [inner_view]=11 [vacuum]=10 [unlogged]=50 [drop]=60)

prepare() {
  run >"$work/log" <<SQL
SELECT sim.drop_result_view('total', if_exists => true);
SELECT sim.drop_model('m', if_exists => true);
DROP MATERIALIZED VIEW IF EXISTS t;
DROP VIEW IF EXISTS t;
SQL
  run >"$work/log" -c "DROP TABLE IF EXISTS t, next, former, base, part, other, child CASCADE"
  run >"$work/log" <<SQL
${setup[$1]};
SELECT sim.create_model('m', E'input a = 1\noutput y = a');
SELECT sim.bind('m', 'a', 'SELECT coalesce(sum(v), 0) FROM t');
SELECT sim.create_result_view('total', 'm', trials => 10);
SELECT sim.remember_readings('m');
SQL
}
# The reader has read under the same snapshot, under an earlier one, or relies on what others have stored.
warm_up() {
  ask reader "DISCARD ALL" >"$work/log"
  [[ $1 == stored ]] || ask reader "SELECT told(), simulated(), shown()" >"$work/log"
  [[ $1 != earlier ]] || run -c "CREATE TABLE IF NOT EXISTS unrelated (a integer)" -c "INSERT INTO unrelated VALUES (1)" >"$work/log"
}
shut() { ask guard "SELECT pg_advisory_lock(1)" >"$work/log"; }
open_up() { ask guard "SELECT pg_advisory_unlock(1)" >"$work/log"; }
# The reader's answer to a statement during which, where it calls wait_here(), the table is changed.
meet() {
  shut
  tell reader "$1"
  until waits_for reader advisory; do sleep 0.02; done
  tell changer "$2"
  see_if_it_waits changer
  open_up
  answer reader
  answer changer >"$work/log"
}

for way in $(printf '%s\n' "${!setup[@]}" | sort); do
  for level in same earlier stored; do
    prepare "$way"
    warm_up $level
    check_same "$way, $level: a statement that was at work finds what a query finds" \
      "$(meet "SELECT wait_here(), told(), simulated(), shown(), found()" "${change[$way]}")" \
      "$(printf 'ends\n|%s|%s|%s|%s' "${meanwhile[$way]}" "${meanwhile[$way]}" "${meanwhile[$way]}" "${meanwhile[$way]}")"
    check_same "$way, $level: and so does the next" "$(ask reader "SELECT told(), simulated(), shown(), found()")" \
      "$(printf '%s|%s|%s|%s' "${afterwards[$way]}" "${afterwards[$way]}" "${afterwards[$way]}" "${afterwards[$way]}")"

    prepare "$way"
    warm_up $level
    ask reader "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1" >"$work/log"
    run -c "${change[$way]}" >"$work/log"
    check_same "$way, $level: so does a transaction with a snapshot of before" \
      "$(ask reader "SELECT told(), simulated(), shown(), found()")" \
      "$(printf '%s|%s|%s|%s' "${meanwhile[$way]}" "${meanwhile[$way]}" "${meanwhile[$way]}" "${meanwhile[$way]}")"
    ask reader "COMMIT" >"$work/log"
  done

  # ATTACH does not wait for who reads: in plain SQL, too, the next query in the statement finds what was attached.
  kept=$'waits\n10||10|10|10|10'
  [[ $way != attach ]] || kept=$'ends\n10||15|15|15|15'
  for first in told simulated shown found; do
    prepare "$way"
    warm_up same
    check_same "$way: what is found once $first has told" \
      "$(meet "SELECT $first(), wait_here(), told(), simulated(), shown(), found()" "${change[$way]}")" "$kept"
  done
  [[ $way != attach ]] || continue
  prepare "$way"
  warm_up stored
  ask reader "BEGIN ISOLATION LEVEL REPEATABLE READ" >"$work/log"
  ask reader "SELECT key IS NULL FROM sim.output_keys('m')" >"$work/log"
  tell changer "${change[$way]}"
  check_same "$way: for the whole transaction" "$(see_if_it_waits changer; ask reader "SELECT found(), told()")" $'waits\n10|10'
  ask reader "COMMIT" >"$work/log"
  answer changer >"$work/log"
done

# Another binding that has come is none of the snapshot's.
prepare truncate
warm_up same
check_same "a binding that is replaced while a statement is at work" \
  "$(meet "SELECT wait_here(), told()" "SELECT sim.bind('m', 'a', 'SELECT 1 + sum(v) FROM t')" | head -n 2)" \
  $'ends\nERROR:  the view that supplies "a" is gone'
check_same "holds for the next" "$(ask reader "SELECT told()")" 11

# An open transaction that has truncated is waited for, as by whoever reads, and as long as he wants to wait.
prepare truncate
warm_up same
ask changer "BEGIN; TRUNCATE t" >"$work/log"
for look in told simulated; do
  check_same "$look waits for an open transaction until lock_timeout" \
    "$(ask reader "SET lock_timeout = '100ms'; SELECT $look()" | head -n 1)" "ERROR:  canceling statement due to lock timeout"
  check_same "$look: or statement_timeout" \
    "$(ask reader "RESET lock_timeout; SET statement_timeout = '100ms'; SELECT $look(); RESET statement_timeout" | head -n 1)" \
    "ERROR:  canceling statement due to statement timeout"
  ask reader "RESET ALL" >"$work/log"
done
check_same "so does a result view, but not its numbers" \
  "$(ask reader "SET lock_timeout = '100ms'; SELECT mean, state FROM total; SELECT mean FROM total_stored; RESET lock_timeout")" \
  $'ERROR:  canceling statement due to lock timeout\n10'
check_same "who has truncated waits for nobody" "$(ask changer "SELECT told(), found()")" "0|0"
tell reader "SELECT told(), simulated(), shown(), found()"
check_same "a reader waits" "$(see_if_it_waits reader; ask changer "ROLLBACK"; answer reader)" $'waits\n10|10|10|10'

# A statement that waits when it is planned sees what came then, as one that names the table does.
declare -A planned=(["sim.converge"]="SELECT value FROM sim.converge('m') WHERE variable = 'y'"
  ["sim.monte_carlo"]="SELECT mean FROM sim.monte_carlo('m', trials => 10)"
  ["a query in it"]="SELECT (SELECT mean FROM sim.monte_carlo(m.name, trials => 10)) FROM (VALUES ('m')) AS m (name)"
  ["the table"]="SELECT sum(v) FROM t")
for what in "${!planned[@]}"; do
  prepare truncate
  ask reader "DISCARD ALL; ${planned[$what]}" >"$work/log"
  ask changer "BEGIN; TRUNCATE t; INSERT INTO t VALUES (50)" >"$work/log"
  tell reader "${planned[$what]}"
  check_same "a statement that waits for $what" "$(see_if_it_waits reader; ask changer "COMMIT"; answer reader)" $'waits\n50'
done
prepare truncate
ask reader "DISCARD ALL; SELECT mean, state FROM total" >"$work/log"
ask changer "BEGIN; TRUNCATE t; INSERT INTO t VALUES (50)" >"$work/log"
tell reader "SELECT mean, state FROM total"
check_same "or for a result view" "$(see_if_it_waits reader; ask changer "SELECT sim.refresh_result_view('total'); COMMIT"; answer reader)" \
  $'waits\nt\n50|current'

# A lock that a subtransaction gives back.
prepare truncate
warm_up stored
ask reader "BEGIN ISOLATION LEVEL REPEATABLE READ; SAVEPOINT s; SELECT told(); ROLLBACK TO s" >"$work/log"
tell changer "${change[truncate]}"
check_same "what a subtransaction was told is asked again when it was rolled back" \
  "$(see_if_it_waits changer; ask reader "SELECT told(), simulated(), shown(), found(); COMMIT")" $'ends\n0|0|0|0'
answer changer >"$work/log"

# A cursor has the snapshot of when it was opened.
prepare truncate
warm_up same
ask reader "BEGIN; DECLARE c CURSOR FOR SELECT told(), simulated(), shown(), found()" >"$work/log"
run -c "${change[truncate]}" >"$work/log"
check_same "a cursor that was open before" "$(ask reader "FETCH c; COMMIT; SELECT told()")" $'0|0|0|0\n50'

# Readers compare while tables are truncated, detached and refreshed; what is attached is empty.
run >"$work/log" <<'SQL'
DROP TABLE t CASCADE;
CREATE TABLE t (k integer, v float8) PARTITION BY LIST (k);
CREATE TABLE part PARTITION OF t FOR VALUES IN (1);
CREATE TABLE other PARTITION OF t FOR VALUES IN (2);
CREATE TABLE looks (wrong bigint, looked bigint);
CREATE PROCEDURE change_parts(loops integer) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..loops LOOP
    CASE i % 4
      WHEN 0 THEN TRUNCATE part; INSERT INTO part VALUES (1, i);
      WHEN 1 THEN ALTER TABLE t DETACH PARTITION other;
      WHEN 2 THEN TRUNCATE other; ALTER TABLE t ATTACH PARTITION other FOR VALUES IN (2);
      ELSE INSERT INTO t VALUES (1, i), (2, i);
    END CASE;
    COMMIT;
    PERFORM pg_sleep(random() * 0.01);
  END LOOP;
END $$;
CREATE FUNCTION nap() RETURNS text LANGUAGE sql AS $$ SELECT pg_sleep(random() * 0.003)::text $$;
CREATE PROCEDURE look(loops integer) LANGUAGE plpgsql AS $$
DECLARE
  wrong bigint := 0;
  was float8[];
BEGIN
  COMMIT;
  FOR i IN 1..loops LOOP
    SELECT ARRAY[q.a, q.b, q.c, q.d] INTO was
      FROM (SELECT nap() OFFSET 0) AS n,
      LATERAL (SELECT told() AS a, nap(), simulated() AS b, shown() AS c, nap(), found() AS d OFFSET 0) AS q;
    wrong := wrong + (was[1] <> was[4])::integer + (was[2] <> was[4])::integer + (was[3] <> was[4])::integer;
    COMMIT;
  END LOOP;
  INSERT INTO looks VALUES (wrong, 3 * loops);
END $$;
SQL
run -c "SELECT sim.rebind('m', 'a')" >>"$work/log"
jobs=()
for isolation in "read committed" "repeatable read"; do
  for cache in session table; do
    run -c "SET default_transaction_isolation = '$isolation'" -c "SET sim.cache = '$cache'" -c "CALL look(400)" >>"$work/log" &
    jobs+=("$!")
  done
done
run -c "CALL change_parts(600)" >>"$work/log" &
jobs+=("$!")
for job in "${jobs[@]}"; do wait "$job" || true; done
check_same "of many comparisons none differs" "$(run -c "SELECT sum(wrong), sum(looked) FROM looks")" "0|4800"

for name in reader changer guard; do printf '\\q\n' >&"${pipe[$name]}"; done
wait
done_testing
