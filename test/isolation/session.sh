#!/usr/bin/env bash
# session.sh -- one session keeps what another changes: it never answers with what is no longer so.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=test/harness/tap.sh
source test/harness/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@" 2>&1; }

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

readonly kAnswer="SELECT value FROM sim.converge('m') WHERE variable = 'y'"
readonly kMean="SELECT mean FROM sim.monte_carlo('m', trials => 10) WHERE output = 'y'"

run >"$work/log" <<'SQL'
SELECT sim.create_model('m', E'input a = 1\noutput y = 10 * a');
CREATE TABLE price (value float8);
INSERT INTO price VALUES (2);
SELECT sim.bind('m', 'a', 'SELECT value FROM price');
SQL
check_same "a bound value" "$(ask "$kAnswer")" 20
check_same "simulated" "$(ask "$kMean")" 20
run -c "UPDATE price SET value = 3"
check_same "what another session committed is seen by the next statement" "$(ask "$kAnswer")" 30
check_same "also by a simulation" "$(ask "$kMean")" 30
run -c "SELECT sim.create_model('m', E'input a = 1\noutput y = 100 * a', replace => true)" >"$work/log"
check_same "a model that another session replaced" "$(ask "$kAnswer")" 300
check_same "simulated" "$(ask "$kMean")" 300

ask "BEGIN ISOLATION LEVEL REPEATABLE READ" >"$work/log"
check_same "a transaction with one snapshot" "$(ask "$kAnswer")" 300
run -c "UPDATE price SET value = 4"
run -c "SELECT sim.create_model('m', E'input a = 1\noutput y = 1000 * a', replace => true)" >"$work/log"
check_same "keeps to its snapshot" "$(ask "$kAnswer")" 300
check_same "in a simulation too" "$(ask "$kMean")" 300
ask "COMMIT" >"$work/log"
check_same "and sees all of it afterwards" "$(ask "$kAnswer")" 4000
check_same "in a simulation too" "$(ask "$kMean")" 4000

ask "BEGIN" >"$work/log"
ask "UPDATE price SET value = 5" >"$work/log"
check_same "a transaction sees its own change" "$(ask "$kAnswer")" 5000
check_same "and nobody else does" "$(run -c "$kAnswer")" 4000
ask "ROLLBACK" >"$work/log"
check_same "and nobody at all when it is rolled back" "$(ask "$kAnswer")" 4000

# VACUUM counts the rows of a table where no snapshot shows it.
run >"$work/log" <<'SQL'
CREATE TABLE counted WITH (autovacuum_enabled = false) AS SELECT generate_series(1, 10) AS number;
SELECT sim.create_model('c', E'input a = 1\noutput y = 10 * a');
SELECT sim.bind('c', 'a', 'SELECT reltuples FROM pg_catalog.pg_class WHERE relname = ''counted''');
SQL
readonly kCount="SELECT value FROM sim.converge('c') WHERE variable = 'y'"
check_same "the rows of a catalog" "$(ask "$kCount")" -10
run -c "VACUUM counted"
check_same "are read at every call" "$(ask "$kCount")" 100

# auto_explain explains what has run, when there is no snapshot left.
for statement in "$kAnswer" "$kMean"; do
  check_same "explained after it ran" \
    "$(run -c "LOAD 'auto_explain'" -c "SET auto_explain.log_min_duration = 0" -c "$statement")" 4000
done

# A row that another session has just changed is locked, and its query evaluated again for the new row.
run -c "SELECT sim.create_model('f', E'input a = 1\noutput y = 10 * a')" \
  -c "CREATE TABLE item (a float8)" -c "INSERT INTO item VALUES (1)" >"$work/log"
# Column $1 of the function call $2, whose argument is the row. Two of them in a UNION ALL are scans of their own.
rows_of_changed_item() {
  local second
  ask "BEGIN" >"$work/log"
  ask "UPDATE item SET a = 2" >"$work/log"
  run -c "SELECT f.number FROM item, LATERAL (
      SELECT $1 AS number FROM $2 UNION ALL SELECT $1 FROM $2) AS f FOR UPDATE OF item" >"$work/second" &
  second=$!
  until [[ $(run -c "SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1 ]] || ! kill -0 "$second"; do sleep 0.02; done
  ask "COMMIT" >"$work/log"
  wait "$second" || true
  run -c "UPDATE item SET a = 1"
  cat "$work/second"
}
readonly kTwice=$'20\n20'
readonly kItem="overrides => jsonb_build_object('a', item.a)"
check_same "converged for a row that has changed meanwhile" "$(rows_of_changed_item value "sim.converge('f', $kItem)")" "$kTwice"
check_same "simulated" "$(rows_of_changed_item mean "sim.monte_carlo('f', trials => 1, $kItem)")" "$kTwice"
check_same "sampled" "$(rows_of_changed_item y "sim.samples('f', trials => 1, $kItem) AS s (trial bigint, y float8)")" "$kTwice"

# Each of two transactions reads what the other one writes, so only one of them may commit.
run -c "CREATE TABLE other (value float8)" -c "INSERT INTO other VALUES (1)"
check_same "kept before a serializable transaction" "$(ask "$kAnswer")" 4000
ask "BEGIN ISOLATION LEVEL SERIALIZABLE" >"$work/log"
check_same "asked in it" "$(ask "$kAnswer")" 4000
ask "INSERT INTO other VALUES (2)" >"$work/log"
run -c "BEGIN ISOLATION LEVEL SERIALIZABLE" -c "UPDATE price SET value = (SELECT 4 * sum(value) FROM other)" -c "COMMIT"
printf '\\set ON_ERROR_STOP 0\n' >&3
check_same "and read by it" "$(ask COMMIT | grep -c 'could not serialize access')" 1

ask "DISCARD ALL" >"$work/log"
check_same "after DISCARD ALL" "$(ask "$kAnswer")" 4000
run -c "DROP EXTENSION pg_simulate CASCADE" -c "CREATE EXTENSION pg_simulate" >"$work/log"
run >"$work/log" <<'SQL'
SELECT sim.create_model('m', E'input a = 1\noutput y = 7 * a');
SQL
check_same "a model of the same name and number in an extension made anew" "$(ask "$kAnswer")" 7
check_same "simulated" "$(ask "$kMean")" 7

exec 3>&-
wait
done_testing
