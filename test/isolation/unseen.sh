#!/usr/bin/env bash
# unseen.sh -- changes of a table that fire none of its triggers: what was read before is not used again.
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

bind() { run -c "SELECT sim.bind('m', 'a', '$1')" >>"$work/log"; }
changes_of_parts() { run -c "SELECT count(*) FROM sim.stored_changes WHERE relation = 'parts'::regclass"; }

readonly kRead="SELECT value FROM sim.effective_inputs('m')"

run >"$work/log" <<'SQL'
SELECT sim.create_model('m', E'input a = 1\noutput y = a');
CREATE TABLE parts (k integer, v float8) PARTITION BY LIST (k);
CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE part2 PARTITION OF parts FOR VALUES IN (2);
INSERT INTO parts VALUES (1, 10), (2, 20);
CREATE TABLE parent (v float8);
INSERT INTO parent VALUES (1), (2), (3);
DELETE FROM parent WHERE v < 3;
SQL

bind 'SELECT sum(v) FROM parts'
check_same "what is bound" "$(ask "$kRead")" 30

# A partition that is being detached is not read any more, though the command waits, and fails.
mkfifo "$work/reader"
run <"$work/reader" >"$work/read" &
exec 4>"$work/reader"
printf 'BEGIN; SELECT count(*) FROM parts;\n' >&4
until grep -q 2 "$work/read"; do sleep 0.02; done
run -c "SET statement_timeout = '1s'" -c "ALTER TABLE parts DETACH PARTITION part2 CONCURRENTLY" >>"$work/log" || true
exec 4>&-
check_same "a partition that is half detached is gone" "$(ask "$kRead")" 10
run -c "ALTER TABLE parts DETACH PARTITION part2 FINALIZE"
check_same "detached" "$(ask "$kRead")" 10
check_same "the binding is tracked all the while" "$(run -c "SELECT state FROM sim.bindings")" tracked

before=$(changes_of_parts)
run -c "CREATE FOREIGN DATA WRAPPER sim_test_wrapper" \
  -c "CREATE SERVER sim_test_server FOREIGN DATA WRAPPER sim_test_wrapper" \
  -c "CREATE FOREIGN TABLE part3 PARTITION OF parts FOR VALUES IN (3) SERVER sim_test_server"
check_same "a foreign table that is a partition has rows at once" "$(changes_of_parts)" "$((before + 1))"
run -c "DROP FOREIGN DATA WRAPPER sim_test_wrapper CASCADE"

bind 'SELECT count(*) FROM parent'
check_same "rows of a table" "$(ask "$kRead")" 1
ask "CREATE TEMPORARY TABLE child () INHERITS (parent); INSERT INTO child VALUES (1)"
check_same "and of a temporary child, in its session" "$(ask "$kRead")" 2
check_same "not in others" "$(run -c "$kRead")" 1
ask "DROP TABLE child"
check_same "as long as it is there" "$(ask "$kRead")" 1
ask "CREATE TEMPORARY TABLE child (v float8); INSERT INTO child VALUES (1)"
check_same "a temporary table is nothing to it" "$(ask "$kRead")" 1
ask "ALTER TABLE child INHERIT parent"
check_same "until it becomes a child" "$(ask "$kRead")" 2
ask "ALTER TABLE child NO INHERIT parent"
check_same "and when it ends to be one" "$(ask "$kRead")" 1

bind "SELECT count(*) FROM parent WHERE ctid = ''(0,3)''"
check_same "a row by its place" "$(ask "$kRead")" 1
run -c "VACUUM FULL parent"
check_same "which changes when the table is written anew" "$(ask "$kRead")" 0
bind "SELECT count(*) FROM parent WHERE tableoid = 0"
check_same "the oid of its table does not" "$(run -c "SELECT state FROM sim.bindings")" tracked

# Where a value hangs on the order in which rows come, any update may change it.
run >>"$work/log" <<'SQL'
CREATE TABLE piled (id integer PRIMARY KEY, v float8, note text);
INSERT INTO piled VALUES (1, 1e16), (2, 1), (3, -1e16), (4, 1);
CREATE VIEW two_piled AS SELECT v FROM piled LIMIT 2;
SQL
piled() { # QUERY: what the model says and what the query says after a row has moved
  run -c "UPDATE piled SET note = NULL" -c "VACUUM FULL piled" -c "TRUNCATE piled" \
    -c "INSERT INTO piled VALUES (1, 1e16), (2, 1), (3, -1e16), (4, 1)" >>"$work/log"
  bind "$1"
  ask "$kRead" >>"$work/log"
  run -c "UPDATE piled SET note = 'moved' WHERE id = 1"
  check_same "as the query: $1" "$(ask "$kRead")" "$(run -c "$1")"
  check_same "tracked" "$(run -c "SELECT state FROM sim.bindings WHERE model = 'm'")" tracked
}
piled 'SELECT (array_agg(v))[1] FROM piled'
piled 'SELECT sum(v) FROM piled'
piled 'SELECT avg(v) FROM piled'
piled 'SELECT max(w) FROM (SELECT first_value(v) OVER () AS w FROM piled) AS f'
piled 'SELECT max(v) FROM (SELECT v FROM piled OFFSET 2) AS f'
piled 'SELECT max(v) FROM two_piled'
bind 'SELECT max(v) + count(*) FROM piled'
check_same "what does not hang on it asks for no more than its columns" \
  "$(run -c "SELECT tgattr FROM pg_trigger WHERE tgrelid = 'piled'::regclass AND tgname = 'sim_change_update'")" 2

# A sum depends in its last bits on the order of the rows, which may change without any value.
run >>"$work/log" <<'SQL'
CREATE TABLE sales (region integer, amount float8);
INSERT INTO sales SELECT i % 3, sqrt(i) FROM generate_series(1, 10000) AS i;
CREATE INDEX sales_backwards ON sales (amount DESC);
SELECT sim.create_model('sums', E'data d (total)\ninput a ~ bootstrap(d.total)\noutput y = a');
SELECT sim.bind('sums', 'd', 'SELECT sum(amount) AS total FROM sales GROUP BY region');
SELECT sim.remember_readings('sums');
CREATE TABLE digest AS SELECT hash FROM sim.effective_inputs('sums') WHERE input = 'd';
CLUSTER sales USING sales_backwards;
SQL
check_same "sums of rows in another order" \
  "$(run -c "SELECT count(*) FROM sim.monte_carlo('sums', 10)" -c "SELECT hash <> (TABLE digest) FROM sim.effective_inputs('sums') WHERE input = 'd'")" \
  "$(printf '1\nt')"

exec 3>&-
wait
done_testing
