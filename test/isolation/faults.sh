#!/usr/bin/env bash
# faults.sh -- a value that cannot be used, from the moment it is committed until it is mended, in sessions that keep what they have read.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t "$@" 2>&1; }

# One session that stays: ask STATEMENT prints its answer.
mkfifo "$work/questions"
printf 'end 0\n' >"$work/answers"
run <"$work/questions" >>"$work/answers" &
exec 3>"$work/questions"
ask() {
  local number
  number=$(grep -c '^end ' "$work/answers")
  printf '%s;\n\\echo end %s\n' "$1" "$number" >&3
  until grep -q "^end $number\$" "$work/answers"; do sleep 0.02; done
  sed -n "/^end $((number - 1))\$/,\$p" "$work/answers" | grep -v '^end ' || true
}

run >"$work/log" <<'SQL'
CREATE TABLE prices (item text, value float8);
INSERT INTO prices VALUES ('steel', 2);
CREATE TABLE rows_read (at text);
CREATE TABLE many (value float8);
INSERT INTO many VALUES (1), (2), (3);
SELECT sim.create_model('m', E'data d(value)\ninput a = 1\ninput b ~ empirical(d.value)\noutput x = 10 * a\noutput y = 5\noutput z = b');
SELECT sim.bind('m', 'a', 'SELECT value FROM prices WHERE item = ''steel''');
SELECT sim.bind('m', 'd', 'SELECT value FROM many');
SQL
of() { printf "SELECT mean FROM sim.monte_carlo('m', 10, overrides => '{\"b\": 1}') WHERE output = '%s'" "$1"; }
converged() { printf "SELECT value FROM sim.converge('m') WHERE variable = '%s'" "$1"; }
readonly kNull='ERROR:  row 1 of the query for "a" has NULL in column "value"'
readonly kKeys="SELECT output, key IS NULL FROM sim.output_keys('m', 10) ORDER BY 1"
readonly kRun="SELECT output, current FROM sim.results ORDER BY 1"

check_same "a value" "$(ask "$(of x)")" 20
run -c "SELECT sim.run('m', 10, overrides => '{\"b\": 1}')" >"$work/log"
check_same "a stored run is current" "$(ask "$kRun")" $'x|t\ny|t\nz|t'
run -c "UPDATE prices SET value = NULL"
for round in first second; do
  check_same "the $round who reads the fault meets it" "$(ask "$(of x)" | head -n 1)" "$kNull"
  check_same "converging too" "$(ask "$(converged x)" | head -n 1)" "$kNull"
  check_same "who does not, does not" "$(ask "$(of y)")" 5
  check_same "converging neither" "$(ask "$(converged y)")" 5
  check_same "what reads it has no key" "$(ask "$kKeys")" $'x|t\ny|f\nz|f'
  check_same "and is not current" "$(ask "$kRun")" $'x|f\ny|t\nz|t'
done
check_same "another session sees the same" "$(run -c "$(of x)" | head -n 1)" "$kNull"
check_same "in its first statement" "$(run -c "$(of y)")" 5

ask "BEGIN ISOLATION LEVEL REPEATABLE READ" >"$work/log"
check_same "a transaction that has begun with it" "$(ask "$(of y)")" 5
run -c "UPDATE prices SET value = 3"
check_same "keeps it" "$(ask "SAVEPOINT s; $(of x)" | head -n 1)" "$kNull"
ask "ROLLBACK TO s" >"$work/log"
check_same "with all that does not read it" "$(ask "$(of y)")" 5
check_same "while others have the value that mends it" "$(run -c "$(of x)")" 30
ask "COMMIT" >"$work/log"
check_same "and it has it afterwards" "$(ask "$(of x)")" 30

# Reading the fault again is no change of what does not read it.
run -c "UPDATE many SET value = NULL WHERE value = 3"
check_same "a block with a fault" "$(ask "SELECT mean FROM sim.monte_carlo('m', 10) WHERE output = 'z'" | head -n 1)" \
  'ERROR:  row 3 of the query for "d" has NULL in column "value"'
run -c "UPDATE prices SET value = 4"
check_same "another value changes meanwhile" "$(ask "SELECT mean FROM sim.monte_carlo('m', 10) WHERE output = 'x'")" 40
check_same "the fault is still there" "$(ask "SELECT mean FROM sim.monte_carlo('m', 10) WHERE output = 'z'" | head -n 1)" \
  'ERROR:  row 3 of the query for "d" has NULL in column "value"'
run -c "DELETE FROM many WHERE value IS NULL"
check_same "and is gone when it is mended" "$(ask "SELECT count(*) FROM sim.monte_carlo('m', 10)")" 3

# A right, which no log tells of.
run -c "CREATE ROLE sim_test_poor" -c "GRANT SELECT ON prices TO sim_test_poor" -c "GRANT CREATE, USAGE ON SCHEMA public TO sim_test_poor"
run >"$work/log" <<'SQL'
SET ROLE sim_test_poor;
SELECT sim.create_model('p', E'input a = 1\noutput x = 10 * a\noutput y = 5');
SELECT sim.bind('p', 'a', 'SELECT value FROM public.prices');
SQL
readonly kPoor="SELECT mean FROM sim.monte_carlo('p', 10) WHERE output"
check_same "a right" "$(ask "$kPoor = 'x'")" 40
run -c "REVOKE SELECT ON prices FROM sim_test_poor" -c "UPDATE prices SET value = 5"
check_same "that is lost" "$(ask "$kPoor = 'x'" | head -n 1)" 'ERROR:  permission denied for table prices'
check_same "is not missed where it is not needed" "$(ask "$kPoor = 'y'")" 5
run -c "GRANT SELECT ON prices TO sim_test_poor"
check_same "and counts again as soon as it is given" "$(ask "$kPoor = 'x'")" 50

# What keeps a binding from being read for a moment is none of its faults.
run -c "UPDATE prices SET value = 6"
mkfifo "$work/locker"
run <"$work/locker" >"$work/locked" &
exec 4>"$work/locker"
printf 'BEGIN; LOCK TABLE prices IN ACCESS EXCLUSIVE MODE;\nSELECT 1;\n' >&4
until grep -q 1 "$work/locked"; do sleep 0.02; done
check_same "a lock that is waited for too long" "$(run -c "SET lock_timeout = '100ms'" -c "$(of y)" | head -n 1)" \
  'ERROR:  canceling statement due to lock timeout'
check_same "a statement that takes too long" "$(run -c "SET statement_timeout = '100ms'" -c "$(of y)" | head -n 1)" \
  'ERROR:  canceling statement due to statement timeout'
printf 'COMMIT;\n' >&4
exec 4>&-
check_same "leave nothing behind" "$(run -c "$(of x)")" 60

# Each of two transactions reads what the other one writes, one of them in vain: only one may commit.
run -c "CREATE TABLE other (value float8)" -c "INSERT INTO other VALUES (1)" -c "UPDATE prices SET value = NULL"
ask "BEGIN ISOLATION LEVEL SERIALIZABLE" >"$work/log"
check_same "a fault in a serializable transaction" "$(ask "$(of y)")" 5
ask "INSERT INTO other VALUES (2)" >"$work/log"
run -c "BEGIN ISOLATION LEVEL SERIALIZABLE" -c "UPDATE prices SET value = (SELECT sum(value) FROM other)" -c "COMMIT"
check_same "was read by it" "$(ask COMMIT | grep -c 'could not serialize access')" 1

# The server has no subtransactions in a parallel query: the error is that of the query.
run -c "UPDATE prices SET value = NULL"
forced=$(run -c "SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')")
check_same "in a parallel query a fault ends the statement" \
  "$(run -c "SET $forced = on" -c "SELECT count(key) FROM sim.output_keys('m', 10)" | head -n 1)" "$kNull"

run -c "DROP OWNED BY sim_test_poor CASCADE" -c "DROP ROLE sim_test_poor" >"$work/log"
exec 3>&-
wait
done_testing
